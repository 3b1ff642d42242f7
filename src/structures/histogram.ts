/**
 * Histogram of non-negative numbers with logarithmic buckets: fixed memory, and quantiles within a known relative
 * error. Bucket i holds the values in (gamma^(i-1), gamma^i] x least with gamma = (1 + e) / (1 - e), and answers with the
 * point that is within e of both ends (DDSketch: Masson, Rim, Lee, VLDB 2019). Values below `least` are kept as
 * `least`, values above `most` as `most`; count, sum, least and greatest value seen are exact.
 */
import { assert } from '../core/assert.js';

export interface HistogramOptions {
  /** Greatest relative error of a quantile, above 0 and below 1. Default 0.01. */
  readonly relativeError?: number;
  /** The smallest value told apart. Default 1e-5, ten nanoseconds when values are milliseconds. */
  readonly least?: number;
  /** The greatest value told apart. Default 1e7, close to three hours when values are milliseconds. */
  readonly most?: number;
}

export class Histogram {
  count = 0;
  sum = 0;
  /** Least and greatest value recorded; 0 while empty. */
  min = 0;
  max = 0;
  private readonly least: number;
  private readonly logGamma: number;
  private readonly answerFactor: number;
  private readonly buckets: Float64Array;

  constructor(options: HistogramOptions = {}) {
    const relativeError = options.relativeError ?? 0.01;
    const least = options.least ?? 1e-5;
    const most = options.most ?? 1e7;
    assert(relativeError > 0 && relativeError < 1, 'a relative error lies between 0 and 1');
    assert(least > 0 && most > least, 'a histogram needs 0 < least < most');
    const gamma = (1 + relativeError) / (1 - relativeError);
    this.least = least;
    this.logGamma = Math.log(gamma);
    this.answerFactor = 2 / (1 + gamma);
    this.buckets = new Float64Array(Math.ceil(Math.log(most / least) / this.logGamma) + 1);
  }

  /** Mean of the values recorded, exact; 0 while empty. */
  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** Adds a value; one that is not a finite number at or above 0 is left out. O(1). */
  record(value: number): void {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
    const exact = Math.ceil(Math.log(value / this.least) / this.logGamma);
    const bucket = Math.min(Math.max(exact, 0), this.buckets.length - 1);
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    if (this.count === 0 || value < this.min) this.min = value;
    if (this.count === 0 || value > this.max) this.max = value;
    this.count++;
    this.sum += value;
  }

  /** The value at rank ceil(fraction x count), within the relative error; 0 while empty. O(buckets). */
  quantile(fraction: number): number {
    if (this.count === 0) return 0;
    const rank = Math.max(1, Math.ceil(fraction * this.count));
    let seen = 0;
    let bucket = -1;
    while (seen < rank && bucket < this.buckets.length - 1) seen += this.buckets[++bucket] ?? 0;
    const middle = this.least * Math.exp(bucket * this.logGamma) * this.answerFactor;
    return Math.min(Math.max(middle, this.min), this.max);
  }

  clear(): void {
    this.buckets.fill(0);
    this.count = 0;
    this.sum = 0;
    this.min = 0;
    this.max = 0;
  }
}
