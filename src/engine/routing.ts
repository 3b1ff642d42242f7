/**
 * Which shard a key is in. Outside a resize there is one generation of shards. A resize puts a new one in front: new
 * keys go there, the others stay where they are, and are found there, until they are moved. A generation left empty
 * goes away. A new hash for the keys is a resize as well, to as many shards. Asking for a shard count that an older
 * generation of the same hash has puts that one back in front, so there is never more than one generation of a size
 * and hash.
 * Invariant: a key is in at most one generation.
 */
import { NONE } from '../core/bits.js';
import { Drain } from './drain.js';
import {
  carryAges,
  createGeneration,
  expectedSize,
  type Generation,
  type GenerationPlan,
  isGenerationEmpty,
  type ShardLayout,
} from './generation.js';
import { HeldEntries } from './held-entries.js';
import type { KeyHash } from './key-hash.js';
import type { PolicyFamily } from './policy.js';
import type { Shard } from './shard.js';
import type { SlotCursor } from './slot-cursor.js';

export class Routing<V> {
  /** Newest first: the first is routed to, the others are being emptied, the last one first. Never empty. */
  generations: readonly Generation<V>[];
  newest: Generation<V>;
  /** The shard in which findOlder() found its slot; any when it found none. */
  holder: Shard<V>;
  /** Cursors that must follow when a generation goes. */
  readonly cursors: Set<SlotCursor<V>> = new Set();
  private drain: Drain<V> | undefined = undefined;
  /** What the policies know of the capacity. */
  readonly held: HeldEntries;
  private readonly family: PolicyFamily;
  private readonly layout: ShardLayout | undefined;
  private capacity: number;

  constructor({ shardCount, hash, family, layout, capacity }: Omit<GenerationPlan, 'moving'>) {
    this.held = new HeldEntries(family);
    this.family = family;
    this.layout = layout;
    this.capacity = capacity;
    this.newest = this.create(shardCount, hash, 0);
    this.generations = [this.newest];
    this.holder = this.newest.shards[0] as Shard<V>;
  }

  get isMoving(): boolean {
    return this.generations.length > 1;
  }
  /** True while the hash of keys is being replaced. */
  get isRehashing(): boolean {
    return this.isMoving && this.generations.at(-1)?.hash !== this.newest.hash;
  }

  /** The slot in `holder` of a key that the newest generation does not have, or NONE. */
  findOlder(key: string): number {
    for (let i = 1; i < this.generations.length; i++) {
      const { homes, mask, hash } = this.generations[i] as Generation<V>;
      const keyHash = hash.of(key);
      this.holder = homes[keyHash & mask] as Shard<V>;
      const slot = this.holder.index.find(key, keyHash);
      if (slot !== NONE) return slot;
    }
    return NONE;
  }

  setCapacity(entries: number): void {
    this.capacity = entries;
    for (const { shards, sizing } of this.generations) sizing.expected = expectedSize(entries, shards.length);
    this.held.setCapacity(entries);
  }

  /** Routes to `shardCount` shards from now on. O(shards). */
  begin(shardCount: number): void {
    const previous = this.newest;
    if (shardCount === previous.shards.length) return;
    const known = this.generations.find(({ shards, hash }) => shards.length === shardCount && hash === previous.hash);
    this.putInFront(known ?? this.create(shardCount, previous.hash, this.entries()));
    // A generation that was swept first and now comes last has left the others behind a cursor that stands in it.
    if (known !== undefined) for (const cursor of this.cursors) cursor.rewind(this.generations);
  }

  /** Routes by another hash from now on, to as many shards. O(shards). */
  rehash(hash: KeyHash): void {
    this.putInFront(this.create(this.newest.shards.length, hash, this.entries()));
  }

  /** The shard whose last to leave moves home next, or undefined when the newest generation has everything. The caller moves it. */
  nextToMove(): Shard<V> | undefined {
    for (;;) {
      const oldest = this.generations.at(-1);
      if (oldest === undefined || oldest === this.newest) return undefined;
      this.drain ??= new Drain(oldest, this.newest);
      const shard = this.drain.next();
      if (shard !== undefined) return shard;
      this.drop(oldest);
    }
  }

  /** Lets go of generations that have become empty; true when the newest has everything. O(shards). */
  settle(): boolean {
    for (;;) {
      const oldest = this.generations.at(-1);
      if (oldest === undefined || oldest === this.newest) return true;
      if (!isGenerationEmpty(oldest)) return false;
      this.drop(oldest);
    }
  }

  /** Newest generation first. O(shards). */
  allShards(): Shard<V>[] {
    return this.generations.flatMap((generation) => generation.shards);
  }

  /** Forgets everything. O(shards). */
  clear(): void {
    for (const cursor of this.cursors) cursor.restart();
    const { shards, hash } = this.newest;
    this.install([this.create(shards.length, hash, 0)]);
  }

  private create(shardCount: number, hash: KeyHash, moving: number): Generation<V> {
    const { family, layout, capacity } = this;
    return createGeneration<V>({ shardCount, hash, family, layout, capacity, moving });
  }

  private entries(): number {
    return this.allShards().reduce((sum, shard) => sum + shard.size, 0);
  }

  private putInFront(target: Generation<V>): void {
    const previous = this.newest;
    carryAges(previous, target);
    this.install([target, ...this.generations.filter((generation) => generation !== target)]);
    if (isGenerationEmpty(previous)) this.drop(previous);
  }

  private drop(generation: Generation<V>): void {
    for (const cursor of this.cursors) cursor.leave(generation, this.generations);
    this.install(this.generations.filter((other) => other !== generation));
  }

  private install(generations: readonly Generation<V>[]): void {
    this.generations = generations;
    this.newest = generations[0] as Generation<V>;
    this.drain = undefined;
    // Keeps no shard of a generation that has left.
    this.holder = this.newest.shards[0] as Shard<V>;
  }
}
