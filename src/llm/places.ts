/**
 * The places at one target: how many upstream calls it takes at once, a number that is set or finds itself, and the queue
 * before them. First come first served; who leaves the queue holds nothing.
 */
import { LRUCache } from 'lru-cache';
import { Canceller, type CancelSignal } from '../core/cancel.js';
import type { Clock } from '../core/clock.js';
import { isDeadlineError, isProviderError, isRateLimitError, QueueFullError } from '../core/errors.js';
import { linkAbort } from '../resilience/abort.js';
import { AdaptiveLimit } from '../resilience/adaptive-limit.js';
import { BestTime } from '../resilience/best-time.js';
import { type Release, Semaphore } from '../resilience/semaphore.js';
import type { AdaptiveConcurrencySettings, QueueSettings } from './config.js';
import type { AttemptEnd, Entrant, TakeBack } from './pass.js';

export interface PlacesOptions {
  readonly clock: Clock;
  readonly queue: QueueSettings;
  /** Undefined: `permits` stays as it is. */
  readonly adaptive: AdaptiveConcurrencySettings | undefined;
  readonly permits: number;
}

const DEFAULT_INITIAL = 20;
/** Models may be named per call, so there is a bound. */
const MAX_KINDS = 64;
/** Statuses by which a provider says that it has too much to do. */
const OVERLOADS: ReadonlySet<number> = new Set([503, 529]);

export class Places {
  readonly #clock: Clock;
  readonly #maxWaitMs: number | undefined;
  readonly #adaptive: AdaptiveLimit | undefined;
  readonly #semaphore: Semaphore;
  readonly #best: LRUCache<string, BestTime> = new LRUCache({ max: MAX_KINDS });

  constructor({ clock, queue, adaptive, permits }: PlacesOptions) {
    this.#clock = clock;
    this.#maxWaitMs = queue.maxWaitMs;
    this.#adaptive = adaptive === undefined ? undefined : new AdaptiveLimit(withInitial(adaptive));
    // Who finds the queue full and waits for a place in it waits like those in it.
    const maxQueue = queue.mode === 'wait' ? undefined : queue.maxSize;
    this.#semaphore = new Semaphore({ permits: this.#adaptive?.value ?? permits, maxQueue });
  }

  /** How many may be at work at once. */
  get limit(): number {
    return this.#semaphore.permits;
  }

  /** Rejects with a QueueFullError, a ClosedError, or the signal's reason. */
  async enter(call: Entrant): Promise<TakeBack> {
    const release = this.#semaphore.tryAcquire() ?? (await this.#wait(call.signal));
    const startedAtMs = this.#clock.nowMs();
    return (end) => {
      if (this.#adaptive !== undefined) this.#learn(this.#adaptive, call, startedAtMs, end);
      release();
    };
  }

  close(): void {
    this.#semaphore.close();
  }

  async #wait(signal: CancelSignal): Promise<Release> {
    const maxWaitMs = this.#maxWaitMs;
    if (maxWaitMs === undefined) return this.#semaphore.acquire(signal);
    const patience = new Canceller();
    const unlink = linkAbort(signal, patience);
    const cancelTimer = this.#clock.setTimer(maxWaitMs, () => {
      const message = `no place became free within ${maxWaitMs} ms`;
      patience.abort(new QueueFullError(message, { code: 'ERR_QUEUE_TIMEOUT' }));
    });
    try {
      return await this.#semaphore.acquire(patience.signal);
    } finally {
      cancelTimer();
      unlink();
    }
  }

  #learn(limit: AdaptiveLimit, call: Entrant, startedAtMs: number, end: AttemptEnd): void {
    const nowMs = this.#clock.nowMs();
    if (end.outcome === 'ok') {
      const slowness = this.#bestOf(call).slowness(end.latencyMs, nowMs);
      limit.succeeded(startedAtMs, slowness, this.#semaphore.inUse, nowMs);
    } else if (end.outcome === 'failed' && isOverload(end.error)) limit.overloaded(startedAtMs, nowMs);
    this.#semaphore.resize(limit.value);
  }

  /** A whole answer takes longer than a first token, and a large model longer than a small one. */
  #bestOf({ request, isWhole, settings }: Entrant): BestTime {
    const kind = `${request.model} ${isWhole && !settings.streaming ? 'whole' : 'stream'}`;
    const known = this.#best.get(kind);
    if (known !== undefined) return known;
    const made = new BestTime();
    this.#best.set(kind, made);
    return made;
  }
}

/** Too many requests, unless only a payment helps; too much to do; or no answer in time. */
function isOverload(error: unknown): boolean {
  if (isRateLimitError(error)) return error.retryable;
  if (isDeadlineError(error)) return true;
  return isProviderError(error) && error.status !== undefined && OVERLOADS.has(error.status);
}

function withInitial(settings: AdaptiveConcurrencySettings): AdaptiveConcurrencySettings & { initial: number } {
  const { min, max, initial = Math.min(Math.max(DEFAULT_INITIAL, min), max) } = settings;
  return { ...settings, initial };
}
