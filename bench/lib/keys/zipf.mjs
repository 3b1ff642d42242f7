/** Draws ranks 0..count-1 by Zipf's law: rank r with weight 1 / (r + 1)^exponent. By binary search in the summed weights. */

export class Zipf {
  /**
   * @param {number} count
   * @param {number} exponent
   */
  constructor(count, exponent) {
    this.sums = new Float64Array(count);
    let sum = 0;
    for (let rank = 0; rank < count; rank++) {
      sum += (rank + 1) ** -exponent;
      this.sums[rank] = sum;
    }
    this.total = sum;
  }

  /** @param {number} uniform in [0, 1) */
  rank(uniform) {
    const wanted = uniform * this.total;
    let low = 0;
    let high = this.sums.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (/** @type {number} */ (this.sums[middle]) <= wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
