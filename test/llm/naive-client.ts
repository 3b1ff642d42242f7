/**
 * A client as it is often written: fetch, a Map of answers by prompt, retries in a loop. It is the foil of the tests on the
 * twenty issues: each fault that gateways and clients are known for is in here, marked with the number of its issue.
 * Never mend it.
 */
import { type Clock, systemClock } from '../../src/core/clock.js';
import type { ChatResponse, ChatStream, PerCall } from '../../src/llm/index.js';
import type { Chunk, Message, Usage } from '../../src/protocol/chat.js';

export interface NaiveOptions {
  /** Primary and fallbacks, in order; each is asked below `/chat/completions`. */
  readonly baseURLs: readonly string[];
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly apiKey?: string;
  readonly model?: string;
  readonly cache?: boolean;
  /** Retries for each base URL, 2 by default, after this delay and its doubles. */
  readonly retries?: number;
  readonly retryDelayMs?: number;
  /** Of the whole call, or so its user believes. */
  readonly timeoutMs?: number;
  readonly maxConcurrent?: number;
  /** Most tokens it means to spend. */
  readonly budgetTokens?: number;
  /** US dollars a token. */
  readonly price?: { readonly input: number; readonly cachedInput: number; readonly output: number };
  readonly breaker?: { readonly failureThreshold: number; readonly resetMs: number };
}

export interface NaiveState {
  readonly requests: number;
  /** Slots taken, and free ones. */
  readonly active: number;
  readonly free: number;
  readonly cached: number;
  readonly pending: number;
  readonly spentTokens: number;
  readonly breaker: 'closed' | 'open' | 'half-open';
}

interface WireEvent {
  readonly error?: { readonly message: string };
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null };
    readonly message?: { readonly content?: string | null };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: WireUsage | null;
}
interface WireUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number };
}

/** What the runtime's fetch waits for headers, whatever its user says. */
const HEADERS_TIMEOUT_MS = 300_000;

export class NaiveClient {
  readonly #options: NaiveOptions;
  readonly #clock: Clock;
  readonly #fetch: typeof fetch;
  readonly #cache = new Map<string, string>();
  readonly #pending = new Map<string, Promise<ChatResponse>>();
  readonly #waiting: (() => void)[] = [];
  #requests = 0;
  #active = 0;
  #spentTokens = 0;
  #failures = 0;
  #openUntilMs = 0;

  constructor(options: NaiveOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#fetch = options.fetch ?? fetch;
  }

  /**
   * Issue 1: no tenant in it. Issue 2: equal requests whose members stand in another order have other keys. Issue 3:
   * neither model nor tools nor temperature are in it, and texts run together.
   */
  cacheKey(messages: readonly Message[], perCall: PerCall = {}): string {
    return (
      messages.map(({ content }) => JSON.stringify(content).slice(1, -1)).join('') +
      JSON.stringify(perCall.vendor ?? {})
    );
  }

  async chat(messages: readonly Message[], perCall: PerCall = {}): Promise<ChatResponse> {
    const key = this.cacheKey(messages, perCall);
    const stored = this.#lookUp(key, perCall);
    // Issue 4: what was stored from a stream is no JSON.
    if (stored !== undefined) return this.#response(parseAnswer(stored), { cached: true });
    // Issue 10: whoever leads decides for all, and a flight that failed is never forgotten.
    const flying = this.#pending.get(key);
    if (flying !== undefined) return flying;
    const flight = this.#orAbort(this.#askWhole(messages, perCall, key), perCall.signal);
    this.#pending.set(key, flight);
    const answer = await flight;
    this.#pending.delete(key);
    return answer;
  }

  stream(messages: readonly Message[], perCall: PerCall = {}): ChatStream {
    const client = this;
    let text = '';
    let usage: Usage | undefined;
    async function* read(): AsyncGenerator<Chunk> {
      for await (const chunk of client.#readStream(messages, perCall)) {
        if (chunk.kind === 'text-delta') text += chunk.text;
        if (chunk.kind === 'usage') usage = chunk.usage;
        yield chunk;
      }
    }
    const chunks = read();
    return {
      [Symbol.asyncIterator]: () => chunks,
      async final() {
        for await (const _ of chunks);
        return client.#response({ text, usage }, {});
      },
    };
  }

