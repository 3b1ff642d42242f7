/**
 * The entries of a store: how they enter, change, move and leave, with the sums and limits over all shards.
 * Invariant: size and bytes are exact, and within the limits between any two steps: room is made before it is taken.
 * Slots passed in are taken, so a column read at one is no `undefined`.
 */
import { assert } from '../core/assert.js';
import { NONE } from '../core/bits.js';
import { RankHeap } from '../structures/rank-heap.js';
import type { Routing } from './routing.js';
import type { Shard } from './shard.js';
import {
  createCounters,
  type RemovalListener,
  type RemovalReason,
  type StoreCounters,
  type StoreLimits,
} from './store.js';
import { VictimSearch } from './victim-search.js';

/** The cells of more would exceed 2^25 elements, where V8 stores an array as a dictionary. */
export const MAX_SHARD_ENTRIES: number = 2 ** 24;

export class EntryTable<V> {
  size = 0;
  bytes = 0;
  limits: StoreLimits;
  listener: RemovalListener<V> | undefined = undefined;
  readonly counters: StoreCounters = createCounters();
  readonly routing: Routing<V>;
  private readonly maxShardEntries: number;
  private readonly victim: VictimSearch<V> = new VictimSearch();

  constructor(routing: Routing<V>, limits: StoreLimits, maxShardEntries: number) {
    this.routing = routing;
    this.limits = checkedLimits(limits);
    const isInRange = Number.isInteger(maxShardEntries) && maxShardEntries >= 1 && maxShardEntries <= MAX_SHARD_ENTRIES;
    assert(isInRange, 'a shard may hold 1 to 2^24 entries');
    this.maxShardEntries = maxShardEntries;
  }

  /** True when an entry of this weight can be stored at all. */
  isStorable(weight: number): boolean {
    const { maxBytes, maxEntryBytes } = this.limits;
    return Number.isSafeInteger(weight) && weight >= 0 && weight <= maxEntryBytes && weight <= maxBytes;
  }

  /** Takes in a key that is not there, of a storable weight, into its shard of the newest generation. True when another shard has made room. */
  insert(
    shard: Shard<V>,
    key: string,
    hash: number,
    value: V,
    weight: number,
    expiresAtMs: number,
    rank: number,
  ): boolean {
    let hasOtherGiven = false;
    while (this.isOver(1, weight)) hasOtherGiven = this.makeRoom(hash, shard, undefined, NONE) || hasOtherGiven;
    if (shard.size >= this.maxShardEntries) this.evictVictim(shard, shard.policy.victim(NONE));
    const slot = shard.add(key, hash, value, weight, expiresAtMs);
    this.size++;
    this.bytes += weight;
    this.counters.inserts++;
    shard.policy.insert(slot, hash, rank);
    return hasOtherGiven;
  }

  /** Gives an entry another value of a storable weight, where it is. The caller tells the policy. */
  update(shard: Shard<V>, slot: number, value: V, weight: number, expiresAtMs: number): void {
    const growth = weight - shard.weights.get(slot);
    while (this.isOver(0, growth)) this.makeRoom(this.hashAtHome(shard, slot), shard, shard, slot);
    const replaced = shard.value(slot);
    shard.replace(slot, value, weight, expiresAtMs);
    this.bytes += growth;
    this.counters.updates++;
    if (this.listener !== undefined) this.listener(shard.key(slot), replaced, 'replaced');
  }

  remove(shard: Shard<V>, slot: number, reason: RemovalReason): void {
    this.size--;
    this.bytes -= shard.weights.get(slot);
    if (this.listener === undefined) {
      shard.remove(slot);
      return;
    }
    const key = shard.key(slot);
    const value = shard.value(slot);
    shard.remove(slot);
    this.listener(key, value, reason);
  }

  /** Takes home the last to leave of a shard of an older generation; evicts it when its new shard can hold no more. */
  moveLast(source: Shard<V>): void {
    const slot = source.policy.lastToLeave();
    const hash = this.hashAtHome(source, slot);
    if (this.homeOf(hash).size >= this.maxShardEntries) this.evict(source, slot);
    else this.move(source, slot, hash);
  }

