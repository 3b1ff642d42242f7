/** Operations a second over the last minute, from a running total. One comparison an operation. */

const BUCKET_MS = 1000;
const BUCKETS = 60;

export class RequestRate {
  /** Total at the first operation of each second, a ring. */
  readonly #totals: Float64Array = new Float64Array(BUCKETS);
  readonly #startMs: number;
  #second = 0;
  /** When mark() wants to be called next. */
  nextMarkMs: number;

  constructor(nowMs: number) {
    this.#startMs = nowMs;
    this.nextMarkMs = nowMs + BUCKET_MS;
  }

  /** Notes the total at the first operation of a second; seconds without one began with the same total. */
  mark(nowMs: number, total: number): void {
    const second = Math.floor((nowMs - this.#startMs) / BUCKET_MS);
    for (let passed = Math.max(this.#second + 1, second - BUCKETS + 1); passed <= second; passed++) {
      this.#totals[passed % BUCKETS] = total;
    }
    this.#second = second;
    this.nextMarkMs = this.#startMs + (second + 1) * BUCKET_MS;
  }

  /** Operations a second over the last minute, or since the start if that is less. */
  perSecond(nowMs: number, total: number): number {
    const elapsedMs = nowMs - this.#startMs;
    if (elapsedMs <= 0) return 0;
    const second = Math.floor(elapsedMs / BUCKET_MS);
    if (second < BUCKETS) return total / Math.max(elapsedMs / 1000, 1);
    if (second - this.#second >= BUCKETS) return 0;
    const oldest = second - BUCKETS + 1;
    const before = oldest > this.#second ? total : (this.#totals[oldest % BUCKETS] as number);
    return (total - before) / (BUCKETS - 1 + (elapsedMs % BUCKET_MS) / BUCKET_MS);
  }
}
