/**
 * How many may be at work at once, found by trying: one more after each window of successes, a fraction of them after a
 * sign of overload (additive increase, multiplicative decrease: Chiu and Jain 1989, as TCP does it). Counts and decides;
 * lets nobody in. Signs of overload are what its owner calls so, and successes that have all become slow: the least slow of
 * a window tells a queue at the other side from one long piece of work (the minimum over an interval, as in CoDel, RFC 8289).
 * Invariant: min <= value <= max, and work that began before a decrease does not cause another.
 */

export interface AdaptiveLimitOptions {
  /** Whole numbers, 1 <= min <= initial <= max. */
  readonly min: number;
  readonly max: number;
  readonly initial: number;
  /** What is left of the limit after a decrease, between 0 and 1. */
  readonly decrease: number;
  /** A window of successes that all took more than this many times their best is a sign of overload; above 1. */
  readonly latencyTolerance: number;
}

/** Successes of a window at least: fewer say little about how fast it can go. */
const MIN_WINDOW = 8;

export class AdaptiveLimit {
  readonly #options: AdaptiveLimitOptions;
  #value: number;
  #successes = 0;
  #wasFull = false;
  #leastSlowness = Infinity;
  #decreasedAtMs = -Infinity;

  constructor(options: AdaptiveLimitOptions) {
    this.#options = options;
    this.#value = options.initial;
  }

  get value(): number {
    return this.#value;
  }

  /**
   * Work begun at `startedAtMs` came out well, `slowness` times its best time (1 when it was never faster), while
   * `inUse`, itself included, were at work.
   */
  succeeded(startedAtMs: number, slowness: number, inUse: number, nowMs: number): void {
    // It ran under the limit before.
    if (startedAtMs <= this.#decreasedAtMs) return;
    this.#successes++;
    this.#leastSlowness = Math.min(this.#leastSlowness, slowness);
    // A limit that nobody touches is not the one that holds the work back.
    this.#wasFull ||= inUse >= this.#value;
    if (this.#successes < Math.max(MIN_WINDOW, this.#value)) return;
    if (this.#leastSlowness > this.#options.latencyTolerance) this.#shrink(nowMs);
    else if (this.#wasFull) this.#value = Math.min(this.#options.max, this.#value + 1);
    this.#beginWindow();
  }

  /** Work begun at `startedAtMs` met a sign of overload. */
  overloaded(startedAtMs: number, nowMs: number): void {
    // One burst of refusals is one sign.
    if (startedAtMs <= this.#decreasedAtMs) return;
    this.#shrink(nowMs);
    this.#beginWindow();
  }

  #shrink(nowMs: number): void {
    this.#value = Math.max(this.#options.min, Math.floor(this.#value * this.#options.decrease));
    this.#decreasedAtMs = nowMs;
  }

  #beginWindow(): void {
    this.#successes = 0;
    this.#wasFull = false;
    this.#leastSlowness = Infinity;
  }
}
