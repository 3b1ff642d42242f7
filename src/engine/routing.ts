/**
 * Which shard a key is in. Outside a resize there is one generation of shards. A resize puts a new one in front: new
 * keys go there, the others stay where they are, and are found there, until they are moved. A generation left empty
 * goes away. Asking for a shard count that an older generation has puts that one back in front, so there is never
 * more than one generation of a size and a lookup tries at most thirteen.
 * Invariant: a key is in at most one generation.
 */
import { NONE } from '../core/bits.js';
import type { Random } from '../core/random.js';
import { Drain } from './drain.js';
import { carryAges, createGeneration, type Generation, isGenerationEmpty } from './generation.js';
import type { PolicyName } from './policy.js';
import type { Shard } from './shard.js';
import { SweepCursor } from './sweep-cursor.js';

export class Routing<V> {
  /** Newest first: the first is routed to, the others are being emptied, the last one first. Never empty. */
  generations: readonly Generation<V>[];
  newest: Generation<V>;
  /** The shard in which find() found its slot; any when it found none. */
  holder: Shard<V>;
  readonly cursor: SweepCursor<V> = new SweepCursor();
  private drain: Drain<V> | undefined = undefined;
  private readonly policy: PolicyName;
  private readonly random: Random;

  constructor(shardCount: number, policy: PolicyName, random: Random) {
    this.policy = policy;
    this.random = random;
    this.newest = createGeneration<V>(shardCount, policy, random);
    this.generations = [this.newest];
    this.holder = this.home(0);
  }

  /** The shard in which a key of this hash belongs. */
  home(hash: number): Shard<V> {
    return shardOf(this.newest, hash);
  }

  /** The slot of a key in `holder`, or NONE. */
  find(key: string, hash: number): number {
    for (let i = 0; i < this.generations.length; i++) {
      this.holder = shardOf(this.generations[i] as Generation<V>, hash);
      const slot = this.holder.find(key);
      if (slot !== NONE) return slot;
    }
    return NONE;
  }

  /** Routes to `shardCount` shards from now on. O(shards). */
  begin(shardCount: number): void {
    const previous = this.newest;
    if (shardCount === previous.shards.length) return;
    const known = this.generations.find((generation) => generation.shards.length === shardCount);
    const target = known ?? createGeneration<V>(shardCount, this.policy, this.random);
    carryAges(previous, target);
    this.install([target, ...this.generations.filter((generation) => generation !== known)]);
    // A generation that was swept first and now comes last has left the others behind a cursor that stands in it.
    if (known !== undefined) this.cursor.rewind(this.generations);
    if (isGenerationEmpty(previous)) this.drop(previous);
  }

  /** The shard whose victim moves home next, or undefined when the newest generation has everything. */
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

  /** Newest generation first. O(shards). */
  allShards(): Shard<V>[] {
    return this.generations.flatMap((generation) => generation.shards);
  }

  /** Forgets everything. O(shards). */
  clear(): void {
    this.cursor.restart();
    this.install([createGeneration<V>(this.newest.shards.length, this.policy, this.random)]);
  }

  private drop(generation: Generation<V>): void {
    this.cursor.leave(generation, this.generations);
    this.install(this.generations.filter((other) => other !== generation));
  }

  private install(generations: readonly Generation<V>[]): void {
    this.generations = generations;
    this.newest = generations[0] as Generation<V>;
    this.drain = undefined;
    // Keeps no shard of a generation that has left.
    this.holder = this.home(0);
  }
}

/** Every generation has a shard for every hash: its mask is its length - 1. */
export function shardOf<V>(generation: Generation<V>, hash: number): Shard<V> {
  return generation.shards[hash & generation.mask] as Shard<V>;
}
