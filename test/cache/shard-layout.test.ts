import { describe, expect, test } from 'vitest';
import { consistentLayout, HASH_SLOTS } from '../../src/cache/shard-layout.js';
import { fc } from '../support/property.js';

const counts = fc.integer({ min: 1, max: 300 });

/** Slots of each shard. */
function sharesOf(layout: ArrayLike<number>, shardCount: number): number[] {
  const shares = new Array<number>(shardCount).fill(0);
  for (const shard of Array.from(layout)) shares[shard] = (shares[shard] as number) + 1;
  return shares;
}

describe('the layout of hash slots', () => {
  test('is fair: no shard has more than one slot more than another', () => {
    const run = fc.property(counts, (count) => {
      const shares = sharesOf(consistentLayout(count), count);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    });
    fc.assert(run, { numRuns: 50 });
    expect(sharesOf(consistentLayout(4096), 4096).every((share) => share === HASH_SLOTS / 4096)).toBe(true);
  });

  test('moves slots to the shards that come, from those that go, and never between the others', () => {
    const run = fc.property(counts, counts, (one, other) => {
      const [few, many] = [Math.min(one, other), Math.max(one, other)];
      const [before, after] = [consistentLayout(few), consistentLayout(many)];
      const moves = [...after].filter((shard, slot) => before[slot] !== shard);
      const moved = moves.length;
      expect(moves.filter((shard) => shard < few)).toEqual([]);
      const newShares = sharesOf(after, many).slice(few);
      expect(moved).toBe(newShares.reduce((sum, share) => sum + share, 0));
      expect(Math.abs(moved / HASH_SLOTS - (many - few) / many)).toBeLessThan(many / HASH_SLOTS);
    });
    fc.assert(run, { numRuns: 50 });
  });

  test('parts neighbouring slots: hashes that count up are spread evenly over any few shards', () => {
    for (let count = 2; count <= 64; count++) {
      const shares = sharesOf(consistentLayout(count).subarray(0, 64 * count), count);
      expect(Math.max(...shares)).toBeLessThan(64 * 2);
    }
  });
});
