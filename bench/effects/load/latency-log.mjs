/** Latencies of timed calls, all kept, and their quantiles. In milliseconds. */

const FIRST_ROOM = 4_096;

export class LatencyLog {
  constructor() {
    this.count = 0;
    this.values = new Float64Array(FIRST_ROOM);
  }

  /** @param {number} latencyMs */
  record(latencyMs) {
    if (this.count === this.values.length) {
      const values = new Float64Array(2 * this.count);
      values.set(this.values);
      this.values = values;
    }
    this.values[this.count++] = latencyMs;
  }

  /** Nearest rank; NaN while empty. */
  summary() {
    const sorted = this.values.slice(0, this.count).sort();
    const at = (/** @type {number} */ share) => sorted[Math.max(0, Math.ceil(share * this.count) - 1)] ?? Number.NaN;
    return { count: this.count, p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: at(1) };
  }
}
