/** What the traffic was between two samples of the cumulative counters. Pure: it keeps nothing. */
import { recommendForTraffic, type TrafficRecommendation } from './traffic-tiers.js';
import type { TunerFigures } from './tuner-decision.js';

/** The counters of a cache at one moment. */
export interface TrafficSample {
  /** Reads and writes since the start. */
  readonly requests: number;
  readonly hits: number;
  readonly misses: number;
  /** Milliseconds, over the reads measured since the previous sample; 0 without any. */
  readonly p99GetLatencyMs: number;
  /** Reads measured since the previous sample. */
  readonly getSamples: number;
  readonly entries: number;
  readonly capacity: number;
  /** Default time to live in force, in milliseconds; 0 never expires. */
  readonly ttlMs: number;
}

export interface TrafficInterval {
  readonly figures: TunerFigures;
  /** The matrix row of the request rate. */
  readonly recommended: TrafficRecommendation;
  readonly reads: number;
  readonly getSamples: number;
  /** Entries over capacity at the end, 0..1. */
  readonly loadFactor: number;
  readonly capacity: number;
  readonly ttlMs: number;
}

/** Undefined when no time passed, or when the counters went back: then there is nothing to say about the interval. */
export function trafficBetween(
  from: TrafficSample,
  to: TrafficSample,
  elapsedMs: number,
  cpus: number,
): TrafficInterval | undefined {
  const requests = to.requests - from.requests;
  const hits = to.hits - from.hits;
  const misses = to.misses - from.misses;
  if (!(elapsedMs > 0 && requests >= 0 && hits >= 0 && misses >= 0)) return undefined;
  const reads = hits + misses;
  const requestRate = (requests * 1000) / elapsedMs;
  return {
    figures: { hitRate: reads === 0 ? 0 : hits / reads, p99GetLatency: to.p99GetLatencyMs, requestRate },
    recommended: recommendForTraffic(requestRate, cpus),
    reads,
    getSamples: to.getSamples,
    loadFactor: to.capacity === 0 ? 0 : to.entries / to.capacity,
    capacity: to.capacity,
    ttlMs: to.ttlMs,
  };
}
