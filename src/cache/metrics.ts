/** The figures of metrics(), from the store's counters and the operation log. */
import type { Alert } from '../adaptive/alerts.js';
import type { Store } from '../engine/store.js';
import type { OperationLog } from './operation-log.js';
import type { CacheMetrics } from './types.js';

export interface CacheFigures {
  readonly store: Store<unknown>;
  readonly log: OperationLog;
  readonly loads: {
    readonly started: number;
    readonly failures: number;
    readonly waits: number;
    readonly refreshFailures: number;
  };
  readonly staleHits: number;
  readonly values: { readonly compressionRatio: number };
  readonly alerts: readonly Alert[];
  readonly containedErrors: number;
  readonly nowMs: number;
}

export function metricsOf({
  store,
  log,
  loads,
  staleHits,
  values,
  alerts,
  containedErrors,
  nowMs,
}: CacheFigures): CacheMetrics {
  const { inserts, updates, evictions, expirations, deletes, refusals } = store.counters;
  const hits = store.counters.hits - log.unreadable;
  const misses = store.counters.misses + log.unreadable;
  const reads = hits + misses;
  const sets = inserts + updates;
  return {
    hitRate: share(hits, reads),
    missRate: share(misses, reads),
    evictionRate: share(evictions, sets),
    avgGetLatency: log.getLatency.mean,
    avgSetLatency: log.setLatency.mean,
    memoryUsage: store.bytes,
    itemCount: store.size,
    shardBalance: store.shardSizes(),
    p50GetLatency: log.getLatency.quantile(0.5),
    p99GetLatency: log.getLatency.quantile(0.99),
    p50SetLatency: log.setLatency.quantile(0.5),
    p99SetLatency: log.setLatency.quantile(0.99),
    requestRate: log.isOn ? log.rate.perSecond(nowMs, reads + sets) : 0,
    hits,
    misses,
    sets,
    deletes,
    evictions,
    expirations,
    refusals,
    loads: loads.started,
    loadFailures: loads.failures,
    loadWaits: loads.waits,
    staleHits,
    refreshFailures: loads.refreshFailures,
    alerts,
    containedErrors,
    compressionRatio: values.compressionRatio,
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
