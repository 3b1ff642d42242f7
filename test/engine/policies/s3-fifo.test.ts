import { expect, test } from 'vitest';
import { S3FifoPolicy } from '../../../src/engine/policies/s3-fifo.js';
import { PolicyCache } from '../policy-cache.js';

/** Two of them small, so that main may hold, and hashes be remembered of, 18. */
const CAPACITY = 20;

/** Full of the keys 0 to 19, each asked for once. */
function createFull(): PolicyCache {
  const cache = new PolicyCache(new S3FifoPolicy(), CAPACITY);
  access(cache, 0, CAPACITY);
  return cache;
}

function access(cache: PolicyCache, first: number, count: number): void {
  for (let key = first; key < first + count; key++) cache.access(key);
}

test('entries that were not read twice leave in the order they came in', () => {
  const cache = createFull();
  cache.access(0);
  access(cache, 100, 3);
  expect([0, 1, 2, 3].map((key) => cache.has(key))).toEqual([false, false, false, true]);
});

test('an entry read twice outlives any number of those that were not', () => {
  const cache = createFull();
  for (let i = 0; i < 2; i++) cache.access(0);
  access(cache, 100, 1000);
  expect(cache.has(0)).toBe(true);
  expect(cache.has(1)).toBe(false);
});

test.each([
  ['enters main', 17, true],
  ['is forgotten', 18, false],
])('a key %s if %d others have left when it comes back', (_, others, stays) => {
  const cache = createFull();
  // Each evicts one, key 0 first; its own coming back evicts the last of them.
  access(cache, 100, others);
  expect(cache.has(0)).toBe(false);
  cache.access(0);
  access(cache, 200, CAPACITY + 1);
  expect(cache.has(0)).toBe(stays);
});

test('an entry of main that is read no more leaves as soon as main has more than its share', () => {
  const cache = createFull();
  for (let key = 0; key < CAPACITY; key++) for (let i = 0; i < 2; i++) cache.access(key);
  // All go over to main at the first eviction, and there the one that was first goes first.
  access(cache, 100, 1);
  expect([0, 1].map((key) => cache.has(key))).toEqual([false, true]);
});

test('a single place is given to whoever came last', () => {
  const cache = new PolicyCache(new S3FifoPolicy(), 1);
  for (const key of [1, 1, 1, 2]) cache.access(key);
  expect([1, 2].map((key) => cache.has(key))).toEqual([false, true]);
});
