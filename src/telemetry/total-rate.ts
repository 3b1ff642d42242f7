/**
 * The growth of a running total over the last minute: a ring that notes the total at the start of each second. Whoever
 * counts calls mark() when `nextMarkMs` has come, which costs the other operations one comparison. Reads no clock: its
 * caller passes the time, which never goes back.
 */

const BUCKET_MS = 1000;
const BUCKETS = 60;

export class TotalRate {
  readonly #totals: Float64Array = new Float64Array(BUCKETS);
  readonly #startMs: number;
  /** Seconds since the start, of the newest note. */
  #second = 0;
  /** When mark() wants to be called next. */
  nextMarkMs: number;

  /** The total is 0 at `nowMs`. */
  constructor(nowMs: number) {
    this.#startMs = nowMs;
    this.nextMarkMs = nowMs + BUCKET_MS;
  }

  /** Notes the total before the first operation of a second; seconds without one began with the same total. O(1) amortised. */
  mark(nowMs: number, total: number): void {
    const second = this.#secondOf(nowMs);
    for (let passed = Math.max(this.#second + 1, second - BUCKETS + 1); passed <= second; passed++) {
      this.#totals[passed % BUCKETS] = total;
    }
    this.#second = Math.max(this.#second, second);
    this.nextMarkMs = this.#startMs + (this.#second + 1) * BUCKET_MS;
  }

  /** How much the total grew in the current second and the 59 before it. */
  growth(nowMs: number, total: number): number {
    const oldest = this.#secondOf(nowMs) - BUCKETS + 1;
    if (oldest <= 0) return total;
    return oldest > this.#second ? 0 : total - (this.#totals[oldest % BUCKETS] as number);
  }

  /** The growth over the time it took: since the start at first, and never over less than a second. */
  perSecond(nowMs: number, total: number): number {
    const elapsedMs = nowMs - this.#startMs;
    const coveredMs = Math.min(elapsedMs, (BUCKETS - 1) * BUCKET_MS + (elapsedMs % BUCKET_MS));
    return this.growth(nowMs, total) / Math.max(1, coveredMs / 1000);
  }

  #secondOf(nowMs: number): number {
    return Math.floor((nowMs - this.#startMs) / BUCKET_MS);
  }
}
