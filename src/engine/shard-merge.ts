/**
 * Several shards seen as one row of entries: names, again and again, the shard that gives next, so that each has given
 * the same share of what it held. Shards share keys by hash, so equal shares are of like age. O(log shards) an answer.
 */
import { RankHeap } from '../structures/rank-heap.js';
import type { Shard } from './shard.js';

export class ShardMerge<V> {
  private readonly shards: readonly Shard<V>[];
  /** What one entry is of what each shard held. */
  private readonly steps: Float64Array;
  /** Shards by the share they have given. */
  private readonly heap: RankHeap;

  /** O(shards). */
  constructor(shards: readonly Shard<V>[]) {
    this.shards = shards;
    this.steps = new Float64Array(shards.length);
    const givers = new Int32Array(shards.length);
    let giverCount = 0;
    for (let id = 0; id < shards.length; id++) {
      const { size } = shards[id] as Shard<V>;
      if (size === 0) continue;
      this.steps[id] = 1 / size;
      givers[giverCount++] = id;
    }
    this.heap = new RankHeap(givers.subarray(0, giverCount));
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
