/**
 * What entries are worth, as ranks: the worth a byte, rounded to a power of two and held against the first that came,
 * which has the middle rank. So the unit does not matter, and policies need know neither worth nor bytes.
 */
import { MIDDLE_RANK, RANK_COUNT } from './policy.js';

/** Of the mean rank, what one more entry counts for. */
const SHARE_OF_NEWEST = 1 / 64;

export class WorthRanks {
  /** Logarithm, to the base 2, of the first worth a byte; NaN before it came. */
  private origin: number = Number.NaN;
  /** Of the ranks given of late. */
  private mean: number = MIDDLE_RANK;
  /** The mean, rounded. */
  private usual: number = MIDDLE_RANK;

  /**
   * The rank of an entry of so many bytes: 0 when it is worth nothing, else 1 to RANK_COUNT - 1. Without a worth it
   * has the mean rank of those that had one. O(1).
   */
  rankOf(worth: number | undefined, weight: number): number {
    if (worth === undefined) return this.usual;
    if (worth === 0) return 0;
    const bits = Math.log2(worth) - Math.log2(Math.max(1, weight));
    if (Number.isNaN(this.origin)) this.origin = bits;
    const rank = Math.min(Math.max(MIDDLE_RANK + Math.round(bits - this.origin), 1), RANK_COUNT - 1);
    this.mean += (rank - this.mean) * SHARE_OF_NEWEST;
    this.usual = Math.round(this.mean);
    return rank;
  }
}
