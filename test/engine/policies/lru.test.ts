import { expect, test } from 'vitest';
import { NONE } from '../../../src/core/bits.js';
import { QueuePolicy } from '../../../src/engine/policies/queue.js';
import { MIDDLE_RANK } from '../../../src/engine/policy.js';

function create(): QueuePolicy {
  const policy = new QueuePolicy({ movesOnAccess: true });
  policy.grow(8);
  return policy;
}

function evict(policy: QueuePolicy): number {
  const victim = policy.victim(NONE);
  policy.evicting(victim, 0);
  policy.remove(victim);
  return victim;
}

test('of two that are due at once the one that is worth less leaves first, and moves last', () => {
  const policy = create();
  policy.insert(0, 0, MIDDLE_RANK);
  policy.insert(1, 0, MIDDLE_RANK + 1);
  expect(evict(policy)).toBe(0);
  policy.insert(2, 0, MIDDLE_RANK);
  expect([policy.priorityOf(1), policy.priorityOf(2)]).toEqual([2, 2]);
  expect([policy.victim(NONE), policy.lastToLeave()]).toEqual([2, 1]);
});

test('entries of before the first worth count as used just now, in their order', () => {
  const policy = create();
  for (const slot of [0, 1, 2]) policy.insert(slot, 0);
  policy.hit(0, 0);
  policy.insert(3, 0, MIDDLE_RANK + 1);
  policy.insert(4, 0, MIDDLE_RANK - 1);
  expect([0, 1, 2, 3, 4].map(() => evict(policy))).toEqual([4, 1, 2, 0, 3]);
});

test('an entry that has moved is as near to leaving as before, whatever the age of its new shard', () => {
  const [source, target] = [create(), create()];
  source.insert(1, 0, MIDDLE_RANK + 3);
  for (let n = 0; n < 6; n++) {
    source.insert(0, 0, MIDDLE_RANK);
    evict(source);
  }
  expect([source.age, source.priorityOf(1)]).toEqual([6, 8]);
  target.age = 100;
  target.adopt(3, source.stateOf(1), 0);
  expect(target.priorityOf(3)).toBe(102);
  target.hit(3, 0);
  expect(target.priorityOf(3)).toBe(108);
});
