/** What goes on while a store hashes its keys anew: reads, writes, sweeps, resizes, expiry, walks. */
import { describe, expect, test } from 'vitest';
import { mix32 } from '../../src/core/hash.js';
import { createRandom } from '../../src/core/random.js';
import { createPolicyFamily } from '../../src/engine/create-policy.js';
import { carryAges, createGeneration } from '../../src/engine/generation.js';
import type { HeapStore, HeapStoreOptions } from '../../src/engine/heap-store.js';
import { KeyHash } from '../../src/engine/key-hash.js';
import { verifyHeapStore } from '../../src/engine/verify.js';
import { createHashingStore, fill, found, imbalance, type KeyOf, NEVER, paddedUser, SHARDS } from './hash-scenes.js';

describe('while a store hashes its keys anew', () => {
  const user = paddedUser;
  const odd: KeyOf = (n) => `odd:${String.fromCharCode(0x100 + n)}`.padEnd(23, '-');

  /** A store of 6000 entries that has just begun to move them. */
  function createChanging(options: Partial<HeapStoreOptions> = {}, expiresAtMs: number = NEVER): HeapStore<number> {
    const store = createHashingStore(options);
    for (let n = 0; n < 6000; n++) store.set(user(n), n, 1, n % 2 === 0 ? expiresAtMs : NEVER, 0);
    for (let n = 0; !store.isResizing; n++) store.set(odd(n), n, 1, NEVER, 0);
    expect(store.routing.isRehashing).toBe(true);
    return store;
  }

  /** Whether a user stands where the hash of now puts them. */
  function hasMoved(store: HeapStore<number>, n: number): boolean {
    const { homes, hash, mask } = store.routing.newest;
    const keyHash = hash.of(user(n));
    return homes[keyHash & mask]?.index.find(user(n), keyHash) !== -1;
  }

  test.each([
    ['insertions', (n: number) => user(10_000 + n)],
    ['updates', (n: number) => user(n)],
  ])('%s move one entry each', (_name, keyOf) => {
    const store = createChanging();
    const { size } = store;
    let writes = 0;
    for (; store.isResizing; writes++) store.set(keyOf(writes), writes, 1, NEVER, 0);
    expect(writes).toBe(size);
    expect(found(store, user, 0, 6000)).toBe(6000);
    verifyHeapStore(store);
  });

  test.each([
    ['moved on a hit', 'lru'],
    ['left in their place on a hit', 'fifo'],
  ] as const)('reads of entries that have not moved, and are %s, move one each', (_name, policy) => {
    const store = createChanging({ policy });
    const { size } = store;
    let reads = 0;
    for (let n = 0; n < 6000; n++) {
      if (hasMoved(store, n)) continue;
      expect(store.get(user(n), 0)).toBe(n);
      reads++;
    }
    const left = size - store.routing.newest.shards.reduce((sum, shard) => sum + shard.size, 0);
    expect(left).toBe(size - reads);
    expect(found(store, user, 0, 6000)).toBe(6000);
    verifyHeapStore(store);
  });

  test('insertions into a full store, each of which evicts what has yet to move, move none besides', () => {
    const store = createChanging({ shardCount: 1 });
    store.setLimits({ capacity: store.size });
    const evictions = store.size - 50;
    fill(store, user, 10_000, 10_000 + evictions);
    const [former, next] = [store.routing.generations.at(-1)?.shards[0]?.size, store.routing.newest.shards[0]?.size];
    expect([former, next, store.counters.evictions]).toEqual([50, evictions, evictions]);
    fill(store, user, 30_000, 30_060);
    expect(store.isResizing).toBe(false);
    verifyHeapStore(store);
  });

  test('misses move one entry each', () => {
    const store = createChanging();
    const reads = store.size + 1;
    for (let n = 0; n < reads; n++) store.get(user(50_000 + n), 0);
    expect([store.isResizing, store.counters.misses]).toEqual([false, reads]);
    verifyHeapStore(store);
  });

  test.each([7, 100, 100_000])('a round of sweeps of %i places moves all that is left', (places) => {
    const store = createChanging();
    do {
      store.sweep(places, 0);
    } while (store.sweepRemaining > 0);
    expect([store.isResizing, store.counters.expirations]).toEqual([false, 0]);
    expect(found(store, user, 0, 6000)).toBe(6000);
    verifyHeapStore(store);
  });

  test('a resize is left to whoever began it', () => {
    const store = createHashingStore();
    fill(store, user, 0, 6000);
    store.resizeStep(NEVER);
    store.beginResize(2);
    found(store, user, 5000, 6000);
    store.sweep(100_000, 0);
    expect([store.isResizing, store.routing.isRehashing]).toEqual([true, false]);
  });

  test('shard sizes add up to all entries', () => {
    const store = createChanging();
    for (; store.isResizing; store.resizeStep(500)) {
      const sizes = store.shardSizes();
      expect([sizes.length, sizes.reduce((sum, size) => sum + size)]).toEqual([SHARDS, store.size]);
      expect(imbalance(store)).toBeLessThan(1.5);
    }
    expect(store.shardSizes().reduce((sum, size) => sum + size)).toBe(store.size);
  });

  test('it can be resized up, down, and back', () => {
    for (const targets of [[64], [2], [64, 2], [2, 64, 16], [64, 16], [1, 2, 4, 8, 16, 32]]) {
      const store = createChanging();
      for (const target of targets) {
        store.resizeStep(500);
        store.beginResize(target);
        expect(store.shardCount).toBe(target);
        expect(found(store, user, 0, 6000)).toBe(6000);
        verifyHeapStore(store);
      }
      store.resizeStep(NEVER);
      expect([store.isResizing, store.routing.isRehashing, store.shardCount]).toEqual([false, false, targets.at(-1)]);
      expect(found(store, user, 0, 6000)).toBe(6000);
      verifyHeapStore(store);
    }
  });

  test('entries expire, are swept, deleted and replaced', () => {
    const store = createChanging({}, 10);
    store.resizeStep(2000);
    for (let n = 1; n < 6000; n += 4) expect(store.delete(user(n), 10)).toBe(true);
    for (let n = 3; n < 6000; n += 8) store.set(user(n), -n, 1, NEVER, 10);
    while (store.sweep(100, 10) > 0 || store.sweepRemaining > 0) store.resizeStep(50);
    store.resizeStep(NEVER);
    const { expirations, deletes, updates } = store.counters;
    expect({ expirations, deletes, updates }).toEqual({ expirations: 3000, deletes: 1500, updates: 750 });
    for (let n = 0; n < 6000; n++) {
      const expected = n % 4 !== 3 ? undefined : n % 8 === 3 ? -n : n;
      expect(store.get(user(n), 10)).toBe(expected);
    }
    verifyHeapStore(store);
  });

  test('a walk comes to every entry', () => {
    const store = createChanging();
    const walk = store.walk();
    const seen = new Set<string>();
    for (let i = 0; !walk.step(200, (key) => seen.add(key)); i++) {
      store.set(user(20_000 + i), i, 1, NEVER, 0);
      store.get(user(mix32(i) % 6000), 0);
    }
    for (let n = 0; n < 6000; n++) expect(seen.has(user(n))).toBe(true);
  });

  test('it is cleared to the new hash, and limits hold', () => {
    const store = createChanging();
    store.setLimits({ capacity: 5000 });
    expect(store.size).toBe(5000);
    fill(store, user, 30_000, 30_100);
    expect(store.size).toBe(5000);
    verifyHeapStore(store);
    const { hash } = store.routing.newest;
    store.clear();
    expect([store.size, store.isResizing, store.routing.newest.hash === hash]).toEqual([0, false, true]);
  });

  test('what has yet to move is what would be evicted first', () => {
    const store = createChanging({ shardCount: 1, capacity: 100_000 });
    store.resizeStep(3000);
    const moved = Array.from({ length: 6000 }, (_, n) => n).filter((n) => hasMoved(store, n));
    expect(Math.min(...moved)).toBeGreaterThan(6000 - 3100);
  });
});

test('under another hash, every new shard is as old as the oldest', () => {
  const family = createPolicyFamily('lfu', createRandom(1));
  const [former, next] = [1, 2].map((seed) =>
    createGeneration<number>({
      shardCount: 4,
      hash: new KeyHash(seed, undefined),
      family,
      layout: undefined,
      capacity: 100,
      moving: 0,
    }),
  );
  for (const [i, { policy }] of (former?.shards ?? []).entries()) policy.age = 10 * i;
  if (former !== undefined && next !== undefined) carryAges(former, next);
  expect(next?.shards.map(({ policy }) => policy.age)).toEqual([30, 30, 30, 30]);
});
