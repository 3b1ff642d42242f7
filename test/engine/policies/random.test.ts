import { expect, test } from 'vitest';
import { NONE } from '../../../src/core/bits.js';
import { createRandom } from '../../../src/core/random.js';
import { RandomPolicy } from '../../../src/engine/policies/random.js';

function createFilled(slotCount: number, seed: number): RandomPolicy {
  const policy = new RandomPolicy(createRandom(seed));
  policy.grow(slotCount);
  for (let slot = 0; slot < slotCount; slot++) policy.insert(slot, 0);
  return policy;
}

test('draws every held slot equally often', () => {
  const policy = createFilled(10, 7);
  const drawn = new Array<number>(10).fill(0);
  const draws = 20_000;
  for (let i = 0; i < draws; i++) {
    const victim = policy.victim(NONE);
    drawn[victim] = (drawn[victim] ?? 0) + 1;
    policy.remove(victim);
    policy.insert(victim, 0);
  }
  const expected = draws / 10;
  const chiSquare = drawn.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 9 degrees of freedom, one in a thousand; the seed is fixed.
  expect(chiSquare).toBeLessThan(27.9);
});

test('draws the same victims from the same seed', () => {
  const runs = [1, 1, 2].map((seed) => {
    const policy = createFilled(50, seed);
    return Array.from({ length: 50 }, () => {
      const victim = policy.victim(NONE);
      policy.remove(victim);
      return victim;
    });
  });
  expect(runs[0]).toEqual(runs[1]);
  expect(runs[0]).not.toEqual(runs[2]);
});
