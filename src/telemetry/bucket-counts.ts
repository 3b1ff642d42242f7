/** How many values were at or under each of some bounds: what a histogram of Prometheus holds. Fixed memory, exact counts. */
import type { Labels, Series } from './metric.js';

export class BucketCounts {
  readonly #bounds: readonly number[];
  /** Values above the bound before and not above this one; the last is for those above all bounds. */
  readonly #counts: Float64Array;
  #sum = 0;

  /** Bounds rise; the one at infinity is added. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** O(bounds). */
  record(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += value;
  }

  series(labels: Labels): Series {
    let count = 0;
    const buckets = [...this.#bounds, Number.POSITIVE_INFINITY].map((le, bucket) => {
      count += this.#counts[bucket] as number;
      return { le, count };
    });
    return { labels, value: this.#sum, buckets };
  }
}
