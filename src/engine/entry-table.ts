/**
 * The entries of a store with their sums and limits: takes entries in, replaces, moves and lets them go. Knows no time
 * and asks no hash. Ticks, and so ranks, are the table's own, which lets victims of different shards be compared.
 * Invariant: size and bytes are exact, and within the limits between any two steps: room is made before it is taken.
 * Slots passed in are taken, so a column read at one is no `undefined`.
 */
import { assert } from '../core/assert.js';
import { NONE } from '../core/bits.js';
import type { Routing } from './routing.js';
import type { Shard } from './shard.js';
import { ShardMerge } from './shard-merge.js';
import {
  createCounters,
  type RemovalListener,
  type RemovalReason,
  type StoreCounters,
  type StoreLimits,
} from './store.js';
import { VictimSearch } from './victim-search.js';

export class EntryTable<V> {
  size = 0;
  bytes = 0;
  limits: StoreLimits;
  listener: RemovalListener<V> | undefined = undefined;
  readonly counters: StoreCounters = createCounters();
  readonly routing: Routing<V>;
  private readonly maxShardEntries: number;
  private readonly victim: VictimSearch<V> = new VictimSearch();
  private tick = 0;

  constructor(routing: Routing<V>, limits: StoreLimits, maxShardEntries: number) {
    this.routing = routing;
    this.limits = checkedLimits(limits);
    this.maxShardEntries = maxShardEntries;
  }

  /** True when an entry of this weight can be stored at all. */
  isStorable(weight: number): boolean {
    const { maxBytes, maxEntryBytes } = this.limits;
    return Number.isSafeInteger(weight) && weight >= 0 && weight <= maxEntryBytes && weight <= maxBytes;
  }

  /** Shows a read to the policy. */
  touch(shard: Shard<V>, slot: number): void {
    shard.policy.hit(slot, ++this.tick);
  }

  /** Takes in a key that is not there, of a storable weight. */
  insert(key: string, hash: number, value: V, weight: number, expiresAtMs: number): void {
    while (this.isOver(1, weight)) this.makeRoom(hash, undefined, NONE);
    const shard = this.routing.home(hash);
    this.makeRoomIn(shard);
    const slot = shard.add(key, hash, value, weight, expiresAtMs);
    this.size++;
    this.bytes += weight;
    this.counters.inserts++;
    shard.policy.insert(slot, ++this.tick);
  }

  /** Gives an entry another value of a storable weight, where it is. */
  update(shard: Shard<V>, slot: number, value: V, weight: number, expiresAtMs: number): void {
    const growth = weight - (shard.weights[slot] as number);
    while (this.isOver(0, growth)) this.makeRoom(shard.hashes[slot] as number, shard, slot);
    const replaced = shard.values[slot] as V;
    shard.values[slot] = value;
    shard.weights[slot] = weight;
    shard.expiresAtMs[slot] = expiresAtMs;
    this.bytes += growth;
    this.counters.updates++;
    shard.policy.update(slot, ++this.tick);
    if (this.listener !== undefined) this.listener(shard.keys[slot] as string, replaced, 'replaced');
  }

  remove(shard: Shard<V>, slot: number, reason: RemovalReason): void {
    const key = shard.keys[slot] as string;
    const value = shard.values[slot] as V;
    this.size--;
    this.bytes -= shard.weights[slot] as number;
    shard.remove(slot);
    if (this.listener !== undefined) this.listener(key, value, reason);
  }

  /** Takes an entry of an older generation home, with its rank. */
  move(source: Shard<V>, slot: number): void {
    const key = source.keys[slot] as string;
    const value = source.values[slot] as V;
    const hash = source.hashes[slot] as number;
    const weight = source.weights[slot] as number;
    const expiresAtMs = source.expiresAtMs[slot] as number;
    const priority = source.policy.priorityOf(slot);
    const tick = source.policy.tickOf(slot);
    const target = this.routing.home(hash);
    this.makeRoomIn(target);
    source.remove(slot);
    target.policy.adopt(target.add(key, hash, value, weight, expiresAtMs), priority, tick);
  }

  /** Evicts what the new limits leave no room for: entries too heavy, then the least ranks of all shards. O(size). */
  setLimits(limits: Partial<StoreLimits>): void {
    this.limits = checkedLimits({ ...this.limits, ...limits });
    const shards = this.routing.allShards();
    for (const shard of shards) {
      for (const [slot, weight] of shard.weights.entries()) {
        if (weight > this.limits.maxEntryBytes) this.evict(shard, slot);
      }
    }
    const merge = new ShardMerge(shards);
    for (let shard = merge.next(); shard !== undefined && this.isOver(0, 0); shard = merge.next()) {
      this.evictVictim(shard, shard.policy.victim(NONE));
    }
  }

  clear(): void {
    this.size = 0;
    this.bytes = 0;
    this.routing.clear();
  }

  /** True when so many more entries and bytes would break a limit. */
  private isOver(entries: number, bytes: number): boolean {
    return this.size + entries > this.limits.capacity || this.bytes + bytes > this.limits.maxBytes;
  }

  /** Evicts one entry for the sake of a key of this hash, never the slot `kept` of `keeper`. There must be another. */
  private makeRoom(hash: number, keeper: Shard<V> | undefined, kept: number): void {
    this.victim.search(this.routing, hash, keeper, kept);
    const donor = this.victim.donor as Shard<V>;
    this.evictVictim(donor, this.victim.slot);
    // The key will stand beside entries of its home, whose age must not be behind that of what was evicted for it.
    const home = this.routing.home(hash).policy;
    if (donor.policy.age > home.age) home.age = donor.policy.age;
  }

  /** Evicts from a shard that can hold no more. */
  private makeRoomIn(shard: Shard<V>): void {
    if (shard.size >= this.maxShardEntries) this.evictVictim(shard, shard.policy.victim(NONE));
  }

  private evictVictim(shard: Shard<V>, slot: number): void {
    shard.policy.evicting(slot);
    this.evict(shard, slot);
  }

  private evict(shard: Shard<V>, slot: number): void {
    this.counters.evictions++;
    this.remove(shard, slot, 'evicted');
  }
}

function checkedLimits(limits: StoreLimits): StoreLimits {
  const { capacity, maxBytes, maxEntryBytes } = limits;
  assert(capacity >= 1, 'a store holds at least one entry');
  assert(maxBytes >= 0 && maxEntryBytes >= 0, 'a limit of bytes is at least 0');
  return { capacity, maxBytes: Math.min(maxBytes, Number.MAX_SAFE_INTEGER), maxEntryBytes };
}
