/** How unevenly entries lie over shards. A pure figure: whether it is too much is a rule's to say. */
import type { Figure } from './alerts.js';

/**
 * Entries a shard from which the figure means something: with fewer, even a perfect hash deviates by more than the
 * guide's 20 % now and then.
 */
export const MIN_ENTRIES_TO_JUDGE_BALANCE = 400;

/** The largest deviation from the mean, as a fraction of the mean; its samples are the mean entries a shard. O(shards). */
export function shardImbalance(shardSizes: readonly number[]): Figure {
  const entries = shardSizes.reduce((sum, size) => sum + size, 0);
  if (entries === 0) return { value: 0, samples: 0 };
  const mean = entries / shardSizes.length;
  const worst = shardSizes.reduce((most, size) => Math.max(most, Math.abs(size - mean)), 0);
  return { value: worst / mean, samples: mean };
}
