/**
 * Several shards seen as one row of entries: names, again and again, the shard that gives next, so that each has given
 * the same share of what it held. Shards share keys by hash, so equal shares are of like age. O(log shards) an answer.
 */
import { RankHeap } from '../structures/rank-heap.js';
import type { Shard } from './shard.js';

export class ShardMerge<V> {
  private readonly shards: readonly Shard<V>[];
  /** What one entry is of what each shard held. */
  private readonly steps: readonly number[];
  /** Shards by the share they have given. */
  private readonly heap: RankHeap = new RankHeap();

  constructor(shards: readonly Shard<V>[]) {
    this.shards = shards;
    this.steps = shards.map((shard) => 1 / shard.size);
    for (const [id, shard] of shards.entries()) if (shard.size > 0) this.heap.push(id, 0);
  }

  /** The shard that gives next, or undefined when all are empty. The caller takes an entry away. */
  next(): Shard<V> | undefined {
    while (this.heap.size > 0) {
      const id = this.heap.topId;
      const shard = this.shards[id] as Shard<V>;
      if (shard.size > 0) {
        this.heap.replaceTop(this.heap.topRank + (this.steps[id] as number));
        return shard;
      }
      this.heap.pop();
    }
    return undefined;
  }
}
