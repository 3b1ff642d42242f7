/**
 * The guide's traffic matrix (004, "Cache Performance Matrix") as data, and what it recommends for a request rate.
 * A tier begins at its lower bound: 100 requests a second are medium, 10,000 are very high. It reads no machine: the
 * number of CPUs comes in.
 */
import { ceilPowerOfTwo } from '../core/bits.js';
import type { PolicyName } from '../engine/policy.js';
import { requireNumbers } from './input-check.js';

export type TrafficTierName = 'low' | 'medium' | 'high' | 'very-high';
export type MemoryClass = 'low' | 'medium' | 'high';

export interface TrafficTier {
  readonly name: TrafficTierName;
  /** Requests a second at which the next tier begins. */
  readonly belowQps: number;
  readonly shardsPerCpu: number;
  readonly cleanupIntervalMs: number;
  readonly evictionPolicy: PolicyName;
  readonly memory: MemoryClass;
}

/** A whole row of the matrix, made concrete for a machine. */
export interface TrafficRecommendation {
  readonly tier: TrafficTierName;
  /** A power of two, 1..4096. */
  readonly shardCount: number;
  readonly cleanupIntervalMs: number;
  readonly evictionPolicy: PolicyName;
  readonly memory: MemoryClass;
}

export interface ShardCountQuestion {
  /** Requests a second, 0 or more. */
  readonly qps: number;
  /** CPUs the process may use, at least 1. */
  readonly cpus: number;
  /** Entries the cache may hold, at least 1. */
  readonly capacity: number;
}

export const MAX_SHARD_COUNT = 4096;
/** Below this an evicting shard sees too little of the traffic to choose well. */
const MIN_ENTRIES_PER_SHARD = 64;
/** Above this the growth of one shard is a pause of its own. */
const MAX_ENTRIES_PER_SHARD = 32_768;

const MINUTE_MS = 60_000;

// In rising order; the last bound is open.
export const TRAFFIC_TIERS: readonly TrafficTier[] = Object.freeze([
  tier('low', 100, 1, 10 * MINUTE_MS, 'fifo', 'low'),
  tier('medium', 1000, 2, 5 * MINUTE_MS, 'lru', 'medium'),
  tier('high', 10_000, 4, 2 * MINUTE_MS, 'lru', 'high'),
  tier('very-high', Number.POSITIVE_INFINITY, 8, MINUTE_MS, 'lfu', 'high'),
]);

/**
 * What the guide recommends at `qps` requests a second on `cpus` CPUs. Shards are CPU x 1, 2, 4 or 8, rounded up to a
 * power of two. Throws ConfigError when `qps` is negative, `cpus` below 1, or either is not a finite number.
 */
export function recommendForTraffic(qps: number, cpus: number): TrafficRecommendation {
  requireNumbers('recommendForTraffic', { qps, cpus }, { qps: 0, cpus: 1 });
  return rowFor(qps, cpus);
}

/** The guide's function of that name: the shard count of `recommendForTraffic`, with the same errors. */
export function calculateOptimalShards(qps: number, cpus: number): number {
  requireNumbers('calculateOptimalShards', { qps, cpus }, { qps: 0, cpus: 1 });
  return rowFor(qps, cpus).shardCount;
}

/**
 * As `calculateOptimalShards`, but halved while a shard would hold fewer than 64 entries: for choosing the count of a
 * small cache at creation. Throws ConfigError as the others do, and when `capacity` is below 1.
 */
export function recommendShardCount(question: ShardCountQuestion): number {
  const { qps, cpus, capacity } = question;
  requireNumbers('recommendShardCount', { qps, cpus, capacity }, { qps: 0, cpus: 1, capacity: 1 });
  return boundedShardCount(rowFor(qps, cpus).shardCount, { entries: 0, capacity });
}

/**
 * The guide's shard count, a power of two, held to what the size of the cache bears: doubled while a shard would hold
 * more than 32,768 of the `entries` there are, halved while it could hold fewer than 64 of the `capacity`.
 */
export function boundedShardCount(
  shardCount: number,
  { entries, capacity }: { readonly entries: number; readonly capacity: number },
): number {
  let count = shardCount;
  while (count < MAX_SHARD_COUNT && entries / count > MAX_ENTRIES_PER_SHARD) count *= 2;
  while (count > 1 && capacity / count < MIN_ENTRIES_PER_SHARD) count /= 2;
  return count;
}

function rowFor(qps: number, cpus: number): TrafficRecommendation {
  const row = TRAFFIC_TIERS.find((candidate) => qps < candidate.belowQps) as TrafficTier; // the last bound is open
  return {
    tier: row.name,
    shardCount: Math.min(MAX_SHARD_COUNT, ceilPowerOfTwo(Math.min(MAX_SHARD_COUNT, cpus * row.shardsPerCpu))),
    cleanupIntervalMs: row.cleanupIntervalMs,
    evictionPolicy: row.evictionPolicy,
    memory: row.memory,
  };
}

function tier(
  name: TrafficTierName,
  belowQps: number,
  shardsPerCpu: number,
  cleanupIntervalMs: number,
  evictionPolicy: PolicyName,
  memory: MemoryClass,
): TrafficTier {
  return Object.freeze({ name, belowQps, shardsPerCpu, cleanupIntervalMs, evictionPolicy, memory });
}
