/** performance(): the figures that source document 000 names, from the client's metrics, its targets and the process. */

import type { LlmMetrics, PerformanceMetrics } from './metric-types.js';
import type { Target } from './target.js';

export function performanceOf(
  metrics: LlmMetrics,
  targets: readonly Pick<Target, 'provider'>[],
  allocatedBytes: number,
): PerformanceMetrics {
  return {
    requestRate: metrics.requestRate,
    averageLatency: metrics.avgLatency,
    p50Latency: metrics.p50Latency,
    p90Latency: metrics.p90Latency,
    p99Latency: metrics.p99Latency,
    cacheHitRatio: metrics.cacheHitRate,
    allocationRate: metrics.requests === 0 ? 0 : allocatedBytes / metrics.requests,
    goroutineCount: metrics.active,
    connectionCount: connectionsOf(targets),
  };
}

/** Targets of one origin share its connections: they count once. */
function connectionsOf(targets: readonly Pick<Target, 'provider'>[]): number {
  const open = new Map<string, number>();
  for (const { provider } of targets) open.set(originOf(provider.endpoint), provider.connections ?? 0);
  return [...open.values()].reduce((sum, count) => sum + count, 0);
}

function originOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint;
}
