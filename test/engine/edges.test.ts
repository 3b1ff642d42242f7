/** Sizes, weights and numbers at the ends of their ranges. */
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { createHeapStore, type HeapStore, type HeapStoreOptions } from '../../src/engine/heap-store.js';
import { verifyHeapStore } from '../../src/engine/verify.js';
import { isDeep } from '../support/deep.js';
import { POLICIES } from '../support/policies.js';
import { createFamily } from './families.js';
import { readSeed } from './seeds.js';

const NEVER = Number.POSITIVE_INFINITY;
const DEEP_TIMEOUT_MS = 900_000;

function create(options: Partial<HeapStoreOptions> = {}): HeapStore<number> {
  return createHeapStore({ shardCount: 4, capacity: 100, policy: 'lru', seed: readSeed(), ...options });
}

describe.each(POLICIES)('under %s', (name) => {
  const createOf = (options: Partial<HeapStoreOptions>): HeapStore<number> =>
    create({ policy: createFamily(name, createRandom(readSeed())), ...options });

  test('a store of one entry holds the last, through resizes too', () => {
    for (const shardCount of [1, 2, 64]) {
      const store = createOf({ shardCount, capacity: 1 });
      for (let n = 0; n < 500; n++) {
        expect(store.set(`key ${n}`, n, 1, NEVER, 0)).toBe(true);
        if (n % 10 === 3) store.beginResize(2 ** (n % 7));
        if (n % 10 === 7) store.resizeStep(n % 2);
        expect([store.size, store.get(`key ${n}`, 0)]).toEqual([1, n]);
      }
      store.resizeStep(NEVER);
      verifyHeapStore(store);
    }
  });

  test('more shards than entries are full at the capacity, and lose none before', () => {
    const store = createOf({ shardCount: 1024, capacity: 100 });
    for (let n = 0; n < 100; n++) store.set(`key ${n}`, n, 1, NEVER, 0);
    expect([store.size, store.counters.evictions]).toEqual([100, 0]);
    for (let n = 100; n < 1000; n++) {
      store.set(`key ${n}`, n, 1, NEVER, 0);
      expect(store.peek(`key ${n}`, 0)).toBe(n);
    }
    expect([store.size, store.counters.evictions]).toEqual([100, 900]);
    verifyHeapStore(store);
  });

  test('a weight of all that is allowed drives out everything else', () => {
    const store = createOf({ maxBytes: 2 ** 40 });
    for (let n = 0; n < 50; n++) store.set(`key ${n}`, n, (n + 1) * 2 ** 30, NEVER, 0);
    expect(store.bytes).toBeLessThanOrEqual(2 ** 40);
    store.set('heavy', 1, 2 ** 40, NEVER, 0);
    expect([store.size, store.bytes, store.get('heavy', 0)]).toEqual([1, 2 ** 40, 1]);
    store.set('heavy', 2, 0, NEVER, 0);
    store.set('light', 3, 2 ** 40, NEVER, 0);
    // What weighs nothing is in nobody's way.
    expect([store.bytes, store.get('light', 0)]).toEqual([2 ** 40, 3]);
    verifyHeapStore(store);
  });

  test('times and limits at the ends of their ranges hold', () => {
    const store = createOf({ capacity: Number.MAX_SAFE_INTEGER, maxBytes: 0, maxEntryBytes: 0 });
    expect(store.set('heavy', 1, 1, NEVER, 0)).toBe(false);
    expect(store.set('weightless', 1, 0, NEVER, 0)).toBe(true);
    expect(store.set('past', 1, 0, -NEVER, 0)).toBe(true);
    expect(store.set('last', 1, 0, Number.MAX_VALUE, 0)).toBe(true);
    expect(['weightless', 'past', 'last'].map((key) => store.has(key, 0))).toEqual([true, false, true]);
    expect(store.get('last', Number.MAX_VALUE)).toBeUndefined();
    expect(store.get('weightless', Number.MAX_VALUE)).toBe(1);
    expect(store.sweep(1000, Number.MAX_VALUE)).toBe(1);
    expect(store.size).toBe(1);
    verifyHeapStore(store);
  });
});

