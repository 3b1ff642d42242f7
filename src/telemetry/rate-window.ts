/**
 * Events a second over the last minute: a ring of counters, one a second. Reads no clock: its caller passes the time,
 * which never goes back.
 */

const BUCKET_MS = 1000;
const BUCKETS = 60;

export class RateWindow {
  readonly #counts = new Float64Array(BUCKETS);
  readonly #startMs: number;
  /** Seconds since the start, of the newest counter. */
  #second = 0;
  #total = 0;

  constructor(nowMs: number) {
    this.#startMs = nowMs;
  }

  /** Counts `amount` events now. O(1) amortised. */
  record(nowMs: number, amount = 1): void {
    this.#advance(nowMs);
    const at = this.#second % BUCKETS;
    this.#counts[at] = (this.#counts[at] ?? 0) + amount;
    this.#total += amount;
  }

  /** Events of the current second and the 59 before it. */
  total(nowMs: number): number {
    this.#advance(nowMs);
    return this.#total;
  }

  /** The total over the time it was counted in: since the start at first, and never over less than a second. */
  perSecond(nowMs: number): number {
    const total = this.total(nowMs);
    const elapsedMs = nowMs - this.#startMs;
    const coveredMs = Math.min(elapsedMs, (BUCKETS - 1) * BUCKET_MS + (elapsedMs % BUCKET_MS));
    return total / Math.max(1, coveredMs / 1000);
  }

  /** Empties the counters of the seconds that have passed. */
  #advance(nowMs: number): void {
    const second = Math.floor((nowMs - this.#startMs) / BUCKET_MS);
    for (let passed = Math.max(this.#second, second - BUCKETS) + 1; passed <= second; passed++) {
      this.#total -= this.#counts[passed % BUCKETS] ?? 0;
      this.#counts[passed % BUCKETS] = 0;
    }
    this.#second = Math.max(this.#second, second);
  }
}
