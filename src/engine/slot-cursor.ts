/**
 * A place that wanders over every slot of every generation, oldest generation first; a walk from the first slot to the
 * last is a round. A resize moves entries only from older generations to the newest, and within a generation an entry
 * keeps its slot, so no entry that was there when a round began escapes it.
 */
import type { Generation } from './generation.js';
import type { Shard } from './shard.js';

export class SlotCursor<V> {
  slot = 0;
  private shardId = 0;
  /** Undefined between rounds. */
  private generation: Generation<V> | undefined;

  /** False between rounds. */
  get isUnderWay(): boolean {
    return this.generation !== undefined;
  }

  /** The shard of a slot to examine, stepping over the ends of shards; undefined when the round has ended. Starts one between rounds. */
  seek(generations: readonly Generation<V>[]): Shard<V> | undefined {
    this.generation ??= generations.at(-1);
    while (this.generation !== undefined) {
      const shard = this.generation.shards[this.shardId];
      if (shard === undefined) {
        this.enter(generations[generations.indexOf(this.generation) - 1]);
      } else if (this.slot < shard.highWater) {
        return shard;
      } else {
        this.shardId++;
        this.slot = 0;
      }
    }
    return undefined;
  }

  /** Slots the round has yet to come to; 0 between rounds. */
  remaining(generations: readonly Generation<V>[]): number {
    if (this.generation === undefined) return 0;
    let count = -this.slot;
    for (let i = generations.indexOf(this.generation); i >= 0; i--) {
      const { shards } = generations[i] as Generation<V>;
      const first = generations[i] === this.generation ? this.shardId : 0;
      for (let id = first; id < shards.length; id++) count += (shards[id] as Shard<V>).highWater;
    }
    return Math.max(0, count);
  }

  /** Ends the round. */
  restart(): void {
    this.enter(undefined);
  }

  /** Begins the current round, if there is one, anew. */
  rewind(generations: readonly Generation<V>[]): void {
    if (this.generation !== undefined) this.enter(generations.at(-1));
  }

  /** `generation` is about to leave: goes on with the next newer one. */
  leave(generation: Generation<V>, generations: readonly Generation<V>[]): void {
    if (this.generation === generation) this.enter(generations[generations.indexOf(generation) - 1]);
  }

  private enter(generation: Generation<V> | undefined): void {
    this.generation = generation;
    this.shardId = 0;
    this.slot = 0;
  }
}