test('weights of 0, of 2^32 and their neighbours, and of 2^53 - 1 add up exactly through a resize', () => {
  const weights = [0, 1, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52 + 1];
  const store = create();
  for (const [i, weight] of weights.entries()) store.set(`key ${i}`, i, weight, NEVER, 0);
  const sum = weights.reduce((total, weight) => total + weight);
  expect(store.bytes).toBe(sum);
  store.beginResize(16);
  store.resizeStep(4);
  expect(store.bytes).toBe(sum);
  store.set('key 4', 4, 2 ** 32 - 1, NEVER, 0);
  store.resizeStep(NEVER);
  for (const i of weights.keys()) store.delete(`key ${i}`, 0);
  expect([store.size, store.bytes]).toEqual([0, 0]);
  expect(store.set('greatest', 1, Number.MAX_SAFE_INTEGER, NEVER, 0)).toBe(true);
  expect(store.bytes).toBe(Number.MAX_SAFE_INTEGER);
});

test('a time that never comes, or is no number, lets everything expire and harms nothing', () => {
  const store = create();
  for (let n = 0; n < 20; n++) store.set(`key ${n}`, n, 1, n % 2 === 0 ? 10 : NEVER, 0);
  store.delete('key 3', 0);
  for (const nowMs of [NEVER, Number.NaN]) {
    store.sweep(100, nowMs);
    expect(store.size).toBe(0);
    verifyHeapStore(store);
    for (let n = 0; n < 20; n++) store.set(`key ${n}`, n, 1, NEVER, 0);
  }
});

test('everything expires at one moment, and is swept in bounded steps', () => {
  const count = 50_000;
  const store = create({ shardCount: 64, capacity: count });
  for (let n = 0; n < count; n++) store.set(`key ${n}`, n, 1, 1000, 0);
  let steps = 0;
  do {
    expect(store.sweep(1000, 1000)).toBeLessThanOrEqual(1000);
    steps++;
  } while (store.sweepRemaining > 0);
  expect([store.size, store.counters.expirations, steps >= count / 1000]).toEqual([0, count, true]);
  verifyHeapStore(store);
});

describe('a store of many entries', () => {
  const sizes = isDeep ? [5_000_000, 2 ** 24 + 2 ** 16] : [200_000];

  test.each(sizes)('holds %i, finds them, moves and sweeps them', { timeout: DEEP_TIMEOUT_MS }, (count) => {
    const store = create({ shardCount: 256, capacity: count, policy: 'sieve' });
    for (let n = 0; n < count; n++) store.set(`key ${n}`, n, 1, n % 5 === 0 ? 10 : NEVER, 0);
    expect([store.size, store.counters.evictions]).toEqual([count, 0]);
    store.beginResize(512);
    store.resizeStep(count / 4);
    const step = isDeep ? 11 : 1;
    let found = 0;
    for (let n = 0; n < count; n += step) if (store.peek(`key ${n}`, 0) === n) found++;
    expect(found).toBe(Math.ceil(count / step));
    expect(store.sweep(NEVER, 10)).toBe(Math.ceil(count / 5));
    expect(store.size).toBe(count - Math.ceil(count / 5));
    for (let n = 0; n < 1000; n++) store.set(`more ${n}`, n, 1, NEVER, 10);
    for (let n = 0; n < 1000; n++) expect(store.get(`more ${n}`, 10)).toBe(n);
  });

  if (isDeep) {
    test('evicts its own where a shard can hold no more than 2^24', { timeout: DEEP_TIMEOUT_MS }, () => {
      const most = 2 ** 24;
      const store = create({ shardCount: 1, capacity: 2 * most, policy: 'fifo' });
      for (let n = 0; n < most + 1000; n++) store.set(`key ${n}`, n, 1, NEVER, 0);
      expect([store.size, store.counters.evictions]).toEqual([most, 1000]);
      for (let n = 0; n < 1000; n++) expect(store.has(`key ${n}`, 0)).toBe(false);
      for (let n = 1000; n < most; n += 9973) expect(store.peek(`key ${n}`, 0)).toBe(n);
    });
  }
});
