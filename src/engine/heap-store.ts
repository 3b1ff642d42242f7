/**
 * Storage in this process's heap: the verbs of a Store, which look a key up, hold its expiry against the time given and
 * count the outcome. Where a key is belongs to Routing, what entering and leaving entails to EntryTable, the choice of
 * the hash to HashCare.
 */
import { assert } from '../core/assert.js';
import { isPowerOfTwo, NONE } from '../core/bits.js';
import type { HashFunction } from '../core/hash.js';
import { createRandom } from '../core/random.js';
import { createPolicyFamily, type PlainPolicyName } from './create-policy.js';
import { EntryTable, MAX_SHARD_ENTRIES } from './entry-table.js';
import type { ShardLayout } from './generation.js';
import { HashCare, SMALL_STORE } from './hash-care.js';
import { HeapWalk } from './heap-walk.js';
import { KeyHash } from './key-hash.js';
import type { PolicyFamily } from './policy.js';
import { Routing } from './routing.js';
import type { Shard } from './shard.js';
import { SlotCursor } from './slot-cursor.js';
import type { RemovalListener, Store, StoreCounters, StoreLimits, StoreWalk } from './store.js';
import { WorthRanks } from './worth-ranks.js';

export interface HeapStoreOptions {
  /** A power of two, or with a layout any number that it knows. */
  readonly shardCount: number;
  /** Spreads hashes over shards. Default: by their low bits, which wants a power of two of shards. */
  readonly layout?: ShardLayout | undefined;
  /** Entries over all shards, at least 1. */
  readonly capacity: number;
  /** Sum of all weights. Default and greatest: 2^53 - 1, up to where sums are exact. */
  readonly maxBytes?: number | undefined;
  /** Weight of one entry. Default Infinity. */
  readonly maxEntryBytes?: number | undefined;
  /** A policy by name, or a family of one's own. */
  readonly policy: PlainPolicyName | PolicyFamily;
  /** Of the hash and of random eviction. */
  readonly seed: number;
  /** Routes keys to shards; must be pure. Default: a seeded hash of the characters in which keys differ. */
  readonly hash?: HashFunction | undefined;
  /** Entries one shard may hold, at least 1; a fuller one evicts its own. Default and greatest: 2^24. */
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
  private readonly care: HashCare<V>;
  private readonly hasLayout: boolean;
  private readonly sweeper: SlotCursor<V> = new SlotCursor();
  private readonly worths: WorthRanks = new WorthRanks();

  constructor(options: HeapStoreOptions) {
    this.hasLayout = options.layout !== undefined;
    this.checkCount(options.shardCount);
    const limits: StoreLimits = {
      capacity: options.capacity,
      maxBytes: options.maxBytes ?? Number.POSITIVE_INFINITY,
      maxEntryBytes: options.maxEntryBytes ?? Number.POSITIVE_INFINITY,
    };
    const random = createRandom(options.seed);
    const hash = new KeyHash(random.nextInt(2 ** 32), undefined, options.hash);
    const family = typeof options.policy === 'string' ? createPolicyFamily(options.policy, random) : options.policy;
    const { shardCount, layout, capacity } = options;
    this.routing = new Routing({ shardCount, hash, family, layout, capacity });
    this.routing.setCapacity(capacity);
    this.routing.cursors.add(this.sweeper);
    this.table = new EntryTable(this.routing, limits, options.maxShardEntries ?? MAX_SHARD_ENTRIES);
    this.counters = this.table.counters;
    this.care = new HashCare(this.routing, random);
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
    return this.routing.isMoving;
  }
  get sweepRemaining(): number {
    return this.sweeper.remaining(this.routing.generations);
  }

  get(key: string, nowMs: number): V | undefined {
    const { newest } = this.routing;
    const hash = newest.hash.of(key);
    const shard = newest.homes[hash & newest.mask] as Shard<V>;
    const slot = shard.index.find(key, hash);
    if (slot === NONE) return this.getOlder(key, nowMs);
    if (shard.isExpired(slot, nowMs)) {
      this.expire(shard, slot);
      this.counters.misses++;
      return undefined;
    }
    this.counters.hits++;
    shard.policy.hit(slot, hash);
    return shard.value(slot);
  }

  peek(key: string, nowMs: number): V | undefined {
    const slot = this.locate(key);
    const shard = this.routing.holder;
    return slot === NONE || shard.isExpired(slot, nowMs) ? undefined : shard.value(slot);
  }

  has(key: string, nowMs: number): boolean {
    return this.peek(key, nowMs) !== undefined;
  }

  set(key: string, value: V, weight: number, expiresAtMs: number, nowMs: number, worth?: number): boolean {
    const { newest } = this.routing;
    const hash = newest.hash.of(key);
    const home = newest.homes[hash & newest.mask] as Shard<V>;
    let shard = home;
    let slot = home.index.find(key, hash);
    if (slot === NONE && this.routing.isMoving) {
      slot = this.routing.findOlder(key);
      if (slot !== NONE) shard = this.routing.holder;
    }
    if (slot !== NONE && shard.isExpired(slot, nowMs)) {
      this.expire(shard, slot);
      slot = NONE;
    }
    if (!this.table.isStorable(weight)) {
      this.counters.refusals++;
      if (slot !== NONE) this.table.remove(shard, slot, 'refused');
      return false;
    }
    const rank = this.worths.rankOf(worth, weight);
    if (slot === NONE) this.insert(home, key, hash, value, weight, expiresAtMs, rank);
    else this.update(shard, slot, shard === home, value, weight, expiresAtMs, rank);
    return true;
  }

