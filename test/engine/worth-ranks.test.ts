import { describe, expect, test } from 'vitest';
import { MIDDLE_RANK, RANK_COUNT } from '../../src/engine/policy.js';
import { WorthRanks } from '../../src/engine/worth-ranks.js';
import { runs } from '../support/deep.js';
import { fc } from '../support/property.js';

const anyWorth = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
const anyWeight = fc.maxSafeNat();

describe('the rank of an entry', () => {
  test('is the middle one for the first that is worth something, twice the worth a byte one more, nothing 0', () => {
    const ranks = new WorthRanks();
    expect(ranks.rankOf(0, 10)).toBe(0);
    expect(ranks.rankOf(0.003, 100)).toBe(MIDDLE_RANK);
    expect(ranks.rankOf(0.003, 200)).toBe(MIDDLE_RANK - 1);
    expect(ranks.rankOf(0.3, 100)).toBe(MIDDLE_RANK + 7);
    expect(ranks.rankOf(0.3, 10_000)).toBe(MIDDLE_RANK);
  });

  test('is the mean of those that came with a worth when it comes without', () => {
    const ranks = new WorthRanks();
    expect(ranks.rankOf(undefined, 10)).toBe(MIDDLE_RANK);
    ranks.rankOf(1, 10);
    for (let i = 0; i < 1000; i++) {
      ranks.rankOf(16, 10);
      ranks.rankOf(0, 10);
    }
    expect(ranks.rankOf(undefined, 123)).toBe(MIDDLE_RANK + 4);
  });

  test('is a whole number in range whatever the numbers, and never lower for a greater worth', () => {
    fc.assert(
      fc.property(anyWorth, anyWorth, anyWorth, anyWeight, anyWeight, (first, one, other, weight, another) => {
        const ranks = new WorthRanks();
        ranks.rankOf(first, another);
        const [low, high] = [Math.min(one, other), Math.max(one, other)].map((worth) => ranks.rankOf(worth, weight));
        for (const rank of [low, high, ranks.rankOf(undefined, weight)]) {
          expect(Number.isInteger(rank)).toBe(true);
          expect(rank).toBeGreaterThanOrEqual(0);
          expect(rank).toBeLessThan(RANK_COUNT);
        }
        expect(low).toBeLessThanOrEqual(high as number);
      }),
      { numRuns: runs(100, 4) },
    );
  });

  test('does not depend on the unit', () => {
    const [dollars, cents] = [new WorthRanks(), new WorthRanks()];
    for (const worth of [0.02, 0.3, 0.0001, 7, 0, 0.02]) {
      expect(dollars.rankOf(worth, 50)).toBe(cents.rankOf(100 * worth, 50));
    }
  });
});
