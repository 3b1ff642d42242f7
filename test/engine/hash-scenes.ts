/** Stores whose hash of keys is under test, and keys to fill them with. */
import { createHeapStore, type HeapStore, type HeapStoreOptions } from '../../src/engine/heap-store.js';
import { readSeed } from './seeds.js';

export type KeyOf = (n: number) => string;

export const NEVER: number = Number.POSITIVE_INFINITY;
export const SHARDS = 16;

export function createHashingStore(options: Partial<HeapStoreOptions> = {}): HeapStore<number> {
  return createHeapStore({ shardCount: SHARDS, capacity: 100_000, policy: 'lru', seed: readSeed(), ...options });
}

/** Stores keys with numbers first..end-1; returns how often the store changed its hash meanwhile. */
export function fill(store: HeapStore<number>, keyOf: KeyOf, first: number, end: number): number {
  let changes = 0;
  for (let n = first; n < end; n++) {
    const { hash } = store.routing.newest;
    store.set(keyOf(n), n, 1, NEVER, 0);
    if (store.routing.newest.hash !== hash) changes++;
  }
  return changes;
}

export function found(store: HeapStore<number>, keyOf: KeyOf, first: number, end: number): number {
  let count = 0;
  for (let n = first; n < end; n++) if (store.get(keyOf(n), 0) === n) count++;
  return count;
}

export const paddedUser: KeyOf = (n) => `user:${String(n).padStart(10, '0')}:profile`;

/** How much fuller the fullest shard is than the mean. */
export function imbalance(store: HeapStore<number>): number {
  return Math.max(...store.shardSizes()) / (store.size / store.shardCount);
}
