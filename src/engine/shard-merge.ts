/**
 * Several shards seen as one queue: names, again and again, the shard whose victim ranks lowest of all.
 * Ranks only grow while nothing is inserted into these shards, so an outdated rank is always too low and is refreshed
 * when it comes to the top of the heap. Each answer O(log shards), amortised.
 */
import { NONE } from '../core/bits.js';
import { RankHeap } from '../structures/rank-heap.js';
import type { Shard } from './shard.js';

export class ShardMerge<V> {
  private readonly shards: readonly Shard<V>[];
  private readonly heap: RankHeap = new RankHeap();

  constructor(shards: readonly Shard<V>[]) {
    this.shards = shards;
    for (const [id, { policy }] of shards.entries()) {
      const victim = policy.victim(NONE);
      if (victim !== NONE) this.heap.push(id, policy.priorityOf(victim), policy.tickOf(victim));
    }
  }

  /** The shard that gives next, or undefined when all are empty. The caller takes its victim away. */
  next(): Shard<V> | undefined {
    while (this.heap.size > 0) {
      const shard = this.shards[this.heap.topId] as Shard<V>;
      const victim = shard.policy.victim(NONE);
      if (victim === NONE) {
        this.heap.pop();
        continue;
      }
      const priority = shard.policy.priorityOf(victim);
      const tick = shard.policy.tickOf(victim);
      if (priority === this.heap.topPriority && tick === this.heap.topTick) return shard;
      this.heap.replaceTop(priority, tick);
    }
    return undefined;
  }
}
