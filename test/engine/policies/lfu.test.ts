import { expect, test } from 'vitest';
import { NONE } from '../../../src/core/bits.js';
import { LfuPolicy } from '../../../src/engine/policies/lfu.js';

function createFilled(slotCount: number): LfuPolicy {
  const policy = new LfuPolicy();
  policy.grow(slotCount);
  for (let slot = 0; slot < slotCount; slot++) policy.insert(slot, 0);
  return policy;
}

test('an entry that was popular once leaves when it is not asked for any more', () => {
  const policy = createFilled(3);
  for (let i = 0; i < 20; i++) policy.hit(0, 0);
  let passersBy = 0;
  for (let victim = policy.victim(NONE); victim !== 0; victim = policy.victim(NONE)) {
    policy.evicting(victim, 0);
    policy.remove(victim);
    policy.insert(victim, 0);
    expect(++passersBy).toBeLessThan(100);
  }
  // Priority 21 against two places that gain 1 each time both have been given away.
  expect(passersBy).toBe(40);
});

test('an adopted entry lies in front of all of its priority, and behind all of a lower one', () => {
  const policy = createFilled(2);
  policy.grow(5);
  policy.hit(1, 0);
  for (const [slot, priority] of [
    [2, 2],
    [3, 1],
    [4, 2],
  ] as const) {
    policy.adopt(slot, priority, 0);
  }
  const order: number[] = [];
  while (policy.size > 0) {
    const victim = policy.victim(NONE);
    order.push(victim);
    policy.remove(victim);
  }
  expect(order).toEqual([3, 0, 4, 2, 1]);
});

test('priorities may lie far apart, and beyond 32 bits', () => {
  const policy = createFilled(2);
  policy.age = 2 ** 40;
  policy.remove(1);
  policy.insert(1, 0);
  policy.hit(1, 0);
  expect(policy.priorityOf(0)).toBe(1);
  expect(policy.priorityOf(1)).toBe(2 ** 40 + 2);
});
