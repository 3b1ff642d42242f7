/**
 * Gathers requests and sends them batch by batch: when enough have come, or when the first has waited long enough. What is
 * gathered together is sent in an order in which like stands beside like, so that equal requests cost one upstream call, and
 * a provider finds in its own prompt cache what nearly equal ones have in common. Guide, Advanced 3.
 * Invariant: every caller is settled once, with an answer of its own question, or leaves by its own signal.
 */
import { type Clock, createStopwatch, holdProcess, type Stopwatch, systemClock } from '../../core/clock.js';
import { ClosedError, isDeadlineError, isQueueFullError, isRateLimitError, QueueFullError } from '../../core/errors.js';
import type { Message } from '../../protocol/chat.js';
import { abortSignalOf, onAbort } from '../../resilience/abort.js';
import { Semaphore } from '../../resilience/semaphore.js';
import { SingleFlight } from '../../resilience/single-flight.js';
import { checkCall } from '../call.js';
import type { BatchRequest, BatchResult, ChatClient, ChatResponse, PerCall } from '../types.js';
import { checkRequests } from './batch-chat.js';
import { type BatchProcessorOptions, processorSettings } from './batch-processor-options.js';
import { BatchSize } from './batch-size.js';
import { type Gathered, gather, sideBySide } from './gathering.js';

interface Item extends Gathered {
  readonly signal: AbortSignal | undefined;
  readonly resolve: (response: ChatResponse | PromiseLike<ChatResponse>) => void;
  readonly unlisten: () => void;
}

export class BatchProcessor {
  readonly #client: ChatClient;
  readonly #clock: Clock;
  readonly #stopwatch: Stopwatch;
  readonly #intervalMs: number;
  readonly #maxPending: number;
  readonly #isAdaptive: boolean;
  readonly #size: BatchSize;
  readonly #places: Semaphore;
  readonly #flights: SingleFlight<ChatResponse> = new SingleFlight();
  readonly #gathered = new Set<Item>();
  readonly #batches = new Set<Promise<void>>();
  #cancelTimer: (() => void) | undefined;
  #unjoined = 0;
  #closing: Promise<void> | undefined;

  /** The client stays the caller's: close() does not close it. Throws a ConfigError. */
  constructor(client: ChatClient, options: BatchProcessorOptions = {}) {
    const {
      batchSize,
      intervalMs,
      concurrency,
      adaptive,
      maxPending,
      clock = systemClock,
    } = processorSettings(options);
    this.#client = client;
    this.#clock = clock;
    this.#stopwatch = createStopwatch(clock);
    this.#intervalMs = intervalMs;
    this.#maxPending = maxPending;
    this.#isAdaptive = adaptive !== undefined;
    this.#size = new BatchSize({ initial: batchSize, ...(adaptive ?? FIXED) });
    this.#places = new Semaphore({ permits: concurrency });
  }

  /** Requests that have not been sent to the client yet. */
  get pending(): number {
    return this.#gathered.size + this.#places.waiting;
  }

  /** Requests that make a batch now. */
  get batchSize(): number {
    return this.#size.current;
  }

  /**
   * The answer to one request, whichever batch it comes with. `perCall` is as in chat(); its signal takes this request away
   * and no other. Equal requests under way at the same time share one upstream call, unless they say `cache: false`; those
   * that joined have `shared: true` and cost nothing. Rejects with a QueueFullError beyond maxPending, with a ClosedError
   * after close(), and as chat() does. O(request).
   */
  async process(messages: readonly Message[], perCall: PerCall = {}): Promise<ChatResponse> {
    checkCall(messages, perCall);
    if (this.#closing !== undefined) throw new ClosedError('the batch processor is closed');
    perCall.signal?.throwIfAborted();
    if (this.pending >= this.#maxPending) throw new QueueFullError(`${this.#maxPending} requests are pending already`);
    const release = holdProcess();
    try {
      return await this.#enter(gather(messages, perCall), perCall.signal);
    } finally {
      release();
    }
  }

  /** All of them by process(): the results in the order of the requests. Rejects only for what is no list of requests. */
  async processBatch(requests: readonly BatchRequest[]): Promise<readonly BatchResult[]> {
    checkRequests('processBatch', requests);
    return Promise.all(
      requests.map(({ messages, perCall }) =>
        this.process(messages, perCall).then(
          (response): BatchResult => ({ ok: true, response }),
          (error: unknown): BatchResult => ({ ok: false, error }),
        ),
      ),
    );
  }

  /** Sends what is gathered, without waiting for more; resolves once all that was sent so far is settled. Never rejects. */
  async flush(): Promise<void> {
    while (this.#gathered.size > 0) this.#send();
    await Promise.all(this.#batches);
  }

  /** Refuses new requests and flushes. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.flush();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #enter(request: Gathered, signal: AbortSignal | undefined): Promise<ChatResponse> {
    return new Promise((resolve, reject) => {
      const unlisten = onAbort(signal, () => {
        this.#gathered.delete(item);
        if (this.#gathered.size === 0) this.#stopTimer();
        reject(signal?.reason);
      });
      const item: Item = { ...request, signal, resolve, unlisten };
      this.#gathered.add(item);
      if (this.#gathered.size >= this.#size.current) this.#send();
      else this.#cancelTimer ??= this.#clock.setTimer(this.#intervalMs, () => this.#send());
    });
  }

  /** Sends one batch of what is gathered; the interval begins anew for what is left. */
  #send(): void {
    this.#stopTimer();
    const size = this.#size.current;
    const batch = [...this.#gathered].slice(0, size);
    for (const item of batch) {
      this.#gathered.delete(item);
      // From here on its flight listens.
      item.unlisten();
    }
    if (this.#gathered.size > 0) this.#cancelTimer = this.#clock.setTimer(this.#intervalMs, () => this.#send());
    const ended = this.#ask(sideBySide(batch), batch.length >= size).finally(() => this.#batches.delete(ended));
    this.#batches.add(ended);
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Resolves when every request of the batch is settled. */
  async #ask(batch: readonly Item[], isFull: boolean): Promise<void> {
    const sentMs = this.#stopwatch();
    const took: number[] = [];
    let isRefused = false;
    const answers = batch.map(async (item) => {
      const answer = this.#answer(item);
      item.resolve(answer);
      try {
        const { cached, shared } = await answer;
        if (!cached && !shared) took.push(this.#stopwatch() - sentMs);
      } catch (error) {
        isRefused ||= isRateLimitError(error) || isDeadlineError(error) || isQueueFullError(error);
      }
    });
    await Promise.all(answers);
    if (!this.#isAdaptive) return;
    if (isRefused) this.#size.shrink();
    else if (took.length > 0) this.#size.note(took.reduce((sum, ms) => sum + ms, 0) / took.length, isFull);
  }

  async #answer({ messages, perCall, exact, signal }: Item): Promise<ChatResponse> {
    let isFirst = false;
    const name = exact ?? `alone ${this.#unjoined++}`;
    const response = await this.#flights.run(
      name,
      (flight) => {
        isFirst = true;
        const ask = { ...perCall, signal: abortSignalOf(flight) };
        return this.#places.run(() => this.#client.chat(messages, ask), flight);
      },
      { signal },
    );
    return isFirst ? response : { ...response, shared: true, stored: false, cost: 0 };
  }
}

/** Not adaptive: what is given stays. */
const FIXED = { min: 1, max: Number.POSITIVE_INFINITY, targetMs: undefined };
