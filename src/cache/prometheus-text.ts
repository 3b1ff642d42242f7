/** metrics() as Prometheus text. `cache_operations_total` is the name of source document 001; the others are ours. */
import type { MetricFamily, MetricKind } from '../telemetry/metric.js';
import { renderPrometheus } from '../telemetry/prometheus.js';
import type { CacheMetrics } from './types.js';

type Row = readonly [name: string, kind: MetricKind, help: string, read: (metrics: CacheMetrics) => number];

const ROWS: readonly Row[] = [
  ['sherd_cache_entries', 'gauge', 'Entries.', (metrics) => metrics.itemCount],
  ['sherd_cache_bytes', 'gauge', 'Weighed bytes of all entries.', (metrics) => metrics.memoryUsage],
  ['sherd_cache_shards', 'gauge', 'Shards.', (metrics) => metrics.shardBalance.length],
  ['sherd_cache_hit_ratio', 'gauge', 'Hits over reads since the start, 0..1.', (metrics) => metrics.hitRate],
  [
    'sherd_cache_requests_per_second',
    'gauge',
    'Operations a second over the last minute.',
    (metrics) => metrics.requestRate,
  ],
  ['sherd_cache_sets_total', 'counter', 'Values stored.', (metrics) => metrics.sets],
  ['sherd_cache_deletes_total', 'counter', 'Entries deleted.', (metrics) => metrics.deletes],
  ['sherd_cache_evictions_total', 'counter', 'Entries that gave way to others.', (metrics) => metrics.evictions],
  ['sherd_cache_expirations_total', 'counter', 'Expired entries removed.', (metrics) => metrics.expirations],
  ['sherd_cache_refusals_total', 'counter', 'Sets that stored nothing.', (metrics) => metrics.refusals],
  ['sherd_cache_loads_total', 'counter', 'Loads started.', (metrics) => metrics.loads],
  ['sherd_cache_load_failures_total', 'counter', 'Loads that failed.', (metrics) => metrics.loadFailures],
  ['sherd_cache_stale_hits_total', 'counter', 'Misses answered with an expired value.', (metrics) => metrics.staleHits],
  [
    'sherd_cache_refresh_failures_total',
    'counter',
    'Loads in the background that failed.',
    (metrics) => metrics.refreshFailures,
  ],
];

export function prometheusText(metrics: CacheMetrics): string {
  const operations: MetricFamily = {
    name: 'cache_operations_total',
    help: 'Reads of the cache by outcome.',
    kind: 'counter',
    series: [
      { labels: { operation: 'hit' }, value: metrics.hits },
      { labels: { operation: 'miss' }, value: metrics.misses },
      { labels: { operation: 'error' }, value: metrics.containedErrors },
    ],
  };
  const others = ROWS.map(([name, kind, help, read]): MetricFamily => {
    return { name, help, kind, series: [{ labels: {}, value: read(metrics) }] };
  });
  const latency: MetricFamily = {
    name: 'sherd_cache_latency_seconds',
    help: 'Latency of sampled calls, by operation and quantile.',
    kind: 'gauge',
    series: [
      { labels: { operation: 'get', quantile: '0.5' }, value: metrics.p50GetLatency / 1000 },
      { labels: { operation: 'get', quantile: '0.99' }, value: metrics.p99GetLatency / 1000 },
      { labels: { operation: 'set', quantile: '0.5' }, value: metrics.p50SetLatency / 1000 },
      { labels: { operation: 'set', quantile: '0.99' }, value: metrics.p99SetLatency / 1000 },
    ],
  };
  const alerts: MetricFamily = {
    name: 'sherd_cache_alerts',
    help: 'Alerts that stand, by level.',
    kind: 'gauge',
    series: (['warning', 'critical'] as const).map((level) => {
      return { labels: { level }, value: metrics.alerts.filter((alert) => alert.level === level).length };
    }),
  };
  return renderPrometheus([operations, ...others, latency, alerts]);
}
