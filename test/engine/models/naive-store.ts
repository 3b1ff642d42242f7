/**
 * The heap store in its plainest form: one Map of entries and linear scans. What it cannot know of the real store it is
 * told, and judges: which victim a random policy drew, which entries a sweep came across, and, where all ranks are
 * equal, which entries a resize moved.
 */
import { assert } from '../../../src/core/assert.js';
import type { HashFunction } from '../../../src/core/hash.js';
import type { PolicyName } from '../../../src/engine/policy.js';
import { createCounters, type RemovalReason, type StoreCounters, type StoreLimits } from '../../../src/engine/store.js';
import { ageOnEviction, compareRanks, leastOf, type Rank, rankOnAccess, rankOnInsert } from './naive-order.js';

export type Removal = readonly [key: string, value: number, reason: RemovalReason];

/** What the real store did in the step at hand. */
export interface Told {
  readonly removals: readonly Removal[];
  /** Shards of the generation a key is in now. */
  shardCountOf(key: string): number | undefined;
}

interface Generation {
  readonly shardCount: number;
  /** Age of each shard. */
  readonly ages: number[];
}

interface Entry extends Rank {
  readonly key: string;
  readonly hash: number;
  value: number;
  weight: number;
  expiresAtMs: number;
  generation: Generation;
}

export interface NaiveStoreOptions extends StoreLimits {
  readonly policy: PolicyName;
  readonly hash: HashFunction;
  readonly shardCount: number;
}

export class NaiveStore {
  readonly counters: StoreCounters = createCounters();
  readonly entries: Map<string, Entry> = new Map();
  removals: Removal[] = [];
  told: Told = { removals: [], shardCountOf: () => undefined };
  private limits: StoreLimits;
  private generations: Generation[];
  private tick = 0;
  private readonly policy: PolicyName;
  private readonly hash: HashFunction;

  constructor(options: NaiveStoreOptions) {
    this.policy = options.policy;
    this.hash = options.hash;
    this.limits = options;
    this.generations = [createGeneration(options.shardCount)];
  }

  get bytes(): number {
    return sum(this.entries.values(), (entry) => entry.weight);
  }
  get shardCount(): number {
    return this.newest.shardCount;
  }
  get isResizing(): boolean {
    return this.generations.length > 1;
  }

  get(key: string, nowMs: number): number | undefined {
    const entry = this.live(key, nowMs);
    if (entry === undefined) {
      this.counters.misses++;
      return undefined;
    }
    this.counters.hits++;
    this.access(entry);
    return entry.value;
  }

  peek(key: string, nowMs: number): number | undefined {
    const entry = this.entries.get(key);
    return entry !== undefined && nowMs < entry.expiresAtMs ? entry.value : undefined;
  }

  set(key: string, value: number, weight: number, expiresAtMs: number, nowMs: number): boolean {
    const entry = this.live(key, nowMs);
    const { maxEntryBytes, maxBytes } = this.limits;
    if (!Number.isInteger(weight) || weight < 0 || weight > maxEntryBytes || weight > maxBytes) {
      this.counters.refusals++;
      if (entry !== undefined) this.remove(entry, 'refused');
      return false;
    }
    if (entry === undefined) this.insert(key, value, weight, expiresAtMs);
    else this.update(entry, value, weight, expiresAtMs);
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
    this.generations = [createGeneration(this.shardCount)];
  }

  keys(nowMs: number): string[] {
    return [...this.entries.values()].filter((entry) => nowMs < entry.expiresAtMs).map((entry) => entry.key);
  }

  /** Takes the real store's word for where the sweep went. */
  sweep(maxEntries: number, nowMs: number): number {
    const expired = this.told.removals;
    assert(expired.length <= maxEntries, 'a sweep is bounded');
    for (const [key] of expired) {
      assert(this.entries.has(key) && this.peek(key, nowMs) === undefined, 'a sweep removes expired entries only');
      this.live(key, nowMs);
    }
    return expired.length;
  }

  beginResize(shardCount: number): void {
    const previous = this.newest;
    if (shardCount === previous.shardCount) return;
    const target = this.generations.find((known) => known.shardCount === shardCount) ?? createGeneration(shardCount);
    for (let i = 0; i < Math.max(shardCount, previous.shardCount); i++) {
      const [from, to] = [i % previous.shardCount, i % shardCount];
      target.ages[to] = Math.max(target.ages[to] ?? 0, previous.ages[from] ?? 0);
    }
    this.generations = [target, ...this.generations.filter((known) => known !== target)];
    if (this.membersOf(previous).length === 0) this.drop(previous);
  }

  resizeStep(maxEntries: number): boolean {
    if (this.policy === 'random') this.followMoves(maxEntries);
    for (let moved = 0; ; moved++) {
      while (this.isResizing && this.membersOf(this.oldest).length === 0) this.drop(this.oldest);
      if (!this.isResizing) return true;
      if (this.policy === 'random' || moved >= maxEntries) return false;
      const groupCount = Math.min(this.oldest.shardCount, this.shardCount);
      const members = this.membersOf(this.oldest);
      const group = Math.min(...members.map((entry) => entry.hash % groupCount));
      const next = leastOf(members.filter((entry) => entry.hash % groupCount === group));
      if (next !== undefined) next.generation = this.newest;
    }
  }

  setLimits(limits: Partial<StoreLimits>): void {
    this.limits = { ...this.limits, ...limits };
    for (const entry of this.entries.values()) {
      if (entry.weight > this.limits.maxEntryBytes) this.evict(entry);
    }
    while (this.isOver(0, 0)) {
      const everyone = [...this.entries.values()];
      const least = leastOf(everyone.map((entry) => this.rankOf(entry))) ?? { priority: 0, tick: 0 };
      this.evictVictim(this.choose(everyone.filter((entry) => compareRanks(this.rankOf(entry), least) === 0)));
    }
  }

