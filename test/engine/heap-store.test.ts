import { describe, expect, test } from 'vitest';
import { isSherdError } from '../../src/core/errors.js';
import { createHeapStore, type HeapStore, type HeapStoreOptions } from '../../src/engine/heap-store.js';
import { verifyHeapStore } from '../../src/engine/verify.js';

const NEVER = Number.POSITIVE_INFINITY;

/** Key `n` routes to shard n % shardCount. */
function create(options: Partial<HeapStoreOptions> = {}): HeapStore<string> {
  return createHeapStore({ shardCount: 4, capacity: 4, policy: 'lru', seed: 1, hash: Number, ...options });
}

function fill(store: HeapStore<string>, keys: readonly number[], weight = 1): void {
  for (const key of keys) store.set(String(key), `value ${key}`, weight, NEVER, 0);
}

function evictedBy(store: HeapStore<string>, run: () => void): string[] {
  const evicted: string[] = [];
  store.onRemoval((key, _value, reason) => void (reason === 'evicted' && evicted.push(key)));
  run();
  store.onRemoval(undefined);
  return evicted;
}

describe('the victim', () => {
  test("is the inserting shard's own at the total capacity, whatever is older elsewhere", () => {
    const store = create();
    fill(store, [0, 1, 5, 2]);
    expect(evictedBy(store, () => fill(store, [9]))).toEqual(['1']);
  });

  test('comes from the fullest shard when the inserting one is empty', () => {
    const store = create();
    fill(store, [2, 1, 5, 9]);
    expect(evictedBy(store, () => fill(store, [3]))).toEqual(['1']);
  });

  test('is not the entry that grows, even if that ranks lowest', () => {
    const store = create({ policy: 'fifo', maxBytes: 10, capacity: 10 });
    fill(store, [0, 4, 1], 3);
    expect(evictedBy(store, () => store.set('0', 'larger', 6, NEVER, 0))).toEqual(['4']);
    expect(evictedBy(store, () => store.set('0', 'largest', 10, NEVER, 0))).toEqual(['1']);
    expect([store.size, store.bytes]).toEqual([1, 10]);
  });

  test('is, during a resize, the lower rank of the old and the new shard', () => {
    const store = create({ shardCount: 1, capacity: 3 });
    fill(store, [0, 1]);
    store.beginResize(4);
    fill(store, [4]);
    store.get('0', 0);
    expect(evictedBy(store, () => fill(store, [8]))).toEqual(['1']);
    expect(evictedBy(store, () => fill(store, [12]))).toEqual(['4']);
    expect(evictedBy(store, () => fill(store, [16]))).toEqual(['0']);
    verifyHeapStore(store);
  });

  test('is the least recently used of all shards when the limits shrink', () => {
    const store = create({ capacity: 8 });
    fill(store, [0, 1, 2, 3, 4, 5, 6, 7]);
    store.get('1', 0);
    expect(evictedBy(store, () => store.setLimits({ capacity: 3 }))).toEqual(['0', '2', '3', '4', '5']);
  });
});

describe('a resize', () => {
  test('keeps the order of recency over shards that merge and split', () => {
    for (const [from, to] of [
      [8, 1],
      [1, 8],
      [8, 2],
      [2, 8],
    ] as const) {
      const store = create({ shardCount: from, capacity: 64 });
      const keys = Array.from({ length: 64 }, (_, i) => i);
      fill(store, keys);
      for (let key = 0; key < 64; key += 3) store.get(String(key), 0);
      store.beginResize(to);
      while (!store.resizeStep(5)) verifyHeapStore(store);
      const expected = [...keys.filter((key) => key % 3 !== 0), ...keys.filter((key) => key % 3 === 0)];
      const order = evictedBy(store, () => {
        for (let capacity = 63; capacity > 0; capacity--) store.setLimits({ capacity });
      });
      expect(order).toEqual(expected.slice(0, 63).map(String));
    }
  });

  test('hands the age of frequency eviction on to the new shards', () => {
    const store = create({ policy: 'lfu', shardCount: 1, capacity: 2 });
    for (let key = 0; key < 40; key++) fill(store, [key]);
    store.beginResize(2);
    store.resizeStep(NEVER);
    const ages = store.routing.newest.shards.map((shard) => shard.policy.age);
    expect(ages[0]).toBeGreaterThan(10);
    expect(ages[1]).toBe(ages[0]);
  });

  test('never holds more than one generation of a size, however often its target changes', () => {
    const store = create({ capacity: 100 });
    fill(
      store,
      Array.from({ length: 100 }, (_, i) => i),
    );
    for (let i = 0; i < 50; i++) {
      store.beginResize(2 ** (i % 5));
      store.resizeStep(1);
      verifyHeapStore(store);
      expect(store.routing.generations.length).toBeLessThanOrEqual(5);
    }
    expect(store.size).toBe(100);
  });

  test('lets go of a generation as soon as it is empty', () => {
    const store = create({ shardCount: 8, capacity: 10 });
    store.beginResize(2);
    expect(store.isResizing).toBe(false);
    fill(store, [0, 1]);
    store.beginResize(8);
    expect(store.resizeStep(2)).toBe(true);
    expect(store.routing.generations).toHaveLength(1);
  });
});