  /** Takes an entry of an older generation home and shows the access to its new policy: a write, of a value of this rank, or a read. */
  moveTouched(source: Shard<V>, slot: number, writtenRank: number | undefined): void {
    const hash = this.hashAtHome(source, slot);
    const home = this.homeOf(hash);
    if (home.size >= this.maxShardEntries) this.evictVictim(home, home.policy.victim(NONE));
    const moved = this.move(source, slot, hash);
    if (writtenRank === undefined) home.policy.hit(moved, hash);
    else home.policy.update(moved, hash, writtenRank);
  }

  /** Evicts what the new limits leave no room for: entries too heavy, then, again and again, the victim of the fullest shard. O(shards + evictions x log shards), or O(size) for a new limit of one entry. */
  setLimits(limits: Partial<StoreLimits>): void {
    const former = this.limits;
    this.limits = checkedLimits({ ...former, ...limits });
    if (this.limits.capacity !== former.capacity) this.routing.setCapacity(this.limits.capacity);
    if (this.limits.maxEntryBytes < former.maxEntryBytes) this.evictHeavy();
    if (this.isOver(0, 0)) this.evictFromFullest();
  }

  clear(): void {
    this.size = 0;
    this.bytes = 0;
    this.routing.clear();
  }

  /** To be evicted before what was adopted there earlier; returns the new slot. */
  private move(source: Shard<V>, slot: number, hash: number): number {
    const key = source.key(slot);
    const value = source.value(slot);
    const weight = source.weights.get(slot);
    const expiresAtMs = source.expiresAtMs[slot] as number;
    const state = source.policy.stateOf(slot);
    const home = this.homeOf(hash);
    source.remove(slot);
    const moved = home.add(key, hash, value, weight, expiresAtMs);
    home.policy.adopt(moved, state, hash);
    return moved;
  }

  private homeOf(hash: number): Shard<V> {
    const { homes, mask } = this.routing.newest;
    return homes[hash & mask] as Shard<V>;
  }

  private hashAtHome(source: Shard<V>, slot: number): number {
    return this.routing.isRehashing ? this.routing.newest.hash.of(source.key(slot)) : source.hash(slot);
  }

  private evictHeavy(): void {
    for (const shard of this.routing.allShards()) {
      for (let slot = 0; slot < shard.highWater; slot++) {
        // A free slot weighs nothing.
        if (shard.weights.get(slot) > this.limits.maxEntryBytes) this.evict(shard, slot);
      }
    }
  }

  private evictFromFullest(): void {
    const shards = this.routing.allShards();
    const heap = new RankHeap();
    for (const [id, shard] of shards.entries()) heap.push(id, -shard.size);
    while (this.isOver(0, 0)) {
      const shard = shards[heap.topId] as Shard<V>;
      this.evictVictim(shard, shard.policy.victim(NONE));
      heap.replaceTop(-shard.size);
    }
  }

  /** True when so many more entries and bytes would break a limit. */
  private isOver(entries: number, bytes: number): boolean {
    return this.size + entries > this.limits.capacity || this.bytes + bytes > this.limits.maxBytes;
  }

  /** Evicts one entry for the sake of a key of this hash at `home`, never the slot `kept` of `keeper`. There must be another. True when it was not at `home`. */
  private makeRoom(hash: number, home: Shard<V>, keeper: Shard<V> | undefined, kept: number): boolean {
    this.routing.held.noteFull(this.size);
    if (!this.routing.isMoving) {
      const slot = home.policy.victim(keeper === undefined ? NONE : kept);
      if (slot !== NONE) {
        this.evictVictim(home, slot);
        return false;
      }
    }
    this.victim.search(this.routing, hash, keeper, kept);
    const donor = this.victim.donor as Shard<V>;
    this.evictVictim(donor, this.victim.slot);
    // The key will stand beside entries of its home, whose age must not be behind that of what was evicted for it.
    if (donor.policy.age > home.policy.age) home.policy.age = donor.policy.age;
    return donor !== home;
  }

  private evictVictim(shard: Shard<V>, slot: number): void {
    shard.policy.evicting(slot, shard.hash(slot));
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
