/**
 * Storage in this process's heap: the verbs of a Store, which look a key up, hold its expiry against the time given and
 * count the outcome. Where a key is belongs to Routing, what entering and leaving entails to EntryTable.
 */
import { assert } from '../core/assert.js';
import { isPowerOfTwo, NONE } from '../core/bits.js';
import type { HashFunction } from '../core/hash.js';
import { createRandom } from '../core/random.js';
import { EntryTable } from './entry-table.js';
import { createKeyHash } from './key-hash.js';
import type { PolicyName } from './policy.js';
import { Routing } from './routing.js';
import type { Shard } from './shard.js';
import type { RemovalListener, Store, StoreCounters, StoreLimits } from './store.js';

export interface HeapStoreOptions {
  /** A power of two. */
  readonly shardCount: number;
  /** Entries over all shards, at least 1. */
  readonly capacity: number;
  /** Sum of all weights. Default and greatest: 2^53 - 1, up to where sums are exact. */
  readonly maxBytes?: number | undefined;
  /** Weight of one entry. Default Infinity. */
  readonly maxEntryBytes?: number | undefined;
  readonly policy: PolicyName;
  /** Of the hash and of random eviction. */
  readonly seed: number;
  /** Routes keys to shards; must be pure. Default: a seeded hash of the whole key. */
  readonly hash?: HashFunction | undefined;
  /** Entries one shard may hold; a fuller one evicts its own. Default 2^24 - 1, what a Map surely holds. */
  readonly maxShardEntries?: number | undefined;
}

/** An empty store. Settings out of range are a broken invariant: whoever takes them from a user checks them. */
export function createHeapStore<V>(options: HeapStoreOptions): HeapStore<V> {
  return new HeapStore<V>(options);
}

export class HeapStore<V> implements Store<V> {
  readonly counters: StoreCounters;
  readonly routing: Routing<V>;
  private readonly table: EntryTable<V>;
  private readonly hash: HashFunction;

  constructor(options: HeapStoreOptions) {
    assert(isPowerOfTwo(options.shardCount), 'a shard count is a power of two');
    const limits: StoreLimits = {
      capacity: options.capacity,
      maxBytes: options.maxBytes ?? Number.POSITIVE_INFINITY,
      maxEntryBytes: options.maxEntryBytes ?? Number.POSITIVE_INFINITY,
    };
    this.routing = new Routing(options.shardCount, options.policy, createRandom(options.seed));
    this.table = new EntryTable(this.routing, limits, options.maxShardEntries ?? 2 ** 24 - 1);
    this.counters = this.table.counters;
    this.hash = createKeyHash(options.seed, options.hash);
  }

  get size(): number {
    return this.table.size;
  }
  get bytes(): number {
    return this.table.bytes;
  }
  get capacity(): number {
    return this.table.limits.capacity;
  }
  get limits(): StoreLimits {
    return this.table.limits;
  }
  get shardCount(): number {
    return this.routing.newest.shards.length;
  }
  get isResizing(): boolean {
    return this.routing.generations.length > 1;
  }
  get sweepRemaining(): number {
    return this.routing.cursor.remaining(this.routing.generations);
  }

  get(key: string, nowMs: number): V | undefined {
    const slot = this.routing.find(key, this.hash(key));
    if (slot === NONE) {
      this.counters.misses++;
      return undefined;
    }
    const shard = this.routing.holder;
    if (shard.isExpired(slot, nowMs)) {
      this.expire(shard, slot);
      this.counters.misses++;
      return undefined;
    }
    this.counters.hits++;
    this.table.touch(shard, slot);
    return shard.values[slot];
  }

  peek(key: string, nowMs: number): V | undefined {
    const slot = this.routing.find(key, this.hash(key));
    const shard = this.routing.holder;
    return slot === NONE || shard.isExpired(slot, nowMs) ? undefined : shard.values[slot];
  }

  has(key: string, nowMs: number): boolean {
    return this.peek(key, nowMs) !== undefined;
  }

  set(key: string, value: V, weight: number, expiresAtMs: number, nowMs: number): boolean {
    const hash = this.hash(key);
    let slot = this.routing.find(key, hash);
    const shard = this.routing.holder;
    if (slot !== NONE && shard.isExpired(slot, nowMs)) {
      this.expire(shard, slot);
      slot = NONE;
    }
    if (!this.table.isStorable(weight)) {
      this.counters.refusals++;
      if (slot !== NONE) this.table.remove(shard, slot, 'refused');
      return false;
    }
    if (slot === NONE) this.table.insert(key, hash, value, weight, expiresAtMs);
    else this.table.update(shard, slot, value, weight, expiresAtMs);
    return true;
  }

  delete(key: string, nowMs: number): boolean {
    const slot = this.routing.find(key, this.hash(key));
    if (slot === NONE) return false;
    const shard = this.routing.holder;
    if (shard.isExpired(slot, nowMs)) {
      this.expire(shard, slot);
      return false;
    }
    this.counters.deletes++;
    this.table.remove(shard, slot, 'deleted');
    return true;
  }

  clear(): void {
    this.table.clear();
  }

  keys(nowMs: number): string[] {
    const keys: string[] = [];
    for (const shard of this.routing.allShards()) {
      for (const [slot, key] of shard.keys.entries()) {
        if (key !== undefined && !shard.isExpired(slot, nowMs)) keys.push(key);
      }
    }
    return keys;
  }

  sweep(maxEntries: number, nowMs: number): number {
    const { cursor, generations } = this.routing;
    let expired = 0;
    let shard = cursor.seek(generations);
    for (let examined = 0; shard !== undefined && examined < maxEntries; examined++) {
      const slot = cursor.slot++;
      if (shard.isExpired(slot, nowMs)) {
        this.expire(shard, slot);
        expired++;
      }
      shard = cursor.seek(generations);
    }
    return expired;
  }

  restartSweep(): void {
    this.routing.cursor.restart();
  }

  beginResize(shardCount: number): void {
    assert(isPowerOfTwo(shardCount), 'a shard count is a power of two');
    this.routing.begin(shardCount);
  }

  resizeStep(maxEntries: number): boolean {
    for (let moved = 0; ; moved++) {
      const source = this.routing.nextToMove();
      if (source === undefined) return true;
      if (!(moved < maxEntries)) return false;
      this.table.move(source, source.policy.victim(NONE));
    }
  }

  setLimits(limits: Partial<StoreLimits>): void {
    this.table.setLimits(limits);
  }

  shardOf(key: string): number {
    return this.hash(key) & this.routing.newest.mask;
  }

  shardSizes(): number[] {
    return this.routing.newest.shards.map((shard) => shard.size);
  }

  onRemoval(listener: RemovalListener<V> | undefined): void {
    this.table.listener = listener;
  }

  private expire(shard: Shard<V>, slot: number): void {
    this.counters.expirations++;
    this.table.remove(shard, slot, 'expired');
  }
}
