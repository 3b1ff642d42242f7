/**
 * Latencies of the last calls, exactly: the newest values in a ring, sorted when somebody asks. For calls that take
 * milliseconds; where a call takes nanoseconds a histogram is cheaper.
 * mnemonist's subpaths carry the `require` condition only, hence createRequire; its root would cost the whole library.
 */
import { createRequire } from 'node:module';
import type * as mnemonist from 'mnemonist/circular-buffer';

const CircularBuffer = createRequire(import.meta.url)('mnemonist/circular-buffer') as typeof mnemonist.default.default;

/** All zero while nothing was recorded. */
export interface LatencySummary {
  /** Values in the window. */
  readonly count: number;
  readonly avgMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export class LatencyWindow {
  readonly #latenciesMs: InstanceType<typeof CircularBuffer<number>>;

  /** Keeps the newest `capacity` values, at least 1. */
  constructor(capacity = 1024) {
    this.#latenciesMs = new CircularBuffer<number>(Float64Array, capacity);
  }

  /** O(1). */
  record(latencyMs: number): void {
    this.#latenciesMs.push(latencyMs);
  }

  /** O(n log n) in the values kept. */
  summary(): LatencySummary {
    const sorted = this.#sorted();
    const sumMs = sorted.reduce((sum, latencyMs) => sum + latencyMs, 0);
    return {
      count: sorted.length,
      avgMs: sorted.length === 0 ? 0 : sumMs / sorted.length,
      p50Ms: quantileOf(sorted, 0.5),
      p90Ms: quantileOf(sorted, 0.9),
      p95Ms: quantileOf(sorted, 0.95),
      p99Ms: quantileOf(sorted, 0.99),
      maxMs: quantileOf(sorted, 1),
    };
  }

  /** The smallest kept value that at least `share` (0..1) of the kept values do not exceed; 0 while there is none. */
  quantileMs(share: number): number {
    return quantileOf(this.#sorted(), share);
  }

  #sorted(): Float64Array {
    return Float64Array.from(this.#latenciesMs).sort();
  }
}

/** Nearest rank. */
function quantileOf(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
