/**
 * The alert tables of the source documents: the guide's one-level constants (004, "Alert thresholds") and the hub's two
 * levels (002, "Alert Thresholds"), each split by what the figures belong to. Names are the guide's, in camelCase.
 */
import type { CacheMetricName, LlmMetricName } from './alert-figures.js';
import type { AlertRule } from './alerts.js';
import { MIN_ENTRIES_TO_JUDGE_BALANCE } from './shard-imbalance.js';

/** Reads, and calls, an interval needs before its rates say anything. */
const ENOUGH_READS = 100;
const ENOUGH_CALLS = 20;
/** A p99 of fewer calls is just the slowest. */
const ENOUGH_CALLS_FOR_P99 = 100;

export const guideCacheAlerts: readonly AlertRule<CacheMetricName>[] = freezeAll([
  {
    name: 'minHitRate',
    metric: 'hitRate',
    direction: 'below',
    warning: 0.8,
    minSamples: ENOUGH_READS,
    unit: 'fraction',
    subject: 'hit ratio',
  },
  {
    name: 'maxGetLatency',
    metric: 'getLatency',
    direction: 'above',
    warning: 1,
    minSamples: ENOUGH_READS,
    unit: 'milliseconds',
    subject: 'mean get latency',
  },
  {
    name: 'maxMemoryUsage',
    metric: 'memoryUsage',
    direction: 'above',
    warning: 2 ** 30,
    minSamples: 1,
    unit: 'bytes',
    subject: 'memory in use',
  },
  {
    name: 'maxShardImbalance',
    metric: 'shardImbalance',
    direction: 'above',
    warning: 0.2,
    minSamples: MIN_ENTRIES_TO_JUDGE_BALANCE,
    unit: 'fraction',
    subject: 'shard imbalance',
  },
]);

export const guideLlmAlerts: readonly AlertRule<LlmMetricName>[] = freezeAll([
  {
    name: 'minSuccessRate',
    metric: 'successRate',
    direction: 'below',
    warning: 0.95,
    minSamples: ENOUGH_CALLS,
    unit: 'fraction',
    subject: 'success rate',
  },
  {
    name: 'maxAvgLatency',
    metric: 'avgLatency',
    direction: 'above',
    warning: 5000,
    minSamples: ENOUGH_CALLS,
    unit: 'milliseconds',
    subject: 'mean latency',
  },
  {
    name: 'maxP99Latency',
    metric: 'p99Latency',
    direction: 'above',
    warning: 30_000,
    minSamples: ENOUGH_CALLS_FOR_P99,
    unit: 'milliseconds',
    subject: 'p99 latency',
  },
  {
    name: 'maxCostPerRequest',
    metric: 'costPerRequest',
    direction: 'above',
    warning: 0.5,
    minSamples: ENOUGH_CALLS,
    unit: 'dollars',
    subject: 'cost per request',
  },
]);

export const hubCacheAlerts: readonly AlertRule<CacheMetricName>[] = freezeAll([
  {
    name: 'minHitRate',
    metric: 'hitRate',
    direction: 'below',
    warning: 0.5,
    critical: 0.3,
    minSamples: ENOUGH_READS,
    unit: 'fraction',
    subject: 'hit ratio',
  },
  {
    name: 'maxMemoryShare',
    metric: 'memoryShare',
    direction: 'above',
    warning: 0.8,
    critical: 0.9,
    minSamples: 1,
    unit: 'fraction',
    subject: 'memory in use of the limit',
  },
  {
    name: 'maxCpuUsage',
    metric: 'cpuUsage',
    direction: 'above',
    warning: 0.7,
    critical: 0.85,
    minSamples: 1,
    unit: 'fraction',
    subject: 'CPU usage',
  },
]);

export const hubLlmAlerts: readonly AlertRule<LlmMetricName>[] = freezeAll([
  {
    name: 'maxErrorRate',
    metric: 'errorRate',
    direction: 'above',
    warning: 0.01,
    critical: 0.05,
    minSamples: ENOUGH_CALLS,
    unit: 'fraction',
    subject: 'error rate',
  },
  {
    name: 'maxP95Latency',
    metric: 'p95Latency',
    direction: 'above',
    warning: 5000,
    critical: 10_000,
    minSamples: ENOUGH_CALLS,
    unit: 'milliseconds',
    subject: 'p95 latency',
  },
  {
    name: 'minHitRate',
    metric: 'cacheHitRate',
    direction: 'below',
    warning: 0.5,
    critical: 0.3,
    minSamples: ENOUGH_CALLS,
    unit: 'fraction',
    subject: 'answer cache hit ratio',
  },
  {
    name: 'maxCpuUsage',
    metric: 'cpuUsage',
    direction: 'above',
    warning: 0.7,
    critical: 0.85,
    minSamples: 1,
    unit: 'fraction',
    subject: 'CPU usage',
  },
]);

function freezeAll<M extends string>(rules: readonly AlertRule<M>[]): readonly AlertRule<M>[] {
  return Object.freeze(rules.map((rule) => Object.freeze(rule)));
}
