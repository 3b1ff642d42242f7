/**
 * What an eviction policy is: an order over the slots of one shard. It knows slots and hashes, not keys, values or time.
 * Invariant: it holds exactly the slots that were added and not removed.
 *
 * A shard calls, for each slot: insert or adopt once, then any number of hit/update, then remove. The `hash` given for
 * a slot is that of its key, signed and of 32 bits, the same in every call: policies that remember keys longer than
 * entries use it. When a store changes its hash, entries go over to new policies, under other hashes: what a family has
 * remembered by the former ones is then of strangers, and fades as theirs does.
 *
 * A resize takes entries over to the policies of other shards, the last to leave first: `lastToLeave` names it,
 * `stateOf` says what is known of it, and the other policy adopts it in front of all it has adopted so far. So what
 * has yet to move is always what would be evicted first.
 *
 * The `rank`, 0 to RANK_COUNT - 1, says what an entry is worth a byte: each of them twice the one below, 0 nothing, and
 * MIDDLE_RANK, the default, what is usual. LRU alone keeps what is worth more; the others pass over it.
 */
export interface Policy {
  readonly size: number;
  /** True when a hit or update changes the order: such an entry moves at once while a resize is under way. */
  readonly reorders: boolean;
  /** Makes room for slots 0..slotCount-1. */
  grow(slotCount: number): void;
  /** A new entry. */
  insert(slot: number, hash: number, rank?: number): void;
  /** The entry was read. */
  hit(slot: number, hash: number): void;
  /** The entry's value was replaced. */
  update(slot: number, hash: number, rank?: number): void;
  remove(slot: number): void;
  /**
   * The next slot to evict other than `except` (NONE excepts none), or NONE. Does not remove it, but may put others in
   * their place on the way (second chances); asked again without a change in between, it answers the same.
   */
  victim(except: number): number;
  /** The slot is about to be evicted as the victim (policies with a memory learn from it); remove() follows. */
  evicting(slot: number, hash: number): void;
  /** The slot that a resize takes over next: of all held, the one to be evicted last. NONE when empty. */
  lastToLeave(): number;
  /** What another policy of the same kind needs to know of a slot to adopt it: a number, opaque to others. */
  stateOf(slot: number): number;
  /** Takes in an entry from another shard's policy: to be evicted before those adopted earlier. */
  adopt(slot: number, state: number, hash: number): void;
  /** Compares victims of two policies: the lower goes first, of equals the one that has yet to move. Tells entries of one policy apart only where they carry a frequency or a rank. */
  priorityOf(slot: number): number;
  /** Age for a policy that ages (the L of LFU-DA and GreedyDual); carried to the shards of a resize. Zero elsewhere. */
  age: number;
}

/** The policies of one store: they may share what is known of all its keys. */
export interface PolicyFamily {
  /** An empty policy for one more shard. */
  create(): Policy;
  /** Entries the store holds when it is full, over all shards, or about so many: at the start its capacity, and whenever that changes. */
  setCapacity(entries: number): void;
}

export type PolicyName = 'lru' | 'lfu' | 'fifo' | 'random' | 'sieve' | 's3-fifo' | 'w-tinylfu' | 'adaptive';

/** Ranks of worth, from 0. */
export const RANK_COUNT = 64;
export const MIDDLE_RANK = 32;
