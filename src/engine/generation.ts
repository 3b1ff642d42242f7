/**
 * The shards that keys were routed to between two resizes, with the hash that routed them. Outside a resize a store
 * has one generation.
 */
import type { KeyHash } from './key-hash.js';
import type { PolicyFamily } from './policy.js';
import { Shard, type ShardSizing } from './shard.js';

export interface Generation<V> {
  readonly shards: readonly Shard<V>[];
  /** The shard of each value of a hash's low bits; without a layout, the shards themselves. */
  readonly homes: readonly Shard<V>[];
  /** A key lives in homes[hash & mask]. */
  readonly mask: number;
  readonly hash: KeyHash;
  readonly sizing: ShardSizing;
}

/** Which shard each value of a hash's low bits belongs to: a power of two of them, the same for every shard count. */
export type ShardLayout = (shardCount: number) => ArrayLike<number>;

export interface GenerationPlan {
  /** A power of two, or any number that the layout knows. */
  readonly shardCount: number;
  readonly hash: KeyHash;
  readonly family: PolicyFamily;
  readonly layout: ShardLayout | undefined;
  /** Entries the store may hold. */
  readonly capacity: number;
  /** Entries that will come over from another generation. */
  readonly moving: number;
}

/** Empty shards. O(shards), or what the layout takes. */
export function createGeneration<V>(plan: GenerationPlan): Generation<V> {
  const { shardCount, hash, family, layout } = plan;
  const sizing = { expected: expectedSize(plan.capacity, shardCount), moving: expectedSize(plan.moving, shardCount) };
  const shards = Array.from({ length: shardCount }, (_, id) => new Shard<V>(family.create(), id, sizing));
  const homes = layout === undefined ? shards : Array.from(layout(shardCount), (id) => shards[id] as Shard<V>);
  return { shards, homes, mask: homes.length - 1, hash, sizing };
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
    const from = source.homes[i & source.mask]?.policy;
    const to = target.homes[i & target.mask]?.policy;
    if (from !== undefined && to !== undefined) to.age = Math.max(to.age, isSameHash ? from.age : greatest);
  }
}