  delete(key: string, nowMs: number): boolean {
    const slot = this.locate(key);
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
      for (let slot = 0; slot < shard.highWater; slot++) {
        if (shard.isTaken(slot) && !shard.isExpired(slot, nowMs)) keys.push(shard.key(slot));
      }
    }
    return keys;
  }

  walk(): StoreWalk {
    return new HeapWalk(this.routing);
  }

  sweep(maxEntries: number, nowMs: number): number {
    const { sweeper } = this;
    const { generations } = this.routing;
    let expired = 0;
    let shard = sweeper.seek(generations);
    for (let examined = 0; shard !== undefined && examined < maxEntries; examined++) {
      const slot = sweeper.slot++;
      // A free slot never expires, but for a clock that has gone to infinity or is no number.
      if (shard.isExpired(slot, nowMs) && shard.isTaken(slot)) {
        this.expire(shard, slot);
        expired++;
      }
      shard = sweeper.seek(generations);
    }
    // So a full round ends a change of hash: in each generation there are no more entries than places.
    this.goOnRehashing(maxEntries);
    return expired;
  }

  restartSweep(): void {
    this.sweeper.restart();
  }

  beginResize(shardCount: number): void {
    this.checkCount(shardCount);
    this.routing.begin(shardCount);
  }

  resizeStep(maxEntries: number): boolean {
    for (let moved = 0; moved < maxEntries; moved++) {
      const source = this.routing.nextToMove();
      if (source === undefined) return true;
      this.table.moveLast(source);
    }
    return this.routing.settle();
  }

  setLimits(limits: Partial<StoreLimits>): void {
    this.table.setLimits(limits);
  }

  shardOf(key: string): number {
    const { hash, homes, mask } = this.routing.newest;
    return (homes[hash.of(key) & mask] as Shard<V>).id;
  }

  shardSizes(): number[] {
    const { generations, newest } = this.routing;
    // More than one while the hash changes.
    const alike = generations.filter(({ shards }) => shards.length === newest.shards.length);
    return newest.shards.map((_, id) => alike.reduce((sum, { shards }) => sum + (shards[id] as Shard<V>).size, 0));
  }

  onRemoval(listener: RemovalListener<V> | undefined): void {
    this.table.listener = listener;
  }

  private checkCount(shardCount: number): void {
    assert(this.hasLayout || isPowerOfTwo(shardCount), 'a shard count is a power of two');
  }

  /** The slot of a key in the routing's holder, or NONE. */
  private locate(key: string): number {
    const { routing } = this;
    const { newest } = routing;
    const hash = newest.hash.of(key);
    routing.holder = newest.homes[hash & newest.mask] as Shard<V>;
    const slot = routing.holder.index.find(key, hash);
    return slot === NONE ? routing.findOlder(key) : slot;
  }

  /** What get() does with a key that the newest generation does not have. It takes a change of hash further, since that is what it costs. */
  private getOlder(key: string, nowMs: number): V | undefined {
    const { routing } = this;
    if (!routing.isMoving) {
      this.counters.misses++;
      return undefined;
    }
    const slot = routing.findOlder(key);
    const shard = routing.holder;
    let value: V | undefined;
    let hasMoved = false;
    if (slot === NONE) {
      this.counters.misses++;
    } else if (shard.isExpired(slot, nowMs)) {
      this.expire(shard, slot);
      this.counters.misses++;
    } else {
      this.counters.hits++;
      value = shard.value(slot);
      hasMoved = this.touchOlder(shard, slot, undefined);
    }
    this.goOnRehashing(hasMoved ? 0 : 1);
    return value;
  }

  private insert(
    home: Shard<V>,
    key: string,
    hash: number,
    value: V,
    weight: number,
    expiresAtMs: number,
    rank: number,
  ): void {
    const hasOtherGiven = this.table.insert(home, key, hash, value, weight, expiresAtMs, rank);
    // What has been evicted from an older generation need not move.
    this.goOnRehashing(hasOtherGiven ? 0 : 1);
    if (this.care.isDue(home, this.table.size)) this.reviewHash(home);
  }

  private update(
    shard: Shard<V>,
    slot: number,
    isHome: boolean,
    value: V,
    weight: number,
    expiresAtMs: number,
    rank: number,
  ): void {
    this.table.update(shard, slot, value, weight, expiresAtMs);
    let hasMoved = false;
    if (isHome) shard.policy.update(slot, shard.hash(slot), rank);
    else hasMoved = this.touchOlder(shard, slot, rank);
    this.goOnRehashing(hasMoved ? 0 : 1);
  }

  private reviewHash(home: Shard<V>): void {
    const { size, counters } = this.table;
    if (this.care.review(home, size, counters.inserts) && size <= SMALL_STORE) {
      this.resizeStep(Number.POSITIVE_INFINITY);
    }
  }

  /** A write, or a read that two hashes cost, takes a change of hash one entry further: by this, unless it has done so already. */
  private goOnRehashing(maxEntries: number): void {
    if (this.routing.isMoving && this.routing.isRehashing) this.resizeStep(maxEntries);
  }

  /**
   * An entry of an older generation was read or written. Where that changes the order it moves at once: left where it
   * is, it would count as older than what has moved before it. True when it has moved.
   */
  private touchOlder(shard: Shard<V>, slot: number, writtenRank: number | undefined): boolean {
    const { reorders } = shard.policy;
    if (reorders) this.table.moveTouched(shard, slot, writtenRank);
    else shard.policy.hit(slot, shard.hash(slot));
    return reorders;
  }

  private expire(shard: Shard<V>, slot: number): void {
    this.counters.expirations++;
    this.table.remove(shard, slot, 'expired');
  }
}
