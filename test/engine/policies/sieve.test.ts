import { expect, test } from 'vitest';
import { NONE } from '../../../src/core/bits.js';
import { SievePolicy } from '../../../src/engine/policies/sieve.js';

function createFilled(slotCount: number): SievePolicy {
  const policy = new SievePolicy();
  policy.grow(slotCount);
  for (let slot = 0; slot < slotCount; slot++) policy.insert(slot, 0);
  return policy;
}

function evict(policy: SievePolicy): number {
  const victim = policy.victim(NONE);
  policy.remove(victim);
  return victim;
}

test('the hand lets entries off that were read, and stays where it evicted', () => {
  const policy = createFilled(5);
  for (const slot of [0, 2]) policy.hit(slot, 0);
  expect(evict(policy)).toBe(1);
  // A newcomer queues behind the newest; the hand comes by there before it reaches those it let off.
  policy.insert(1, 0);
  expect([evict(policy), evict(policy), evict(policy), evict(policy)]).toEqual([3, 4, 1, 0]);
});

test('the hand goes round when all were read', () => {
  const policy = createFilled(3);
  for (const slot of [0, 1, 2]) policy.hit(slot, 0);
  expect(evict(policy)).toBe(0);
  expect(evict(policy)).toBe(1);
});

test('an excepted entry keeps what is known of it when the hand passes', () => {
  const policy = createFilled(3);
  policy.hit(0, 0);
  expect(policy.victim(0)).toBe(1);
  expect(policy.stateOf(0)).toBe(1);
});

test('adopted entries are met by the hand before those adopted earlier, whatever came in meanwhile', () => {
  const policy = createFilled(2);
  policy.hit(0, 0);
  expect(policy.victim(NONE)).toBe(1);
  policy.grow(5);
  policy.adopt(3, 0, 0);
  policy.insert(2, 0);
  policy.adopt(4, 0, 0);
  expect([evict(policy), evict(policy), evict(policy), evict(policy), evict(policy)]).toEqual([4, 3, 1, 2, 0]);
});
