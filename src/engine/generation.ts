/**
 * The shards that keys were routed to between two resizes, with the hash that routed them. Outside a resize a store
 * has one generation.
 */
import type { KeyHash } from './key-hash.js';
import type { PolicyFamily } from './policy.js';
import { Shard, type ShardSizing } from './shard.js';

export interface Generation<V> {
  /** Their number is a power of two. */
  readonly shards: readonly Shard<V>[];
  /** A key lives in shards[hash & mask]. */
  readonly mask: number;
  readonly hash: KeyHash;
  readonly sizing: ShardSizing;
}

/** Shards for `capacity` entries, of which `moving` will come over from another generation. O(shards). */
export function createGeneration<V>(
  shardCount: number,
  hash: KeyHash,
  family: PolicyFamily,
  capacity: number,
  moving: number,
): Generation<V> {
  const sizing = { expected: expectedSize(capacity, shardCount), moving: expectedSize(moving, shardCount) };
  const shards = Array.from({ length: shardCount }, (_, id) => new Shard<V>(family.create(), id, sizing));
  return { shards, mask: shardCount - 1, hash, sizing };
}

/** What a shard of a full store holds, with some air for the luck of the hash. */
export function expectedSize(capacity: number, shardCount: number): number {
  return Math.ceil((1.01 * capacity) / shardCount);
}

/** O(shards). */
export function isGenerationEmpty(generation: Generation<unknown>): boolean {
  return generation.shards.every((shard) => shard.size === 0);
}

/** Lets each shard of `target` be at least as old as every shard of `source` that shares keys with it: under another hash, as all. O(shards). */
export function carryAges(source: Generation<unknown>, target: Generation<unknown>): void {
  const isSameHash = source.hash === target.hash;
  const greatest = source.shards.reduce((age, { policy }) => Math.max(age, policy.age), 0);
  for (let i = 0; i <= Math.max(source.mask, target.mask); i++) {
    const from = source.shards[i & source.mask]?.policy;
    const to = target.shards[i & target.mask]?.policy;
    if (from !== undefined && to !== undefined) to.age = Math.max(to.age, isSameHash ? from.age : greatest);
  }
}
