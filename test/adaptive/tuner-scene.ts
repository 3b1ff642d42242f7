/** An auto-tuner over a target that a test moves by whole intervals of traffic. */
import {
  type AutoTuner,
  type AutoTunerOptions,
  createAutoTuner,
  type TunerTarget,
} from '../../src/adaptive/auto-tuner.js';
import type { TrafficSample } from '../../src/adaptive/traffic-interval.js';
import type { TunerDecision, TunerSettings } from '../../src/adaptive/tuner-decision.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';

export const MINUTE_MS = 60_000;
const CPUS = 4;
export const MEDIUM: TunerSettings = { shardCount: 8, cleanupIntervalMs: 5 * MINUTE_MS };
export const HIGH: TunerSettings = { shardCount: 16, cleanupIntervalMs: 2 * MINUTE_MS };

/** Counters that a test moves by whole intervals of traffic, and settings that obey. */
export class FakeTarget implements TunerTarget {
  inForce: TunerSettings = MEDIUM;
  readonly applied: { readonly settings: TunerSettings; readonly reason: string }[] = [];
  refuse: string | undefined;
  p99GetLatencyMs = 0.1;
  getSamples = 1000;
  entries = 50_000;
  capacity = 100_000;
  ttlMs: number = 5 * MINUTE_MS;
  requests = 0;
  hits = 0;
  misses = 0;

  sample(): TrafficSample {
    const { requests, hits, misses, p99GetLatencyMs, getSamples, entries, capacity, ttlMs } = this;
    return { requests, hits, misses, p99GetLatencyMs, getSamples, entries, capacity, ttlMs };
  }
  settings(): TunerSettings {
    return this.inForce;
  }
  apply(settings: TunerSettings, reason: string): void {
    if (this.refuse !== undefined) throw new Error(this.refuse);
    this.applied.push({ settings, reason });
    this.inForce = settings;
  }
}

export interface Scene {
  readonly clock: FakeClock;
  readonly target: FakeTarget;
  readonly tuner: AutoTuner;
  readonly seen: TunerDecision[];
  /** Lets one interval pass at this request rate, all of it reads. */
  pass(qps: number, hitRate?: number): void;
}

export function scene(options: Partial<AutoTunerOptions> = {}): Scene {
  const clock = createFakeClock();
  const target = new FakeTarget();
  const seen: TunerDecision[] = [];
  const onDecision = (decision: TunerDecision): void => void seen.push(decision);
  const tuner = createAutoTuner(target, { clock, cpus: CPUS, onDecision, ...options });
  const intervalMs = options.intervalMs ?? MINUTE_MS;
  return {
    clock,
    target,
    tuner,
    seen,
    pass(qps, hitRate = 0.9) {
      const requests = (qps * intervalMs) / 1000;
      target.requests += requests;
      target.hits += requests * hitRate;
      target.misses += requests * (1 - hitRate);
      clock.advance(intervalMs);
    },
  };
}
export const actions = (decisions: readonly TunerDecision[]): string[] => decisions.map((decision) => decision.action);
