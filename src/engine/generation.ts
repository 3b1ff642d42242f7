/** The shards that keys were routed to between two resizes. Outside a resize a store has one generation. */
import type { Random } from '../core/random.js';
import { createPolicy } from './create-policy.js';
import type { PolicyName } from './policy.js';
import { Shard } from './shard.js';

export interface Generation<V> {
  /** Their number is a power of two. */
  readonly shards: readonly Shard<V>[];
  /** A key lives in shards[hash & mask]. */
  readonly mask: number;
}

export function createGeneration<V>(shardCount: number, policy: PolicyName, random: Random): Generation<V> {
  const shards = Array.from({ length: shardCount }, () => new Shard<V>(createPolicy(policy, random)));
  return { shards, mask: shardCount - 1 };
}

/** O(shards). */
export function isGenerationEmpty(generation: Generation<unknown>): boolean {
  return generation.shards.every((shard) => shard.size === 0);
}

/** Lets each shard of `target` be at least as old as every shard of `source` that shares keys with it. */
export function carryAges(source: Generation<unknown>, target: Generation<unknown>): void {
  for (let i = 0; i <= Math.max(source.mask, target.mask); i++) {
    const from = source.shards[i & source.mask]?.policy;
    const to = target.shards[i & target.mask]?.policy;
    if (from !== undefined && to !== undefined && from.age > to.age) to.age = from.age;
  }
}
