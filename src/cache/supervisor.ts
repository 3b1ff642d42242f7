/**
 * What watches over a cache while it runs: cleanup rounds, the auto-tuner, alerts. It decides nothing itself and stores
 * nothing; it connects the deciders of adaptive/ to one store. Its timers never hold the process.
 */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { type CacheAlertSample, cacheAlertFigures } from '../adaptive/alert-figures.js';
import { alertRules } from '../adaptive/alert-settings.js';
import { type Alert, type AlertWatch, createAlertWatch } from '../adaptive/alerts.js';
import { type AutoTuner, createAutoTuner } from '../adaptive/auto-tuner.js';
import { type CleanupScheduler, type CleanupSettings, createCleanupScheduler } from '../adaptive/cleanup-scheduler.js';
import { diagnoseCache } from '../adaptive/diagnose-cache.js';
import type { Finding } from '../adaptive/finding.js';
import type { TrafficSample } from '../adaptive/traffic-interval.js';
import type { TunerDecision, TunerSettings } from '../adaptive/tuner-decision.js';
import { holdProcess } from '../core/clock.js';
import type { Store } from '../engine/store.js';
import type { Resolved } from '../options/resolve.js';
import { Histogram } from '../structures/histogram.js';
import { createCpuShare } from '../telemetry/cpu-share.js';
import type { Announce } from './announce.js';
import type { CacheConfig } from './config.js';
import { cacheAlertTables } from './fields.js';
import type { OperationLog } from './operation-log.js';
import { keptMsOf } from './stale-reads.js';
import type { CacheMetrics } from './types.js';

const ALERT_INTERVAL_MS = 10_000;

export interface SupervisorParts {
  readonly resolved: Resolved<CacheConfig>;
  readonly store: Store<unknown>;
  readonly log: OperationLog;
  readonly announce: Announce;
}

/** What the supervisor asks of the cache it watches. */
export interface Supervised {
  /** Puts settings that have just changed into force. */
  apply(changed: readonly (keyof CacheConfig)[]): void;
  /** Tells listeners of entries that a round removed. */
  tellDepartures(): void;
}

export class Supervisor {
  private readonly resolved: Resolved<CacheConfig>;
  private readonly store: Store<unknown>;
  private readonly log: OperationLog;
  private readonly announce: Announce;
  private readonly cleanup: CleanupScheduler;
  private supervised: Supervised | undefined;
  private tuner: AutoTuner | undefined;
  private alerts: AlertWatch | undefined;
  private alertsBefore: CacheAlertSample | undefined;
  /** Reads timed up to the last look at the alerts, and their total. */
  private getsBefore: { readonly count: number; readonly sum: number } = { count: 0, sum: 0 };
  private readonly cpuShare: () => number | undefined = createCpuShare(() => performance.now(), availableParallelism());
  private cancelAlerts: () => void = () => undefined;
  /** Read latencies since the tuner's last look. */
  private recentGets: Histogram = new Histogram();

  constructor(parts: SupervisorParts) {
    this.resolved = parts.resolved;
    this.store = parts.store;
    this.log = parts.log;
    this.announce = parts.announce;
    const { clock } = parts.resolved.config;
    const target = {
      startRound: () => this.store.restartSweep(),
      sweep: (maxEntries: number) => this.sweep(maxEntries),
      roundRemaining: () => this.store.sweepRemaining,
      loadFactor: () => this.loadFactor(),
      get capacity() {
        return parts.store.capacity;
      },
    };
    this.cleanup = createCleanupScheduler(target, cleanupSettings(parts.resolved.config), { clock, yieldTurn });
  }

  /** Begins to tune and to raise alerts, as the settings say. */
  start(supervised: Supervised): void {
    this.supervised = supervised;
    const { config } = this.resolved;
    if (config.autoTuning) this.startTuner();
    if (config.alerts === undefined) return;
    this.alerts = createAlertWatch(alertRules(config.alerts, cacheAlertTables), {
      onAlert: (alert) => this.announce('alert', alert),
      onClear: (alert) => this.announce('alert-cleared', alert),
    });
    this.armAlerts();
  }

  /** Call after an insert. O(1). */
  noteGrowth(): void {
    this.cleanup.noteGrowth();
  }

  /** A full round of cleanup now; resolves to how many entries it removed. */
  async cleanupRound(): Promise<number> {
    const release = holdProcess();
    try {
      return await this.cleanup.runRound();
    } finally {
      release();
    }
  }

  /** Takes over changed settings. */
  reconfigure(): void {
    this.cleanup.configure(cleanupSettings(this.resolved.config));
  }