  state(): NaiveState {
    const { maxConcurrent = Number.POSITIVE_INFINITY } = this.#options;
    const isTripped = this.#openUntilMs > 0;
    return {
      requests: this.#requests,
      active: this.#active,
      free: maxConcurrent - this.#active,
      cached: this.#cache.size,
      pending: this.#pending.size,
      spentTokens: this.#spentTokens,
      breaker: !isTripped ? 'closed' : this.#clock.nowMs() < this.#openUntilMs ? 'open' : 'half-open',
    };
  }

  async close(): Promise<void> {
    this.#cache.clear();
  }

  #lookUp(key: string, perCall: PerCall): string | undefined {
    return this.#options.cache === true && perCall.cache !== false ? this.#cache.get(key) : undefined;
  }

  async #askWhole(messages: readonly Message[], perCall: PerCall, key: string): Promise<ChatResponse> {
    const response = await this.#send(messages, perCall, false, 0);
    const body = await response.text();
    // Issue 18: given back when all went well.
    this.#leaveSlot();
    const answer = parseAnswer(body);
    this.#spend(answer.usage);
    if (this.#options.cache === true) this.#cache.set(key, body);
    return this.#response(answer, {});
  }

  async *#readStream(messages: readonly Message[], perCall: PerCall): AsyncGenerator<Chunk> {
    const key = this.cacheKey(messages, perCall);
    const stored = this.#lookUp(key, perCall);
    yield { kind: 'start', id: 'naive', model: perCall.model ?? this.#options.model ?? 'm' };
    if (stored !== undefined) {
      // Issue 4: what was stored whole holds no event.
      for (const event of eventsOf(stored)) yield* this.#chunksOf(event);
      yield { kind: 'finish', reason: 'stop' };
      return;
    }
    let raw = '';
    try {
      for (let target = 0; ; target++) {
        try {
          const response = await this.#orAbort(this.#send(messages, perCall, true, target), perCall.signal);
          for await (const piece of this.#piecesOf(response, perCall.signal)) {
            raw += piece;
            for (const event of eventsOf(piece)) yield* this.#chunksOf(event);
          }
          break;
        } catch (error) {
          // Issue 7: the next one begins again from the first word.
          if (target + 1 >= this.#options.baseURLs.length) throw error;
        }
      }
      this.#leaveSlot();
      // Issues 5 and 6: an end is an end, with a terminator or without, with an error in it or not.
      yield { kind: 'finish', reason: 'stop' };
    } finally {
      if (this.#options.cache === true && raw !== '') this.#cache.set(key, raw);
    }
  }

  async *#piecesOf(response: Response, signal: AbortSignal | undefined): AsyncGenerator<string> {
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (;;) {
      // Issue 13: it waits as long as it takes. Issue 8: who leaves here leaves the reader, and the upstream runs on.
      const { done, value } = await this.#orAbort(reader.read(), signal);
      if (done) return;
      // Issue 15: a character that lies across two pieces is lost.
      yield Buffer.from(value).toString('utf8');
    }
  }

  *#chunksOf({ choices = [], usage }: WireEvent): Generator<Chunk> {
    const text = choices[0]?.delta?.content ?? '';
    if (text !== '') yield { kind: 'text-delta', text };
    // Issue 16: usage beside a choice is overlooked.
    if (usage === undefined || usage === null || choices.length > 0) return;
    const counted = usageOf(usage);
    this.#spend(counted);
    yield { kind: 'usage', usage: counted };
  }

  /** Asks until somebody answers, from this base URL on. */
  async #send(messages: readonly Message[], perCall: PerCall, stream: boolean, from: number): Promise<Response> {
    const { baseURLs, budgetTokens = Number.POSITIVE_INFINITY, retries = 2, retryDelayMs = 1000 } = this.#options;
    // Issue 17: checked now, added to when the answer is there.
    if (this.#spentTokens >= budgetTokens) throw new Error('the budget is spent');
    await this.#takeSlot();
    let failure: unknown;
    for (const baseURL of baseURLs.slice(from)) {
      for (let attempt = 0; attempt <= retries; attempt++) {
        // Issues 9 and 11: neither the caller nor the provider is asked about this wait.
        if (attempt > 0) await this.#sleep(retryDelayMs * 2 ** (attempt - 1));
        try {
          return await this.#attempt(baseURL, messages, perCall, stream);
        } catch (error) {
          // Issue 14: sent again whatever happened, also when the server had taken it.
          failure = error;
        }
      }
    }
    throw failure;
  }

  async #attempt(baseURL: string, messages: readonly Message[], perCall: PerCall, stream: boolean): Promise<Response> {
    const { apiKey, model = 'm', breaker } = this.#options;
    // Issue 20: once the time is over everybody is let through.
    if (this.#clock.nowMs() < this.#openUntilMs) throw new Error('the circuit is open');
    const { maxTokens, temperature, tools, user, vendor } = perCall;
    const body = {
      model: perCall.model ?? model,
      messages,
      max_tokens: maxTokens,
      temperature,
      tools,
      user,
      stream,
      ...vendor,
    };
    this.#requests++;
    try {
      const answer = this.#fetch(`${baseURL}/chat/completions`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify(stream ? { ...body, stream_options: { include_usage: true } } : body),
      });
      // Issue 12: a limit of its own below that of the user. Its timer is never cancelled.
      const limitMs = Math.min(this.#options.timeoutMs ?? Number.POSITIVE_INFINITY, HEADERS_TIMEOUT_MS);
      const late = this.#sleep(limitMs).then(() => {
        throw new Error('no headers came');
      });
      const response = await Promise.race([answer, late]);
      if (!response.ok) throw new Error(`answered ${response.status}`);
      this.#failures = 0;
      this.#openUntilMs = 0;
      return response;
    } catch (error) {
      this.#failures++;
      // Issue 20: a late failure of long ago opens it anew.
      if (breaker !== undefined && this.#failures >= breaker.failureThreshold)
        this.#openUntilMs = this.#clock.nowMs() + breaker.resetMs;
      throw error;
    }
  }

  async #takeSlot(): Promise<void> {
    const { maxConcurrent = Number.POSITIVE_INFINITY } = this.#options;
    while (this.#active >= maxConcurrent) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#active++;
  }

  #leaveSlot(): void {
    this.#active--;
    this.#waiting.shift()?.();
  }

  #spend(usage: Usage | undefined): void {
    this.#spentTokens += usage?.totalTokens ?? 0;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimer(ms, resolve));
  }

  /** Issue 8: the caller is told, nobody else. Issue 19: the listener stays. */
  #orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    if (signal === undefined) return promise;
    return Promise.race([
      promise,
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ]);
  }

  #response({ text, usage }: Answer, { cached = false }: { readonly cached?: boolean }): ChatResponse {
    const { price, model = 'm' } = this.#options;
    // Issue 16: cached tokens at the full price.
    const cost =
      price === undefined || usage === undefined
        ? undefined
        : usage.inputTokens * price.input + usage.outputTokens * price.output;
    return {
      id: 'naive',
      model,
      text,
      toolCalls: [],
      finishReason: 'stop',
      usage,
      provider: 'naive',
      cached,
      stale: false,
      ageMs: undefined,
      semantic: false,
      similarity: undefined,
      shared: false,
      plugin: undefined,
      stored: false,
      target: 0,
      cost,
      durationMs: 0,
      firstTokenMs: 0,
    };
  }
}

interface Answer {
  readonly text: string;
  readonly usage: Usage | undefined;
}

function parseAnswer(body: string): Answer {
  const { choices, usage } = JSON.parse(body) as WireEvent;
  return { text: choices?.[0]?.message?.content ?? '', usage: usage ? usageOf(usage) : undefined };
}

/** Issue 15: only events that begin with `data: `, end with LF LF and come in one piece are seen. */
function eventsOf(text: string): readonly WireEvent[] {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: ') && event !== 'data: [DONE]')
    .flatMap((event) => {
      try {
        return [JSON.parse(event.slice('data: '.length)) as WireEvent];
      } catch {
        return [];
      }
    });
}

function usageOf({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: totalTokens,
  ...rest
}: WireUsage): Usage {
  const cachedInputTokens = rest.prompt_tokens_details?.cached_tokens;
  return { inputTokens, outputTokens, totalTokens, ...(cachedInputTokens === undefined ? {} : { cachedInputTokens }) };
}
