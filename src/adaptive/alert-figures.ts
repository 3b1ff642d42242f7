/**
 * The figures the alert tables look at, from counters and latencies. Rates are those between two samples: over the
 * whole run, a bad minute would hide behind a good day.
 */
import type { Figure, Figures } from './alerts.js';
import { shardImbalance } from './shard-imbalance.js';

export type CacheMetricName = 'hitRate' | 'getLatency' | 'memoryUsage' | 'memoryShare' | 'shardImbalance' | 'cpuUsage';
export type LlmMetricName =
  | 'successRate'
  | 'errorRate'
  | 'avgLatency'
  | 'p95Latency'
  | 'p99Latency'
  | 'costPerRequest'
  | 'cacheHitRate'
  | 'cpuUsage';

export interface CacheAlertSample {
  /** Since the start. */
  readonly hits: number;
  readonly misses: number;
  /** Mean of the measured reads in milliseconds, and how many it rests on. */
  readonly avgGetLatency: number;
  readonly getSamples: number;
  /** Weighed bytes of all entries, and the limit; undefined without one. */
  readonly memoryUsage: number;
  readonly maxBytes: number | undefined;
  /** Entries in each shard. */
  readonly shardBalance: readonly number[];
  /** CPU time of the process over wall time and CPUs, 0..1; undefined when not measured. */
  readonly cpuUsage?: number | undefined;
}

export interface LlmAlertSample {
  /** Finished calls since the start, and how many of them failed. */
  readonly requests: number;
  readonly failures: number;
  /** Milliseconds over recent calls. */
  readonly avgLatency: number;
  readonly p95Latency: number;
  readonly p99Latency: number;
  /** Dollars since the start. */
  readonly cost: number;
  /** Answers found in the cache and not found there, since the start. */
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** As in CacheAlertSample. */
  readonly cpuUsage?: number | undefined;
}

const NO_READS = { hits: 0, misses: 0 };
const NO_CALLS = { requests: 0, failures: 0, cost: 0, cacheHits: 0, cacheMisses: 0 };

/** Rates since `before`, or since the start without it; memory, balance and latency as they are now. */
export function cacheAlertFigures(now: CacheAlertSample, before?: CacheAlertSample): Figures<CacheMetricName> {
  const { hits, misses } = before ?? NO_READS;
  return {
    hitRate: share(now.hits - hits, now.hits - hits + now.misses - misses),
    getLatency: { value: now.avgGetLatency, samples: now.getSamples },
    memoryUsage: { value: now.memoryUsage, samples: 1 },
    memoryShare: now.maxBytes === undefined ? undefined : { value: now.memoryUsage / now.maxBytes, samples: 1 },
    shardImbalance: shardImbalance(now.shardBalance),
    cpuUsage: measured(now.cpuUsage),
  };
}

/** Rates and cost since `before`, or since the start without it; latencies as they are now. */
export function llmAlertFigures(now: LlmAlertSample, before?: LlmAlertSample): Figures<LlmMetricName> {
  const base = before ?? NO_CALLS;
  const requests = now.requests - base.requests;
  const failures = now.failures - base.failures;
  const cacheHits = now.cacheHits - base.cacheHits;
  const latency = (value: number): Figure => ({ value, samples: requests });
  return {
    successRate: share(requests - failures, requests),
    errorRate: share(failures, requests),
    avgLatency: latency(now.avgLatency),
    p95Latency: latency(now.p95Latency),
    p99Latency: latency(now.p99Latency),
    costPerRequest: share(now.cost - base.cost, requests),
    cacheHitRate: share(cacheHits, cacheHits + now.cacheMisses - base.cacheMisses),
    cpuUsage: measured(now.cpuUsage),
  };
}

/** A ratio over its samples; NaN without any, which no rule judges. */
function share(part: number, samples: number): Figure {
  return { value: part / samples, samples };
}

function measured(value: number | undefined): Figure | undefined {
  return value === undefined ? undefined : { value, samples: 1 };
}