  shardSizes(): number[] {
    const newest = this.membersOf(this.newest);
    return this.newest.ages.map((_, id) => newest.filter((entry) => entry.hash % this.shardCount === id).length);
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

  private insert(key: string, value: number, weight: number, expiresAtMs: number): void {
    const hash = this.hash(key);
    while (this.isOver(1, weight)) this.makeRoom(hash, undefined);
    const generation = this.newest;
    const age = generation.ages[hash % generation.shardCount] ?? 0;
    const name = this.policy === 'random' ? 'fifo' : this.policy;
    const rank = rankOnInsert(name, age, ++this.tick);
    this.counters.inserts++;
    this.entries.set(key, { key, hash, value, weight, expiresAtMs, generation, ...rank });
  }

  private update(entry: Entry, value: number, weight: number, expiresAtMs: number): void {
    while (this.isOver(0, weight - entry.weight)) this.makeRoom(entry.hash, entry);
    this.removals.push([entry.key, entry.value, 'replaced']);
    this.counters.updates++;
    Object.assign(entry, { value, weight, expiresAtMs });
    this.access(entry);
  }

  private access(entry: Entry): void {
    const name = this.policy === 'random' ? 'fifo' : this.policy;
    Object.assign(entry, rankOnAccess(name, { priority: entry.priority, tick: entry.tick }, ++this.tick));
  }

  private isOver(entries: number, bytes: number): boolean {
    return this.entries.size + entries > this.limits.capacity || this.bytes + bytes > this.limits.maxBytes;
  }

  private makeRoom(hash: number, keeper: Entry | undefined): void {
    const donors = this.generations
      .map((generation) => this.shardMembers(generation, hash % generation.shardCount, keeper))
      .filter((members) => members.length > 0);
    const byRank = (members: Entry[]): Rank => leastOf(members.map((entry) => this.rankOf(entry))) as Rank;
    const donor = donors.reduce<Entry[] | undefined>(
      (best, members) => (best === undefined || compareRanks(byRank(members), byRank(best)) < 0 ? members : best),
      undefined,
    );
    const victim = this.choose(donor ?? this.fullest(keeper));
    this.evictVictim(victim);
    const home = hash % this.shardCount;
    const donorAge = victim.generation.ages[victim.hash % victim.generation.shardCount] ?? 0;
    this.newest.ages[home] = Math.max(this.newest.ages[home] ?? 0, donorAge);
  }

  private fullest(keeper: Entry | undefined): Entry[] {
    let fullest: Entry[] = [];
    for (const generation of this.generations) {
      for (let id = 0; id < generation.shardCount; id++) {
        const members = this.shardMembers(generation, id, keeper);
        if (members.length > fullest.length) fullest = members;
      }
    }
    return fullest;
  }

  /** The victim among the members of one shard, or of equally ranked ones. */
  private choose(members: Entry[]): Entry {
    if (this.policy !== 'random') return leastOf(members) as Entry;
    const alreadyGone = this.removals.filter(([, , reason]) => reason === 'evicted').length;
    const [key] = this.told.removals.filter(([, , reason]) => reason === 'evicted')[alreadyGone] ?? [];
    const victim = members.find((entry) => entry.key === key);
    assert(victim !== undefined, `${key} was no lawful victim`);
    return victim;
  }

  private evictVictim(entry: Entry): void {
    const { ages, shardCount } = entry.generation;
    const id = entry.hash % shardCount;
    if (this.policy !== 'random') ages[id] = ageOnEviction(this.policy, ages[id] ?? 0, entry);
    this.evict(entry);
  }

  private evict(entry: Entry): void {
    this.counters.evictions++;
    this.remove(entry, 'evicted');
  }

  private remove(entry: Entry, reason: RemovalReason): void {
    this.entries.delete(entry.key);
    this.removals.push([entry.key, entry.value, reason]);
  }

  private drop(generation: Generation): void {
    this.generations = this.generations.filter((other) => other !== generation);
  }

  /** Moves the entries that the real store has moved: as many as it should have, the oldest generation first. */
  private followMoves(maxEntries: number): void {
    const outside = [...this.entries.values()].filter((entry) => entry.generation !== this.newest);
    const moved = outside.filter((entry) => this.told.shardCountOf(entry.key) === this.shardCount);
    assert(moved.length === Math.min(maxEntries, outside.length), 'a resize step moves as many as it may');
    const age = (entry: Entry): number => this.generations.indexOf(entry.generation);
    const staying = outside.filter((entry) => !moved.includes(entry));
    assert(
      staying.every((entry) => moved.every((other) => age(entry) <= age(other))),
      'the oldest generation moves first',
    );
    for (const entry of moved) entry.generation = this.newest;
  }

  private rankOf(entry: Entry): Rank {
    if (this.policy !== 'random') return entry;
    const { generation, hash } = entry;
    return { priority: -this.shardMembers(generation, hash % generation.shardCount, undefined).length, tick: 0 };
  }

  private membersOf(generation: Generation): Entry[] {
    return [...this.entries.values()].filter((entry) => entry.generation === generation);
  }

  private shardMembers(generation: Generation, id: number, keeper: Entry | undefined): Entry[] {
    return this.membersOf(generation).filter((entry) => entry.hash % generation.shardCount === id && entry !== keeper);
  }
}

function createGeneration(shardCount: number): Generation {
  return { shardCount, ages: new Array<number>(shardCount).fill(0) };
}

function sum<T>(items: Iterable<T>, figure: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += figure(item);
  return total;
}
