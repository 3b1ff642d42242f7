/** Zipf's law over ranks: rank k, counted from 1, comes up in proportion to 1 / k ** exponent. */
import type { Random } from '../core/random.js';

/** Draws ranks 0..count-1, the most frequent first. O(log count) a draw. `exponent` 0 is the uniform law. */
export function createZipf(count: number, exponent: number, random: Random): () => number {
  const cumulative = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank++) {
    total += (rank + 1) ** -exponent;
    cumulative[rank] = total;
  }
  return () => firstAbove(cumulative, random.next() * total);
}

/** Index of the first element greater than `value`; the last index when none is. */
function firstAbove(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
