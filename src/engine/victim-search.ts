/**
 * Chooses the entry that makes room. First choice: of the shards that the newest hash of the incoming key points to (one,
 * and during a resize one in each generation), the victim of the lowest priority; of equals the one that has yet to move,
 * since the last to leave moves first. When these have none, the fullest shard gives one. Not the shard that an older hash
 * would point to: keys may have outwitted that one, and all have one shard emptied.
 * The answer stands in two fields, so that a search allocates nothing.
 */
import { NONE } from '../core/bits.js';
import type { Generation } from './generation.js';
import type { Routing } from './routing.js';
import type { Shard } from './shard.js';

export class VictimSearch<V> {
  /** Of the last search. */
  donor: Shard<V> | undefined = undefined;
  slot: number = NONE;

  /** Finds a victim for a key of this hash, of the newest generation, other than the slot `kept` of `keeper`; slot is NONE when there is no other entry. O(generations), or O(shards) for the second choice. */
  search(routing: Routing<V>, hash: number, keeper: Shard<V> | undefined, kept: number): void {
    this.donor = undefined;
    this.slot = NONE;
    let leastPriority = 0;
    for (let i = routing.generations.length - 1; i >= 0; i--) {
      const { homes, mask } = routing.generations[i] as Generation<V>;
      const shard = homes[hash & mask] as Shard<V>;
      const slot = shard.policy.victim(shard === keeper ? kept : NONE);
      if (slot === NONE) continue;
      const priority = shard.policy.priorityOf(slot);
      if (this.donor === undefined || priority < leastPriority) {
        this.donor = shard;
        this.slot = slot;
        leastPriority = priority;
      }
    }
    if (this.donor !== undefined) return;
    this.donor = fullest(routing, keeper);
    this.slot = this.donor.policy.victim(this.donor === keeper ? kept : NONE);
  }
}

/** The first of the shards with the most entries, not counting the one kept by `keeper`. */
function fullest<V>(routing: Routing<V>, keeper: Shard<V> | undefined): Shard<V> {
  let found = routing.newest.shards[0] as Shard<V>;
  let most = 0;
  for (const { shards } of routing.generations) {
    for (const shard of shards) {
      const size = shard === keeper ? shard.size - 1 : shard.size;
      if (size > most) {
        found = shard;
        most = size;
      }
    }
  }
  return found;
}
