import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { createHeapStore, type HeapStore } from '../../src/engine/heap-store.js';
import { verifyHeapStore } from '../../src/engine/verify.js';
import { operations } from '../support/deep.js';
import { readSeed } from './seeds.js';

describe('sweep', () => {
  test('tells how many places are left of its round', () => {
    const store = createHeapStore<number>({ shardCount: 8, capacity: 100, policy: 'lru', seed: 1 });
    for (let i = 0; i < 100; i++) store.set(`key ${i}`, i, 1, Number.POSITIVE_INFINITY, 0);
    store.beginResize(4);
    store.resizeStep(30);
    const places = 130;
    for (let examined = 0; examined < places; examined += 13) {
      store.sweep(13, 0);
      expect(store.sweepRemaining).toBe(places - examined - 13);
    }
  });

  test('has removed, at the end of a round, every entry that had expired at its beginning', () => {
    const seed = readSeed();
    const random = createRandom(seed);
    const store = createHeapStore<number>({ shardCount: 4, capacity: 200, policy: 'lru', seed });
    let nowMs = 0;
    let expiredAtStart: [string, number][] = [];
    let rounds = 0;
    for (let step = 0; step < operations(30_000); step++) {
      nowMs += random.nextInt(2);
      const key = `key ${random.nextInt(300)}`;
      const verb = random.nextInt(10);
      if (verb < 5) store.set(key, step, 1, nowMs + random.nextInt(100), nowMs);
      else if (verb === 5) store.delete(key, nowMs);
      else if (verb === 6) store.resizeStep(random.nextInt(20));
      else if (verb === 7 && random.nextInt(15) === 0) store.beginResize(2 ** random.nextInt(6));
      else if (verb > 7) {
        if (store.sweepRemaining === 0) {
          expiredAtStart = [...storedIn(store)].filter(([stored]) => !store.has(stored, nowMs));
        }
        store.sweep(1 + random.nextInt(20), nowMs);
        if (store.sweepRemaining > 0) continue;
        const left = storedIn(store);
        const escaped = expiredAtStart.filter(([stored, value]) => left.get(stored) === value);
        expect(escaped, `step ${step} of SHERD_SEED=${seed}`).toEqual([]);
        rounds++;
      }
    }
    verifyHeapStore(store);
    expect(rounds).toBeGreaterThan(50);
  });
});

/** Everything in the store, the expired included. */
function storedIn(store: HeapStore<number>): Map<string, number> {
  const stored = new Map<string, number>();
  for (const shard of store.routing.allShards()) {
    for (let slot = 0; slot < shard.highWater; slot++) {
      if (shard.isTaken(slot)) stored.set(shard.key(slot), shard.value(slot));
    }
  }
  return stored;
}