describe('a shard that can hold no more', () => {
  test('evicts its own on insert', () => {
    const store = create({ shardCount: 1, capacity: 100, maxShardEntries: 3 });
    expect(evictedBy(store, () => fill(store, [0, 1, 2, 3, 4]))).toEqual(['0', '1']);
    verifyHeapStore(store);
  });

  test('evicts its own when a resize merges more into it', () => {
    const store = create({ shardCount: 4, capacity: 100, maxShardEntries: 3 });
    fill(store, [0, 1, 2, 3, 4, 5]);
    store.beginResize(1);
    expect(evictedBy(store, () => store.resizeStep(NEVER))).toEqual(['0', '1', '2']);
    expect(store.keys(0).sort()).toEqual(['3', '4', '5']);
    verifyHeapStore(store);
  });
});

describe('a heap store', () => {
  test('spreads keys over its shards by a hash of its own seed', () => {
    const [a, b] = [1, 2].map((seed) => createHeapStore<string>({ shardCount: 64, capacity: 10, policy: 'lru', seed }));
    const keys = Array.from({ length: 1000 }, (_, i) => `key ${i}`);
    const same = keys.filter((key) => a?.shardOf(key) === b?.shardOf(key));
    expect(new Set(keys.map((key) => a?.shardOf(key))).size).toBe(64);
    expect(same.length).toBeLessThan(50);
  });

  test('keeps its sum exact where weights add up to more than a double can hold', () => {
    const store = create();
    store.set('0', 'heavy', Number.MAX_SAFE_INTEGER, NEVER, 0);
    store.set('1', 'light', 1, NEVER, 0);
    expect([store.size, store.bytes, store.has('1', 0)]).toEqual([1, 1, true]);
  });

  test('asserts what whoever creates it has to check', () => {
    for (const wrong of [
      { shardCount: 3 },
      { shardCount: 0 },
      { capacity: 0 },
      { maxBytes: -1 },
      { maxEntryBytes: Number.NaN },
    ]) {
      expect(() => create(wrong)).toThrow(expect.toSatisfy(isSherdError));
    }
    expect(() => create().beginResize(6)).toThrow(expect.toSatisfy(isSherdError));
    const store = create();
    expect(() => store.setLimits({ capacity: Number.NaN })).toThrow(expect.toSatisfy(isSherdError));
    expect(store.capacity).toBe(4);
  });
});

describe('verifyHeapStore', () => {
  test('notices a store that does not agree with itself', () => {
    const damages: ((store: HeapStore<string>) => void)[] = [
      (store) => void store.routing.home(0).weights.fill(5),
      (store) => void store.routing.home(0).keys.fill('other', 0, 1),
      (store) => store.routing.home(0).policy.remove(0),
      (store) => store.routing.home(0).slots.give(0),
      (store) => void store.routing.home(0).hashes.fill(1),
      (store) => void store.routing.home(0).values.fill(undefined),
    ];
    for (const damage of damages) {
      const store = create();
      fill(store, [0, 1, 2]);
      verifyHeapStore(store);
      damage(store);
      expect(() => verifyHeapStore(store)).toThrow(expect.toSatisfy(isSherdError));
    }
  });
});
