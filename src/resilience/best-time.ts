/** How fast one kind of work has lately been at best. Forgets: what is slower for good is no longer slow. */

/** The best is that of this span and of the one before, so it lives for one to two of them. */
const SPAN_MS = 60_000;
/** Shorter times differ by chance. */
const NOISE_MS = 1;

export class BestTime {
  #bestMs = Infinity;
  #bestBeforeMs = Infinity;
  #sinceMs = -Infinity;

  /** How many times the best this took, itself included: 1 when nothing was faster. */
  slowness(tookMs: number, nowMs: number): number {
    const ageMs = nowMs - this.#sinceMs;
    if (ageMs >= SPAN_MS) {
      this.#bestBeforeMs = ageMs >= 2 * SPAN_MS ? Infinity : this.#bestMs;
      this.#bestMs = Infinity;
      this.#sinceMs = nowMs;
    }
    this.#bestMs = Math.min(this.#bestMs, tookMs);
    const bestMs = Math.min(this.#bestMs, this.#bestBeforeMs);
    return Math.max(tookMs, NOISE_MS) / Math.max(bestMs, NOISE_MS);
  }
}
