/**
 * The heap store in its plainest form: a Map of entries, naive policies, and linear scans. What it cannot know of the
 * real store it is told, and judges: the slot an entry got, which of several shards gave the next entry of a resize,
 * which victim a random policy drew, which entries a sweep came across, and by what the store hashes its keys.
 */
import { assert } from '../../../src/core/assert.js';
import { NONE } from '../../../src/core/bits.js';
import { HeldEntries } from '../../../src/engine/held-entries.js';
import { MIDDLE_RANK, type Policy, type PolicyFamily, RANK_COUNT } from '../../../src/engine/policy.js';
import { createCounters, type RemovalReason, type StoreCounters, type StoreLimits } from '../../../src/engine/store.js';

/** What happens to an entry: it comes into a shard, new or moved, or it leaves the store. */
export type StoreEvent =
  | { readonly kind: 'arrival'; readonly key: string; readonly slot: number; readonly slotCount: number }
  | { readonly kind: 'removal'; readonly key: string; readonly value: number; readonly reason: RemovalReason };

export interface NaiveHash {
  of(key: string): number;
}

/** What the real store did in the step at hand, in order, and how it routes at the end of it. */
export interface Told {
  readonly events: readonly StoreEvent[];
  readonly hash: NaiveHash;
}

export interface NaiveStoreOptions extends StoreLimits {
  readonly shardCount: number;
  readonly maxShardEntries: number;
  readonly hash: NaiveHash;
  /** Of naive policies. */
  readonly family: PolicyFamily;
  /** True for random eviction: of its policies only what they hold counts. */
  readonly isAnyVictimLawful: boolean;
}

interface Entry {
  readonly key: string;
  value: number;
  weight: number;
  expiresAtMs: number;
  shard: Shard;
  slot: number;
}

interface Shard {
  readonly generation: Generation;
  readonly id: number;
  readonly policy: Policy;
  readonly entries: Map<number, Entry>;
  slotCount: number;
}

interface Generation {
  readonly hash: NaiveHash;
  readonly shards: Shard[];
}

/** A group of shards that gives entries to a resize, with what each held at first and has given. */
interface Group {
  readonly id: number;
  readonly held: Map<Shard, number>;
  readonly given: Map<Shard, number>;
}

/** A store of up to so many entries changes its hash in one step; in a larger one each write, and each read of what has not moved, takes one entry from the oldest generation. */
const SMALL = 4096;

export class NaiveStore {
  readonly counters: StoreCounters = createCounters();
  readonly entries: Map<string, Entry> = new Map();
  bytes = 0;
  events: StoreEvent[] = [];
  told: Told;
  generations: Generation[];
  private limits: StoreLimits;
  private readonly worths: NaiveWorths = new NaiveWorths();
  private giving: Group | undefined;
  private readonly options: NaiveStoreOptions;
  /** The real one, which has tests of its own. */
  private readonly held: HeldEntries;

  constructor(options: NaiveStoreOptions) {
    this.options = options;
    this.limits = options;
    this.told = { events: [], hash: options.hash };
    this.held = new HeldEntries(options.family);
    this.held.setCapacity(options.capacity);
    this.generations = [this.createGeneration(options.shardCount, options.hash)];
  }

  get shardCount(): number {
    return this.newest.shards.length;
  }
  get isResizing(): boolean {
    return this.generations.length > 1;
  }
  get hash(): NaiveHash {
    return this.newest.hash;
  }

  get(key: string, nowMs: number): number | undefined {
    const isNew = this.entries.get(key)?.shard.generation === this.newest;
    const entry = this.live(key, nowMs);
    let hasMoved = false;
    if (entry === undefined) {
      this.counters.misses++;
    } else {
      this.counters.hits++;
      hasMoved = this.access(entry, 'hit');
    }
    if (!isNew) this.goOnRehashing(hasMoved ? 0 : 1);
    return entry?.value;
  }

  peek(key: string, nowMs: number): number | undefined {
    const entry = this.entries.get(key);
    return entry !== undefined && nowMs < entry.expiresAtMs ? entry.value : undefined;
  }

  set(key: string, value: number, weight: number, expiresAtMs: number, nowMs: number, worth?: number): boolean {
    const entry = this.live(key, nowMs);
    const { maxEntryBytes, maxBytes } = this.limits;
    if (!Number.isInteger(weight) || weight < 0 || weight > maxEntryBytes || weight > maxBytes) {
      this.counters.refusals++;
      if (entry !== undefined) this.remove(entry, 'refused');
      return false;
    }
    const rank = this.worths.rankOf(worth, weight);
    if (entry === undefined) this.insert(key, value, weight, expiresAtMs, rank);
    else this.update(entry, value, weight, expiresAtMs, rank);
    return true;
  }

