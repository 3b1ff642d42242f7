/**
 * The arithmetic of rate limits: how long until an amount fits, and taking it. No queue, no timer, no clock of its own.
 * The caller takes only what fits, no amount above the limit, and with a `nowMs` that never goes back.
 */
import { assertNever } from '../core/assert.js';
import { Deque } from './deque.js';

export type RateLimitAlgorithm = 'token-bucket' | 'sliding-window' | 'fixed-window';

export interface RateMeterOptions {
  /** Units a window, above 0. */
  readonly limit: number;
  /** Length of the window in milliseconds. */
  readonly windowMs: number;
  /** Units that may come at once; token bucket only. */
  readonly burst: number;
}

export interface RateMeter {
  /**
   * Milliseconds until `amount` fits, 0 when it fits now. With `ahead` units to be taken before it: exact for the
   * token bucket; for the windows the least it can be, since what is ahead may not fill them.
   */
  waitMs(amount: number, nowMs: number, ahead?: number): number;
  take(amount: number, nowMs: number): void;
  /**
   * Corrects what was taken at `takenAtMs` when it turns out to have been less (`amount` above 0 comes back) or more
   * (below 0). The windows are then as if the right amount had been taken. The bucket keeps its rate from the start on;
   * what comes back may be taken again at once.
   */
  giveBack(amount: number, takenAtMs: number, nowMs: number): void;
}

export function createRateMeter(algorithm: RateLimitAlgorithm, options: RateMeterOptions): RateMeter {
  switch (algorithm) {
    case 'token-bucket':
      return createTokenBucket(options);
    case 'sliding-window':
      return createSlidingWindow(options);
    case 'fixed-window':
      return createFixedWindow(options);
    default:
      return assertNever(algorithm);
  }
}

/** Shorter waits are rounding errors of the bucket's sums. */
const ROUNDING_MS = 1e-6;

/**
 * Token bucket as the generic cell rate algorithm (ITU-T I.371): its whole state is when the bucket will be full again.
 * An amount above the burst waits for a full bucket and leaves it in debt, so the rate holds. O(1).
 */
function createTokenBucket({ limit, windowMs, burst }: RateMeterOptions): RateMeter {
  const msPerUnit = windowMs / limit;
  let fullAtMs = -Infinity;
  return {
    waitMs(amount, nowMs, ahead = 0) {
      const fullInMs = Math.max(fullAtMs, nowMs) - nowMs + ahead * msPerUnit;
      const waitMs = fullInMs - Math.max(0, burst - amount) * msPerUnit;
      return waitMs > ROUNDING_MS ? waitMs : 0;
    },
    take(amount, nowMs) {
      fullAtMs = Math.max(fullAtMs, nowMs) + amount * msPerUnit;
    },
    giveBack(amount, _takenAtMs, nowMs) {
      // More than was thought is taken now; less only ever shortens what is left of the wait.
      fullAtMs = (amount < 0 ? Math.max(fullAtMs, nowMs) : fullAtMs) - amount * msPerUnit;
    },
  };
}

/** Exact log of the last window: no window of that length, wherever it starts, holds more than the limit. O(takes in it). */
function createSlidingWindow({ limit, windowMs }: RateMeterOptions): RateMeter {
  const takes = new Deque<{ readonly atMs: number; amount: number }>();
  let used = 0;

  function expire(nowMs: number): void {
    for (let oldest = takes.first(); oldest !== undefined; oldest = takes.first()) {
      if (oldest.atMs + windowMs > nowMs) return;
      used -= oldest.amount;
      takes.shift();
    }
    used = 0; // what is left of it are rounding errors
  }
  return {
    waitMs(amount, nowMs, ahead = 0) {
      expire(nowMs);
      const { wholeWindows, rest } = splitByLimit(ahead + amount, limit);
      let lacking = rest - (limit - used);
      if (lacking <= 0) return wholeWindows * windowMs;
      let freeAtMs = nowMs;
      for (const take of takes) {
        freeAtMs = take.atMs + windowMs;
        lacking -= take.amount;
        if (lacking <= 0) break;
      }
      return freeAtMs - nowMs + wholeWindows * windowMs;
    },
    take(amount, nowMs) {
      expire(nowMs);
      used += amount;
      const last = takes.last();
      if (last?.atMs === nowMs) last.amount += amount;
      else takes.push({ atMs: nowMs, amount });
    },
    giveBack(amount, takenAtMs, nowMs) {
      expire(nowMs);
      for (const take of takes) {
        if (take.atMs !== takenAtMs) continue;
        take.amount -= amount;
        used -= amount;
        return;
      }
    },
  };
}

/** Counter of the current window; windows start at multiples of their length. Up to twice the limit around a border. O(1). */
function createFixedWindow({ limit, windowMs }: RateMeterOptions): RateMeter {
  let window = -1;
  let used = 0;

  function enterWindow(nowMs: number): void {
    const current = Math.floor(nowMs / windowMs);
    if (current === window) return;
    window = current;
    used = 0;
  }
  return {
    waitMs(amount, nowMs, ahead = 0) {
      enterWindow(nowMs);
      const lacking = ahead + amount - (limit - used);
      if (lacking <= 0) return 0;
      return (window + 1) * windowMs - nowMs + splitByLimit(lacking, limit).wholeWindows * windowMs;
    },
    take(amount, nowMs) {
      enterWindow(nowMs);
      used += amount;
    },
    giveBack(amount, takenAtMs, nowMs) {
      enterWindow(nowMs);
      // A window can be full, not fuller: what is over does not count in the next.
      if (Math.floor(takenAtMs / windowMs) === window) used = Math.min(limit, used - amount);
    },
  };
}

/** `total` = wholeWindows * limit + rest, with 0 < rest <= limit. */
function splitByLimit(total: number, limit: number): { readonly wholeWindows: number; readonly rest: number } {
  const wholeWindows = Math.ceil(total / limit) - 1;
  return { wholeWindows, rest: total - wholeWindows * limit };
}
