/**
 * The guide's troubleshooting table for the cache (004, "Cache Performance Issues") as pure rules: each needs the
 * symptom in the figures and its cause in the figures or settings, and names the option to change.
 */
import { formatBytes, formatDuration } from '../core/units.js';
import { applyRules, type DiagnosisRule, type Finding } from './finding.js';
import { MIN_ENTRIES_TO_JUDGE_BALANCE, shardImbalance } from './shard-imbalance.js';
import { MAX_SHARD_COUNT, recommendForTraffic } from './traffic-tiers.js';
import { durationLiteral, percent } from './wording.js';

/** Counters since the start, and what stands now. The names are those of the cache's metrics. */
export interface CacheFigures {
  readonly hits: number;
  readonly misses: number;
  readonly sets: number;
  readonly evictions: number;
  readonly expirations: number;
  readonly loads: number;
  /** Loads that waited for a slot of their shard. */
  readonly loadWaits: number;
  /** Milliseconds, and how many measured reads it rests on. */
  readonly p99GetLatency: number;
  readonly getSamples: number;
  /** Weighed bytes of all entries. */
  readonly memoryUsage: number;
  readonly itemCount: number;
  /** Entries in each shard. */
  readonly shardBalance: readonly number[];
  /** Requests a second. */
  readonly requestRate: number;
}

export interface CacheSettings {
  readonly ttlMs: number;
  readonly capacity: number;
  readonly shardCount: number;
  readonly maxBytes: number | undefined;
  /** True when withHashFunction() replaced the built-in hash. */
  readonly hasOwnHash: boolean;
  /** CPUs the process may use. */
  readonly cpus: number;
}

/** Reads below which rates and percentiles mean nothing. */
const ENOUGH_READS = 1000;
const ENOUGH_SAMPLES = 100;
const ENOUGH_LOADS = 100;
const LOW_HIT_RATIO = 0.8;
/** Expirations that explain this share of the misses dominate them. */
const EXPIRY_SHARE_OF_MISSES = 0.5;
const SLOW_GET_MS = 1;
const LARGE_BYTES = 2 ** 30;
const UNEVEN = 0.2;
/** Share of loads that wait from which shards contend. */
const CONTENDED = 0.01;

/** What the figures say is wrong, and which option would change it. Empty when nothing is. O(shards). */
export function diagnoseCache(figures: CacheFigures, settings: CacheSettings): readonly Finding[] {
  return applyRules(RULES, figures, settings);
}

const RULES: readonly DiagnosisRule<CacheFigures, CacheSettings>[] = [
  entriesExpireTooSoon,
  tooFewShards,
  memoryGrowsUnbounded,
  shardsAreUneven,
  shardsContend,
];

function entriesExpireTooSoon(figures: CacheFigures, settings: CacheSettings): Finding | undefined {
  const reads = figures.hits + figures.misses;
  const hitRatio = figures.hits / reads;
  if (reads < ENOUGH_READS || hitRatio >= LOW_HIT_RATIO || settings.ttlMs === 0) return undefined;
  if (figures.expirations < figures.misses * EXPIRY_SHARE_OF_MISSES) return undefined;
  return {
    id: 'low-hit-rate',
    symptom: 'low hit rate',
    cause: 'the TTL is too short',
    evidence: `hit ratio ${percent(hitRatio)} over ${reads} reads; ${figures.expirations} entries expired, ${figures.misses} reads missed; TTL ${formatDuration(settings.ttlMs)}`,
    solution: `withTTL(${durationLiteral(settings.ttlMs * 2)})`,
  };
}

function tooFewShards(figures: CacheFigures, settings: CacheSettings): Finding | undefined {
  if (figures.getSamples < ENOUGH_SAMPLES || figures.p99GetLatency <= SLOW_GET_MS) return undefined;
  const { tier, shardCount } = recommendForTraffic(figures.requestRate, settings.cpus);
  if (settings.shardCount >= shardCount) return undefined;
  const rate = Math.round(figures.requestRate);
  return {
    id: 'high-get-latency',
    symptom: 'high latency',
    cause: 'there are too few shards',
    evidence: `p99 of get ${formatDuration(figures.p99GetLatency)}; ${settings.shardCount} shards at ${rate} requests/s, where ${tier} traffic asks for ${shardCount}`,
    solution: `withShardCount(${shardCount})`,
  };
}

function memoryGrowsUnbounded(figures: CacheFigures, settings: CacheSettings): Finding | undefined {
  if (settings.maxBytes !== undefined || figures.memoryUsage <= LARGE_BYTES || figures.evictions > 0) return undefined;
  const full = (figures.memoryUsage / figures.itemCount) * settings.capacity;
  return {
    id: 'memory-growth',
    symptom: 'memory growth',
    cause: 'nothing is evicted: there is no memory limit and the capacity is not reached',
    evidence: `${formatBytes(figures.memoryUsage)} in ${figures.itemCount} entries, no eviction so far; ${formatBytes(full)} when all ${settings.capacity} are in use`,
    solution: `withMaxMemoryMB(${LARGE_BYTES / 2 ** 20})`,
  };
}

function shardsAreUneven(figures: CacheFigures, settings: CacheSettings): Finding | undefined {
  const { value, samples } = shardImbalance(figures.shardBalance);
  if (samples < MIN_ENTRIES_TO_JUDGE_BALANCE || value <= UNEVEN) return undefined;
  return {
    id: 'uneven-shards',
    symptom: 'uneven load',
    cause: settings.hasOwnHash
      ? 'the hash function given spreads these keys poorly'
      : 'the built-in hash spreads these keys poorly',
    evidence: `a shard deviates by ${percent(value)} from the mean of ${Math.round(samples)} entries`,
    solution: 'withHashFunction(await xxh32())',
  };
}

function shardsContend(figures: CacheFigures, settings: CacheSettings): Finding | undefined {
  if (figures.loads < ENOUGH_LOADS || figures.loadWaits < figures.loads * CONTENDED) return undefined;
  const writes = figures.sets / Math.max(1, figures.sets + figures.hits + figures.misses);
  const more = Math.min(MAX_SHARD_COUNT, settings.shardCount * 2);
  return {
    id: 'load-contention',
    symptom: 'lock contention',
    cause: 'too few shards share the load slots',
    evidence: `${figures.loadWaits} of ${figures.loads} loads waited for a slot of their shard; ${percent(writes)} of the requests write, on ${settings.shardCount} shards`,
    solution: more > settings.shardCount ? `withShardCount(${more})` : 'withMaxShardConcurrency(0)',
  };
}