  delete(key: string, nowMs: number): boolean {
    const entry = this.live(key, nowMs);
    if (entry === undefined) return false;
    this.counters.deletes++;
    this.remove(entry, 'deleted');
    return true;
  }

  clear(): void {
    this.entries.clear();
    this.bytes = 0;
    this.install([this.createGeneration(this.shardCount, this.hash)]);
  }

  keys(nowMs: number): string[] {
    return [...this.entries.values()].filter((entry) => nowMs < entry.expiresAtMs).map((entry) => entry.key);
  }

  /** Takes the real store's word for where the sweep went. */
  sweep(maxEntries: number, nowMs: number): number {
    const { events } = this.told;
    const others = events.findIndex((event) => event.kind !== 'removal' || event.reason !== 'expired');
    const expired = others < 0 ? events : events.slice(0, others);
    assert(expired.length <= maxEntries, 'a sweep is bounded');
    for (const { key } of expired) {
      assert(this.entries.has(key) && this.peek(key, nowMs) === undefined, 'a sweep removes expired entries only');
      this.live(key, nowMs);
    }
    this.goOnRehashing(maxEntries);
    return expired.length;
  }

  beginResize(shardCount: number): void {
    if (shardCount === this.shardCount) return;
    const known = this.generations.find(({ shards, hash }) => shards.length === shardCount && hash === this.hash);
    this.putInFront(known ?? this.createGeneration(shardCount, this.hash));
  }

  resizeStep(maxEntries: number): boolean {
    for (let moved = 0; moved < maxEntries; moved++) {
      this.dropEmpty();
      if (!this.isResizing) return true;
      this.moveNext();
    }
    this.dropEmpty();
    return !this.isResizing;
  }

  setLimits(limits: Partial<StoreLimits>): void {
    const former = this.limits;
    this.limits = { ...former, ...limits };
    if (this.limits.capacity !== former.capacity) this.held.setCapacity(this.limits.capacity);
    for (const shard of this.allShards()) {
      const heavy = [...shard.entries.values()].filter((entry) => entry.weight > this.limits.maxEntryBytes);
      for (const entry of heavy.sort((a, b) => a.slot - b.slot)) this.evict(entry);
    }
    while (this.isOver(0, 0)) {
      const { shard } = this.toldEntry();
      const most = Math.max(...this.allShards().map(({ entries }) => entries.size));
      assert(shard.entries.size === most, 'the fullest shard gives first');
      this.evictVictim(shard, NONE);
    }
  }

  shardSizes(): number[] {
    const sizes = this.newest.shards.map(() => 0);
    for (const { shard } of this.entries.values()) {
      if (shard.generation.shards.length === sizes.length) sizes[shard.id] = (sizes[shard.id] as number) + 1;
    }
    return sizes;
  }

  allShards(): Shard[] {
    return this.generations.flatMap(({ shards }) => shards);
  }

  private get newest(): Generation {
    return this.generations[0] as Generation;
  }
  private get oldest(): Generation {
    return this.generations.at(-1) as Generation;
  }

