/**
 * What a storage can do. Mechanism only: no options, no timers, no promises, no tags.
 * Every verb that takes `nowMs` uses it for expiry; the caller reads the clock once per public call.
 * Shaped for storage in this process's heap and for storage shared between threads.
 */

/** Why an entry left. 'replaced' is a set of the same key, 'refused' the old value dropped by a refused set. */
export type RemovalReason = 'evicted' | 'expired' | 'deleted' | 'replaced' | 'refused';

/** Told of each entry that leaves, but for clear(). Must not throw and must not call back into the store. */
export type RemovalListener<V> = (key: string, value: V, reason: RemovalReason) => void;

/** Plain counters, only ever growing: gets = hits + misses, sets = inserts + updates + refusals. */
export interface StoreCounters {
  hits: number;
  misses: number;
  inserts: number;
  updates: number;
  /** Sets that stored nothing: larger than a limit allows. */
  refusals: number;
  evictions: number;
  expirations: number;
  deletes: number;
}

export function createCounters(): StoreCounters {
  return { hits: 0, misses: 0, inserts: 0, updates: 0, refusals: 0, evictions: 0, expirations: 0, deletes: 0 };
}

export interface Store<V> {
  /** Live and not yet collected expired entries. */
  readonly size: number;
  /** Sum of the weights of all entries. */
  readonly bytes: number;
  readonly capacity: number;
  /** Shards routed to now; the target's count while a resize is under way. */
  readonly shardCount: number;
  readonly counters: StoreCounters;

  /** The value, counted and shown to the policy as a hit; undefined is a counted miss. An expired entry is removed. */
  get(key: string, nowMs: number): V | undefined;
  /** The value without counting and without touching the policy. */
  peek(key: string, nowMs: number): V | undefined;
  has(key: string, nowMs: number): boolean;
  /**
   * Stores `value` (never undefined) until `expiresAtMs` (Infinity: never) and evicts what the limits ask for, never
   * the entry itself. `weight` is a whole number of bytes, 0..2^53-1. `worth`, a finite number from 0 in any one unit,
   * is what losing the entry costs; absent, it counts as worth as much a byte as others on average. It matters to
   * policies that take ranks.
   * False: refused (no such number, or heavier than the limits allow); the key's old value is gone, nothing else was evicted.
   */
  set(key: string, value: V, weight: number, expiresAtMs: number, nowMs: number, worth?: number): boolean;
  /** True when an unexpired entry was removed. An expired one is collected and counted as an expiration. */
  delete(key: string, nowMs: number): boolean;
  /** Forgets all entries and ends a resize at its target. O(shards): the removal listener is not told. */
  clear(): void;
  /** A snapshot of the keys, unexpired at `nowMs`. O(size). */
  keys(nowMs: number): string[];
  /** A walk over the entries, begun now. */
  walk(): StoreWalk;

  /**
   * Examines up to `maxEntries` places from where the last call ended, removes the expired entries among them and
   * returns how many. Stops at the end of a round; the next call starts a new one. A round covers every entry that
   * was there when it began, also across a resize. Storage that rearranges itself goes on with that meanwhile.
   */
  sweep(maxEntries: number, nowMs: number): number;
  /** Places the current round has yet to examine; 0 between rounds. O(shards). */
  readonly sweepRemaining: number;
  /** Ends the current round: the next sweep starts a new one. */
  restartSweep(): void;

  /** Starts moving to `shardCount` shards (a power of two); a second call supersedes the target of the first. O(shards). */
  beginResize(shardCount: number): void;
  /** Moves up to `maxEntries` entries; true when nothing is left to move. Reads and writes go on in between. */
  resizeStep(maxEntries: number): boolean;
  readonly isResizing: boolean;

  /** Changes the limits while running; evicts at once what no longer fits, least valuable first. */
  setLimits(limits: Partial<StoreLimits>): void;
  /** The shard a key routes to, 0..shardCount-1. */
  shardOf(key: string): number;
  /** Entries per shard; its length is shardCount. Those that a resize has yet to move from another count are not among them. */
  shardSizes(): number[];
  /** Sets the one listener, or none. */
  onRemoval(listener: RemovalListener<V> | undefined): void;
}

/**
 * Comes to every entry that was there when it began and is there still, also across a resize; to some that came later,
 * and to some twice. Whoever leaves it early calls end().
 */
export interface StoreWalk {
  /** Examines up to `maxEntries` places and visits the keys there, expired ones too; true at the end. `visit` may remove entries. */
  step(maxEntries: number, visit: (key: string) => void): boolean;
  end(): void;
}

export interface StoreLimits {
  /** Entries over all shards, at least 1. */
  readonly capacity: number;
  /** Sum of weights over all shards; Infinity for none. */
  readonly maxBytes: number;
  /** Weight of one entry; Infinity for none. */
  readonly maxEntryBytes: number;
}
