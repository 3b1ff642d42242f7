/**
 * The order in which a resize empties one generation into another. Shards that share keys form a group: when growing,
 * one source shard feeds several target shards; when shrinking, several source shards feed one; when the hash changes
 * too, or a layout says who shares, every source shard may feed all. Groups go one after another; within a group,
 * entries go the last to leave first, so that what has yet to move is always what would be evicted first.
 */
import type { Generation } from './generation.js';
import type { Shard } from './shard.js';
import { ShardMerge } from './shard-merge.js';

export class Drain<V> {
  private readonly source: Generation<V>;
  private readonly groupCount: number;
  private group = 0;
  private merge: ShardMerge<V>;

  constructor(source: Generation<V>, target: Generation<V>) {
    this.source = source;
    const { hash, shards, homes } = source;
    const isPlain = hash === target.hash && homes === shards;
    this.groupCount = isPlain ? Math.min(shards.length, target.shards.length) : 1;
    this.merge = this.openGroup();
  }

  /** The source shard whose entry moves next, or undefined when the generation is empty. */
  next(): Shard<V> | undefined {
    for (;;) {
      const shard = this.merge.next();
      if (shard !== undefined) return shard;
      if (this.group + 1 >= this.groupCount) return undefined;
      this.group++;
      this.merge = this.openGroup();
    }
  }

  private openGroup(): ShardMerge<V> {
    const shards: Shard<V>[] = [];
    for (let id = this.group; id < this.source.shards.length; id += this.groupCount) {
      shards.push(this.source.shards[id] as Shard<V>);
    }
    return new ShardMerge(shards);
  }
}
