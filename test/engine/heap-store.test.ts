import { describe, expect, test } from 'vitest';
import { isSherdError } from '../../src/core/errors.js';
import { createHeapStore, type HeapStore, type HeapStoreOptions } from '../../src/engine/heap-store.js';
import type { Shard } from '../../src/engine/shard.js';
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

  test('is, during a resize, one that has yet to move', () => {
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

  test('is, during a resize, the one of the lower frequency, wherever it is', () => {
    const store = create({ policy: 'lfu', shardCount: 1, capacity: 2 });
    fill(store, [0]);
    for (let i = 0; i < 3; i++) store.get('0', 0);
    store.beginResize(4);
    fill(store, [4]);
    expect(evictedBy(store, () => fill(store, [8]))).toEqual(['4']);
  });

  test('comes from the fullest shard, again and again, when the limits shrink', () => {
    const store = create({ capacity: 8 });
    fill(store, [0, 4, 8, 12, 1, 5, 2]);
    expect(evictedBy(store, () => store.setLimits({ capacity: 3 })).sort()).toEqual(['0', '1', '4', '8']);
    expect(store.shardSizes()).toEqual([1, 1, 1, 0]);
  });
});

describe('a resize', () => {
  const KEYS = Array.from({ length: 64 }, (_, i) => i);
  /** Keys from the least to the most recently used, when every third has been read. */
  const BY_RECENCY = [...KEYS.filter((key) => key % 3 !== 0), ...KEYS.filter((key) => key % 3 === 0)].map(String);

  function createUsed(shardCount: number): HeapStore<string> {
    const store = create({ shardCount, capacity: 64 });
    fill(store, KEYS);
    for (let key = 0; key < 64; key += 3) store.get(String(key), 0);
    return store;
  }

  function evictAll(store: HeapStore<string>): string[] {
    return evictedBy(store, () => {
      for (let capacity = 63; capacity > 0; capacity--) store.setLimits({ capacity });
    });
  }

  test.each([1, 2, 5, NEVER])('keeps the order of recency of shards that merge, in steps of %d', (step) => {
    for (const [from, to] of [
      [8, 1],
      [2, 1],
    ] as const) {
      const store = createUsed(from);
      store.beginResize(to);
      while (!store.resizeStep(step)) verifyHeapStore(store);
      // What shards give in one round is of like age, and in no order.
      for (const [i, key] of evictAll(store).entries()) {
        expect(Math.abs(i - BY_RECENCY.indexOf(key)), `key ${key} of ${from} shards`).toBeLessThan(2 * from);
      }
    }
  });

  test('keeps the order of recency of shards that split', () => {
    for (const [from, to] of [
      [1, 8],
      [2, 8],
    ] as const) {
      const store = createUsed(from);
      store.beginResize(to);
      while (!store.resizeStep(5)) verifyHeapStore(store);
      const evicted = evictAll(store);
      for (let id = 0; id < from; id++) {
        const order = evicted.filter((key) => Number(key) % to === id);
        expect(order).toEqual(BY_RECENCY.filter((key) => order.includes(key)));
      }
    }
  });

  test.each([1, 2, 3, 7])('takes equal shares of the shards that it merges, in steps of %i', (step) => {
    const store = create({ shardCount: 2, capacity: 200 });
    // Shard 0 holds twice as many.
    for (let i = 0; i < 60; i++) fill(store, [4 * i, 4 * i + 2, 4 * i + 1]);
    const shards = store.routing.newest.shards;
    store.beginResize(1);
    while (!store.resizeStep(step)) {
      const [share, other] = [shards[0]?.size ?? 0, shards[1]?.size ?? 0].map(
        (size, id) => size / (id === 0 ? 120 : 60),
      );
      expect(Math.abs((share ?? 0) - (other ?? 0))).toBeLessThan(1.001 / 60);
    }
  });

  test('moves an entry at once when it is read or written, if that changes its turn', () => {
    for (const [policy, moved] of [
      ['lru', 2],
      ['fifo', 0],
    ] as const) {
      const store = create({ policy, shardCount: 1, capacity: 9 });
      fill(store, [0, 1, 2, 3]);
      store.beginResize(4);
      store.get('0', 0);
      store.set('1', 'other', 1, NEVER, 0);
      expect(store.shardSizes().reduce((sum, size) => sum + size)).toBe(moved);
      verifyHeapStore(store);
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

  test('takes more entries into one shard than columns are made for at once, while others come and go', () => {
    const store = create({ shardCount: 8, capacity: 200_000 });
    const keys = Array.from({ length: 90_000 }, (_, n) => n);
    fill(store, keys);
    store.beginResize(1);
    const gone = new Set<number>();
    for (let n = 0; !store.resizeStep(2000); n++) {
      store.delete(String(2 * n), 0);
      gone.add(2 * n);
      fill(store, [90_000 + n]);
      if (n % 15 === 0) verifyHeapStore(store);
    }
    verifyHeapStore(store);
    expect([store.size, store.shardSizes()]).toEqual([90_000, [90_000]]);
    expect(keys.filter((n) => store.peek(String(n), 0) !== (gone.has(n) ? undefined : `value ${n}`))).toEqual([]);
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

  test('turns away what a resize brings', () => {
    const store = create({ shardCount: 4, capacity: 100, maxShardEntries: 3 });
    fill(store, [0, 1, 2, 3, 4, 5]);
    store.beginResize(1);
    const evicted = evictedBy(store, () => store.resizeStep(NEVER));
    expect(evicted).toHaveLength(3);
    expect(evicted).toEqual(expect.arrayContaining(['0', '1']));
    expect([store.size, store.isResizing]).toEqual([3, false]);
    verifyHeapStore(store);
  });

  test('evicts its own for what is read or written during a resize', () => {
    const store = create({ shardCount: 4, capacity: 100, maxShardEntries: 2 });
    fill(store, [0, 1, 2]);
    store.beginResize(1);
    expect(evictedBy(store, () => ['0', '1', '2'].map((key) => store.get(key, 0)))).toEqual(['0']);
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
      { maxShardEntries: 0 },
      { maxShardEntries: 1.5 },
      { maxShardEntries: Number.NaN },
      { maxShardEntries: 2 ** 24 + 1 },
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
    const damages: ((shard: Shard<string>, store: HeapStore<string>) => void)[] = [
      ({ weights }) => weights.set(0, 5),
      ({ index }) => void index.cells.fill('8', 0, 1),
      ({ index }) => void index.cells.fill(undefined, 1, 2),
      ({ index }) => void index.cells.fill('left behind', 3, 4),
      ({ index }) => index.remove(0),
      ({ index }) => void index.hashes.fill(1, 0, 1),
      ({ policy }) => policy.remove(0),
      ({ expiresAtMs }) => void expiresAtMs.fill(0, 1),
      (shard) => void shard.highWater++,
      (shard) => shard.add('8', 8, 'unknown to the policy', 1, NEVER),
      (_shard, { routing }) => routing.newest.shards[1]?.policy.insert(7, 7),
      (_shard, { routing }) => Object.assign(routing, { generations: [routing.newest, routing.newest] }),
    ];
    for (const [i, damage] of damages.entries()) {
      const store = create();
      fill(store, [0, 4, 1, 2]);
      store.delete('4', 0);
      verifyHeapStore(store);
      damage(store.routing.newest.shards[0] as Shard<string>, store);
      expect(() => verifyHeapStore(store), `damage ${i}`).toThrow(expect.toSatisfy(isSherdError));
    }
  });
});