  diagnose(metrics: CacheMetrics): readonly Finding[] {
    const { ttlMs, capacity, shardCount, maxBytes, hashFunction } = this.resolved.config;
    const hasOwnHash = hashFunction !== undefined;
    return diagnoseCache(
      { ...metrics, shardBalance: this.settledShardSizes(), getSamples: this.log.getLatency.count },
      { ttlMs, capacity, shardCount, maxBytes, hasOwnHash, cpus: availableParallelism() },
    );
  }

  tunerHistory(): readonly TunerDecision[] {
    return this.tuner?.history() ?? [];
  }

  /** Those raised and not cleared, in the order of their table. */
  activeAlerts(): readonly Alert[] {
    return this.alerts?.active() ?? [];
  }

  /** Errors of alert and tuner listeners that were contained. */
  get containedErrors(): number {
    return (this.tuner?.containedErrors ?? 0) + (this.alerts?.containedErrors ?? 0) + this.cleanup.containedErrors;
  }

  stop(): void {
    this.cleanup.close();
    this.tuner?.stop();
    this.cancelAlerts();
  }

  private startTuner(): void {
    const { config } = this.resolved;
    this.log.watchGets(this.recentGets);
    this.tuner = createAutoTuner(
      {
        sample: () => this.trafficSample(),
        settings: () => ({
          shardCount: this.resolved.config.shardCount,
          cleanupIntervalMs: this.resolved.config.cleanupIntervalMs,
        }),
        apply: (settings, reason) => this.applyTuned(settings, reason),
      },
      {
        clock: config.clock,
        cpus: availableParallelism(),
        intervalMs: config.autoTuneIntervalMs,
        hysteresis: config.autoTuneHysteresis,
        keepCleanupInterval: this.resolved.isExplicit('cleanupIntervalMs'),
        onDecision: (decision) => this.announce('tuner-decided', decision),
      },
    );
  }

  private applyTuned(settings: TunerSettings, reason: string): void {
    const { shardCount, cleanupIntervalMs } = settings;
    const changed = this.resolved.tune({ shardCount, cleanupIntervalMs }, reason, this.resolved.config.clock.wallMs());
    this.supervised?.apply(changed);
  }

  private trafficSample(): TrafficSample {
    const { hits, misses, inserts, updates } = this.store.counters;
    const sample = {
      requests: hits + misses + inserts + updates,
      hits,
      misses,
      p99GetLatencyMs: this.recentGets.quantile(0.99),
      getSamples: this.recentGets.count,
      entries: this.store.size,
      capacity: this.store.capacity,
      ttlMs: this.resolved.config.ttlMs,
    };
    this.recentGets.clear();
    return sample;
  }

  private armAlerts(): void {
    this.cancelAlerts = this.resolved.config.clock.setTimer(ALERT_INTERVAL_MS, () => {
      this.armAlerts();
      this.judgeAlerts();
    });
  }

  private judgeAlerts(): void {
    const { hits, misses } = this.store.counters;
    const { count, sum } = this.log.getLatency;
    const getSamples = count - this.getsBefore.count;
    const sample: CacheAlertSample = {
      hits,
      misses,
      avgGetLatency: (sum - this.getsBefore.sum) / getSamples,
      getSamples,
      memoryUsage: this.store.bytes,
      maxBytes: this.resolved.config.maxBytes,
      shardBalance: this.settledShardSizes(),
      cpuUsage: this.cpuShare(),
    };
    this.alerts?.evaluate(cacheAlertFigures(sample, this.alertsBefore));
    this.alertsBefore = sample;
    this.getsBefore = { count, sum };
  }

  /** Entries in each shard; none while a resize is filling them one after another, which says nothing of the hash. */
  private settledShardSizes(): readonly number[] {
    return this.store.isResizing ? [] : this.store.shardSizes();
  }

  private sweep(maxEntries: number): number {
    const { clock } = this.resolved.config;
    // What expired within the window of stale-while-revalidate is not over yet.
    const removed = this.store.sweep(maxEntries, clock.nowMs() - keptMsOf(this.resolved.config));
    this.supervised?.tellDepartures();
    return removed;
  }

  private loadFactor(): number {
    const { maxBytes } = this.resolved.config;
    const byEntries = this.store.size / this.store.capacity;
    return maxBytes === undefined ? byEntries : Math.max(byEntries, this.store.bytes / maxBytes);
  }
}

function cleanupSettings(config: Readonly<CacheConfig>): CleanupSettings {
  return {
    strategy: config.cleanupStrategy,
    intervalMs: config.cleanupIntervalMs,
    batchSize: config.cleanupBatchSize,
    threshold: config.cleanupThreshold,
  };
}

function yieldTurn(step: () => void): () => void {
  const handle = setImmediate(step);
  return () => clearImmediate(handle);
}
