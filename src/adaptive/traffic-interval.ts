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
  /** Milliseconds it lasted. */
  readonly durationMs: number;
  /** The matrix row of the request rate. */
  readonly recommended: TrafficRecommendation;
  readonly reads: number;
  readonly getSamples: number;
  /** Entries at the end. */
  readonly entries: number;
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
    durationMs: elapsedMs,
    recommended: recommendForTraffic(requestRate, cpus),
    reads,
    getSamples: to.getSamples,
    entries: to.entries,
    loadFactor: to.capacity === 0 ? 0 : to.entries / to.capacity,
    capacity: to.capacity,
    ttlMs: to.ttlMs,
  };
}

/**
 * Several intervals as one, the state being that of the last. Rates are exact over the whole; the p99, which cannot be
 * added up, is the mean of theirs by samples. There must be one.
 */
export function pooled(intervals: readonly TrafficInterval[]): TrafficInterval {
  const last = intervals[intervals.length - 1] as TrafficInterval;
  const durationMs = sumOf(intervals, (one) => one.durationMs);
  const reads = sumOf(intervals, (one) => one.reads);
  const getSamples = sumOf(intervals, (one) => one.getSamples);
  const hits = sumOf(intervals, (one) => one.reads * one.figures.hitRate);
  const latencies = sumOf(intervals, (one) => one.getSamples * one.figures.p99GetLatency);
  const requests = sumOf(intervals, (one) => one.durationMs * one.figures.requestRate);
  const figures: TunerFigures = {
    hitRate: reads === 0 ? 0 : hits / reads,
    p99GetLatency: getSamples === 0 ? 0 : latencies / getSamples,
    requestRate: requests / durationMs,
  };
  return { ...last, figures, durationMs, reads, getSamples };
}

function sumOf(intervals: readonly TrafficInterval[], figure: (interval: TrafficInterval) => number): number {
  return intervals.reduce((sum, interval) => sum + figure(interval), 0);
}
