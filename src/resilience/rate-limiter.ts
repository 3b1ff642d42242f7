/**
 * Rate limiter with a line: callers wait their turn, first come first served, and may leave at any time.
 * What a unit is (a request, a token) is the caller's business.
 * Invariant: nobody overtakes; a timer runs only while somebody waits.
 */

import { assert } from '../core/assert.js';
import type { CancelSignal } from '../core/cancel.js';
import type { Clock } from '../core/clock.js';
import { ClosedError, RateLimitError } from '../core/errors.js';
import { NO_TIME_LIMIT, type TimeLimit } from './deadline.js';
import { createRateMeter, type RateLimitAlgorithm, type RateMeter } from './rate-meter.js';
import { WaitQueue } from './wait-queue.js';

export interface RateLimiterOptions {
  readonly clock: Clock;
  /** Units a window, above 0. */
  readonly limit: number;
  /** Default one minute. */
  readonly windowMs?: number | undefined;
  /** Default 'token-bucket'. */
  readonly algorithm?: RateLimitAlgorithm | undefined;
  /**
   * Units that the token bucket holds, and gives at once after a quiet time; the windows have no burst of their own.
   * Default: the limit, so that up to twice the limit fits into the first window after such a time.
   */
  readonly burst?: number | undefined;
  /** How many may wait; beyond it acquire rejects with a QueueFullError. Default 1,000. */
  readonly maxQueue?: number | undefined;
}

interface Claim {
  readonly cost: number;
  readonly timeLimit: TimeLimit;
  /** When it was let in. */
  takenAtMs: number;
}

/** Timers are at least this far ahead, or rounding could make one that does not move time. */
const MIN_TIMER_MS = 1e-3;

export class RateLimiter {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #meter: RateMeter;
  readonly #queue: WaitQueue<Claim>;
  #waitingCost = 0;
  #pausedUntilMs = -Infinity;
  #cancelTimer: () => void = () => {};
  #isClosed = false;

  constructor(options: RateLimiterOptions) {
    const { limit, windowMs = 60_000, burst = limit } = options;
    this.#clock = options.clock;
    this.#limit = limit;
    this.#meter = createRateMeter(options.algorithm ?? 'token-bucket', { limit, windowMs, burst });
    this.#queue = new WaitQueue<Claim>(options.maxQueue ?? 1_000, (claim) => {
      this.#waitingCost -= claim.cost;
      this.#serve();
    });
  }

  /** Those who wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Resolves when `cost` units may be spent, with the time at which they were taken. Rejects with a RateLimitError (with `retryAfterMs`) as soon as the wait
   * cannot end by `timeLimit`, and for a cost above the limit; with a QueueFullError when too many wait; with a
   * ClosedError; with the signal's reason on abort.
   */
  async acquire(cost: number, signal?: CancelSignal, timeLimit: TimeLimit = NO_TIME_LIMIT): Promise<number> {
    assert(cost >= 0, `a cost is not negative, got ${cost}`);
    signal?.throwIfAborted();
    if (this.#isClosed) throw new ClosedError('the rate limiter is closed');
    if (cost > this.#limit) throw createCostError(cost, this.#limit);
    const nowMs = this.#clock.nowMs();
    if (this.#tryTake(cost, nowMs)) return nowMs;
    const waitMs = this.#waitMs(cost, nowMs, this.#waitingCost);
    if (nowMs + waitMs > timeLimit.atMs) {
      // Who asks for the same in this very moment may have more time.
      await Promise.resolve();
      if (nowMs + waitMs > timeLimit.atMs) throw createLimitError(waitMs);
      signal?.throwIfAborted();
      if (this.#isClosed) throw new ClosedError('the rate limiter is closed');
    }
    const sizeBefore = this.#queue.size;
    const claim = { cost, timeLimit, takenAtMs: nowMs };
    const admitted = this.#queue.wait(claim, signal);
    if (this.#queue.size > sizeBefore) this.#waitingCost += cost;
    if (sizeBefore === 0) this.#serve();
    await admitted;
    return claim.takenAtMs;
  }

  /** Spends `cost` units if they are there and nobody waits for them. */
  tryAcquire(cost: number): boolean {
    return this.#tryTake(cost, this.#clock.nowMs());
  }

  /** Corrects what was taken at `takenAtMs`: so much less (below 0: more) was needed than its cost said. */
  giveBack(amount: number, takenAtMs: number): void {
    this.#meter.giveBack(amount, takenAtMs, this.#clock.nowMs());
    this.#serve();
  }

  #tryTake(cost: number, nowMs: number): boolean {
    if (this.#isClosed || cost > this.#limit || this.#queue.size > 0 || this.#waitMs(cost, nowMs) > 0) return false;
    this.#meter.take(cost, nowMs);
    return true;
  }

  /** Lets nobody through before `atMs` on the clock: for an upstream that asks us to come back later. Never shortens a pause. */
  pauseUntil(atMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, atMs);
    this.#serve();
  }

  /** Rejects those who wait and all who come later. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
    this.#queue.refuseAll(new ClosedError('the rate limiter is closed'));
  }

  #waitMs(cost: number, nowMs: number, ahead = 0): number {
    const fromMs = Math.max(nowMs, this.#pausedUntilMs);
    return fromMs - nowMs + this.#meter.waitMs(cost, fromMs, ahead);
  }

  /** Lets in all whose turn has come, sends away those who cannot be served in time, and sleeps until the next. */
  #serve(): void {
    this.#cancelTimer();
    const nowMs = this.#clock.nowMs();
    for (let claim = this.#queue.head(); claim !== undefined; claim = this.#queue.head()) {
      const waitMs = this.#waitMs(claim.cost, nowMs);
      const isLate = nowMs + waitMs > claim.timeLimit.atMs;
      if (waitMs > 0 && !isLate) {
        this.#cancelTimer = this.#clock.setTimer(Math.max(waitMs, MIN_TIMER_MS), () => this.#serve());
        return;
      }
      this.#waitingCost -= claim.cost;
      if (isLate) this.#queue.refuse(createLimitError(waitMs));
      else {
        this.#meter.take(claim.cost, nowMs);
        claim.takenAtMs = nowMs;
        this.#queue.admit();
      }
    }
  }
}

function createLimitError(retryAfterMs: number): RateLimitError {
  return new RateLimitError(`the rate limit allows this in ${Math.ceil(retryAfterMs)} ms, after the deadline`, {
    retryAfterMs,
  });
}

function createCostError(cost: number, limit: number): RateLimitError {
  return new RateLimitError(`a cost of ${cost} never fits a limit of ${limit}`, {
    code: 'ERR_RATE_LIMIT_COST',
    retryable: false,
  });
}
