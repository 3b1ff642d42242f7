/**
 * What an eviction policy is: an order over the slots of one shard. It knows slots, not keys, values or time.
 * Invariant: it holds exactly the slots that were added and not removed.
 *
 * A shard calls, for each slot: insert or adopt once, then any number of hit/update, then remove. Ranks make victims
 * of different shards comparable and an entry portable: one that moves to another shard (resize) takes its rank along
 * and is put in its place. A rank only grows while its slot is held and nothing is inserted.
 */
export interface Policy {
  readonly size: number;
  /** Makes room for slots 0..slotCount-1. */
  grow(slotCount: number): void;
  /** A new entry. `tick` is the store's operation counter, strictly growing. */
  insert(slot: number, tick: number): void;
  /** The entry was read. */
  hit(slot: number, tick: number): void;
  /** The entry's value was replaced. */
  update(slot: number, tick: number): void;
  remove(slot: number): void;
  /** The next slot to evict other than `except` (NONE excepts none), or NONE. Does not remove it; stable until the next change. */
  victim(except: number): number;
  /** The slot is about to be evicted as the victim (ageing policies learn from it); remove() follows. */
  evicting(slot: number): void;
  /** Order key of a slot: the victim is the least (priority, tick). */
  priorityOf(slot: number): number;
  tickOf(slot: number): number;
  /** Takes in an entry that moves from another shard, at the place its rank says. Cheap when called in rank order. */
  adopt(slot: number, priority: number, tick: number): void;
  /** Age for a policy that ages (LFU-DA's L); carried to the shards of a resize. Zero elsewhere. */
  age: number;
}

export type PolicyName = 'lru' | 'lfu' | 'fifo' | 'random';