  /** The entry of a key; an expired one is collected. */
  private live(key: string, nowMs: number): Entry | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined || nowMs < entry.expiresAtMs) return entry;
    this.counters.expirations++;
    this.remove(entry, 'expired');
    return undefined;
  }

  private insert(key: string, value: number, weight: number, expiresAtMs: number, rank: number): void {
    const home = shardFor(key, this.newest);
    let hasOtherGiven = false;
    while (this.isOver(1, weight)) if (this.makeRoom(key, home, undefined)) hasOtherGiven = true;
    if (home.entries.size >= this.options.maxShardEntries) this.evictVictim(home, NONE);
    const entry: Entry = { key, value, weight, expiresAtMs, shard: home, slot: NONE };
    this.arrive(entry, home);
    this.entries.set(key, entry);
    this.bytes += weight;
    this.counters.inserts++;
    home.policy.insert(entry.slot, home.generation.hash.of(key), rank);
    this.goOnRehashing(hasOtherGiven ? 0 : 1);
    if (this.told.hash !== this.hash) this.changeHash();
  }

  private changeHash(): void {
    assert(!this.isResizing || this.oldest.hash !== this.hash, 'a hash changes outside a resize of the same hash');
    this.putInFront(this.createGeneration(this.shardCount, this.told.hash));
    if (this.entries.size <= SMALL) this.resizeStep(Number.POSITIVE_INFINITY);
  }

  private update(entry: Entry, value: number, weight: number, expiresAtMs: number, rank: number): void {
    while (this.isOver(0, weight - entry.weight)) this.makeRoom(entry.key, entry.shard, entry);
    this.events.push({ kind: 'removal', key: entry.key, value: entry.value, reason: 'replaced' });
    this.counters.updates++;
    this.bytes += weight - entry.weight;
    Object.assign(entry, { value, weight, expiresAtMs });
    const hasMoved = this.access(entry, 'update', rank);
    this.goOnRehashing(hasMoved ? 0 : 1);
  }

  private goOnRehashing(maxEntries: number): void {
    if (this.oldest.hash !== this.hash) this.resizeStep(maxEntries);
  }

  /** A read or a write. In an older generation it moves the entry home if it changes the order: then true. */
  private access(entry: Entry, verb: 'hit' | 'update', rank?: number): boolean {
    const { policy, generation } = entry.shard;
    if (generation === this.newest || !policy.reorders) {
      policy[verb](entry.slot, generation.hash.of(entry.key), rank);
      return false;
    }
    const home = shardFor(entry.key, this.newest);
    if (home.entries.size >= this.options.maxShardEntries) this.evictVictim(home, NONE);
    this.move(entry, home);
    home.policy[verb](entry.slot, this.hash.of(entry.key), rank);
    return true;
  }

  private isOver(entries: number, bytes: number): boolean {
    return this.entries.size + entries > this.limits.capacity || this.bytes + bytes > this.limits.maxBytes;
  }

  /** Evicts the victim of least priority in the shards that the newest hash of a key points to, the oldest generation first, or of the fullest shard; true when that is not `home`. */
  private makeRoom(key: string, home: Shard, keeper: Entry | undefined): boolean {
    this.held.noteFull(this.entries.size);
    const except = (shard: Shard): number => (keeper?.shard === shard ? keeper.slot : NONE);
    const candidates = this.generations
      .toReversed()
      .map((generation) => shardAt(this.hash.of(key), generation))
      .map((shard) => ({ shard, victim: shard.policy.victim(except(shard)) }))
      .filter(({ victim }) => victim !== NONE)
      .map(({ shard, victim }) => ({ shard, priority: shard.policy.priorityOf(victim) }));
    const least = Math.min(...candidates.map(({ priority }) => priority));
    const donor = candidates.find(({ priority }) => priority === least)?.shard ?? this.fullest(keeper);
    this.evictVictim(donor, except(donor));
    home.policy.age = Math.max(home.policy.age, donor.policy.age);
    return donor !== home;
  }

  private fullest(keeper: Entry | undefined): Shard {
    const sizeOf = (shard: Shard): number => shard.entries.size - (keeper?.shard === shard ? 1 : 0);
    const most = Math.max(...this.allShards().map(sizeOf));
    return this.allShards().find((shard) => sizeOf(shard) === most) as Shard;
  }

  private evictVictim(shard: Shard, except: number): void {
    let slot = shard.policy.victim(except);
    if (this.options.isAnyVictimLawful) {
      const entry = this.toldEntry();
      assert(entry.shard === shard && entry.slot !== except, `${entry.key} is no lawful victim`);
      slot = entry.slot;
    }
    const entry = shard.entries.get(slot) as Entry;
    shard.policy.evicting(slot, shard.generation.hash.of(entry.key));
    this.evict(entry);
  }

  private evict(entry: Entry): void {
    this.counters.evictions++;
    this.remove(entry, 'evicted');
  }

  private remove(entry: Entry, reason: RemovalReason): void {
    this.entries.delete(entry.key);
    this.bytes -= entry.weight;
    this.depart(entry);
    this.events.push({ kind: 'removal', key: entry.key, value: entry.value, reason });
  }

  private depart({ shard, slot }: Entry): void {
    shard.policy.remove(slot);
    shard.entries.delete(slot);
  }

  /** Gives an entry the slot it has got in the real store. The caller tells the policy. */
  private arrive(entry: Entry, shard: Shard): void {
    const event = this.told.events[this.events.length];
    assert(event?.kind === 'arrival' && event.key === entry.key, `${entry.key} arrives, not ${event?.key}`);
    assert(!shard.entries.has(event.slot) && event.slot < event.slotCount, 'a slot is free, and there is room for it');
    if (event.slotCount > shard.slotCount) shard.policy.grow(event.slotCount);
    shard.slotCount = event.slotCount;
    entry.shard = shard;
    entry.slot = event.slot;
    shard.entries.set(entry.slot, entry);
    this.events.push(event);
  }

  private move(entry: Entry, home: Shard): void {
    const state = entry.shard.policy.stateOf(entry.slot);
    this.depart(entry);
    this.arrive(entry, home);
    home.policy.adopt(entry.slot, state, this.hash.of(entry.key));
  }

  /** One step of a resize: the last to leave of a shard that has given the least of its share goes home, or has no room there. */
  private moveNext(): void {
    const group = this.openGroup();
    const entry = this.toldEntry();
    const { shard } = entry;
    const shareOf = (other: Shard): number => (group.given.get(other) ?? 0) / (group.held.get(other) as number);
    const least = Math.min(...[...group.held.keys()].filter(({ entries }) => entries.size > 0).map(shareOf));
    assert(group.held.has(shard), 'groups of shards give one after another');
    assert(shareOf(shard) - least < 1e-9, 'shards give equal shares');
    assert(
      this.options.isAnyVictimLawful || shard.policy.lastToLeave() === entry.slot,
      'the last to leave moves first',
    );
    group.given.set(shard, (group.given.get(shard) ?? 0) + 1);
    const home = shardFor(entry.key, this.newest);
    if (home.entries.size >= this.options.maxShardEntries) this.evict(entry);
    else this.move(entry, home);
  }

  /** The first group of the oldest generation that has entries. */
  private openGroup(): Group {
    const { shards, hash } = this.oldest;
    const groupCount = hash === this.hash ? Math.min(shards.length, this.shardCount) : 1;
    const id = Math.min(...shards.filter(({ entries }) => entries.size > 0).map((shard) => shard.id % groupCount));
    if (this.giving?.id !== id) {
      const members = shards.filter((shard) => shard.id % groupCount === id && shard.entries.size > 0);
      this.giving = { id, held: new Map(members.map((shard) => [shard, shard.entries.size])), given: new Map() };
    }
    return this.giving;
  }

  /** The entry that the next thing told has happened to. */
  private toldEntry(): Entry {
    const event = this.told.events[this.events.length];
    const entry = event === undefined ? undefined : this.entries.get(event.key);
    assert(entry !== undefined, `${event?.key ?? 'nothing'} moved or left`);
    return entry;
  }

  private dropEmpty(): void {
    while (this.isResizing && this.oldest.shards.every(({ entries }) => entries.size === 0)) {
      this.install(this.generations.slice(0, -1));
    }
  }

  private putInFront(target: Generation): void {
    const previous = this.newest;
    for (const from of previous.shards) {
      for (const to of target.shards) {
        const canShareKeys =
          target.hash !== previous.hash || from.id % this.fewer(target) === to.id % this.fewer(target);
        if (canShareKeys) to.policy.age = Math.max(to.policy.age, from.policy.age);
      }
    }
    const isKept = previous.shards.some(({ entries }) => entries.size > 0);
    const others = this.generations.filter((known) => known !== target && (known !== previous || isKept));
    this.install([target, ...others]);
  }

  private fewer(target: Generation): number {
    return Math.min(target.shards.length, this.shardCount);
  }

  private install(generations: Generation[]): void {
    this.generations = generations;
    this.giving = undefined;
  }

  private createGeneration(shardCount: number, hash: NaiveHash): Generation {
    const generation: Generation = { hash, shards: [] };
    for (let id = 0; id < shardCount; id++) {
      const policy = this.options.family.create();
      generation.shards.push({ generation, id, policy, entries: new Map(), slotCount: 0 });
    }
    return generation;
  }
}

/** Ranks of worth: the binary logarithm of the worth a byte, counted from that of the first. */
class NaiveWorths {
  private first: number | undefined;
  private mean = MIDDLE_RANK;

  rankOf(worth: number | undefined, weight: number): number {
    if (worth === undefined) return Math.round(this.mean);
    if (worth === 0) return 0;
    const aByte = Math.log2(worth) - Math.log2(Math.max(1, weight));
    this.first ??= aByte;
    const rank = Math.min(Math.max(MIDDLE_RANK + Math.round(aByte - this.first), 1), RANK_COUNT - 1);
    this.mean += (rank - this.mean) / 64;
    return rank;
  }
}

function shardFor(key: string, generation: Generation): Shard {
  return shardAt(generation.hash.of(key), generation);
}

function shardAt(hash: number, { shards }: Generation): Shard {
  return shards[(hash >>> 0) % shards.length] as Shard;
}
