/** Options on how the cache behaves: profiles, cleanup, loading, tuning, observation, time. Checks stand in fields.ts. */
import type { AlertSettings } from '../adaptive/alert-settings.js';
import type { Alert } from '../adaptive/alerts.js';
import type { CleanupStrategy } from '../adaptive/cleanup-planner.js';
import type { Clock } from '../core/clock.js';
import type { Duration } from '../core/units.js';
import { labelOf, type Option, option } from '../options/option.js';
import { type Profile, profileLabel } from '../options/profile.js';
import type { CacheConfig, MetricsCollector, PerformanceProfile, WorkloadType } from './config.js';
import { type AnyCase, milliseconds } from './storage-options.js';

/** Applies the whole row of a workload, below everything written in code. Guide, Cache Tuning 1 to 3. */
export function withWorkloadType(workload: AnyCase<WorkloadType>): Option<'cache', { workloadType: WorkloadType }> {
  return option('cache', labelOf('withWorkloadType', workload), { workloadType: workload as WorkloadType });
}

/** Applies the whole row of a performance profile, below everything written in code. Guide, Cache Tuning 4. */
export function withPerformanceProfile(
  profile: AnyCase<PerformanceProfile>,
): Option<'cache', { performanceProfile: PerformanceProfile }> {
  return option('cache', labelOf('withPerformanceProfile', profile), {
    performanceProfile: profile as PerformanceProfile,
  });
}

/** Applies a profile below everything written in code: a shipped one by name, an object, or JSON text. */
export function withProfile(profile: string | Profile): Option<'cache', { profile: Profile }> {
  return option('cache', labelOf('withProfile', profileLabel(profile)), { profile: profile as Profile });
}

/** withProfile of what SHERD_CACHE_PROFILE holds, a name or JSON text; nothing when it is not set. */
export function withProfileFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Option<'cache', { profile?: Profile }> {
  const reference = env['SHERD_CACHE_PROFILE'];
  if (reference === undefined || reference === '') return option('cache', 'withProfileFromEnv()', {});
  // The field turns the name or text into a profile, or refuses it.
  return option('cache', 'SHERD_CACHE_PROFILE', { profile: reference as unknown as Profile });
}

/** The plain-object spelling of any options: the same checks, the same place in the order. */
export function withSettings<const P extends Partial<CacheConfig<never>>>(
  settings: P & Record<Exclude<keyof P, keyof CacheConfig>, never>,
): Option<'cache', P> {
  return option('cache', 'withSettings({...})', settings);
}

/** Pause between two background rounds of cleanup. Range 0 (none) to 30 days. Default: 1 minute. Live. */
export function withCleanupInterval(interval: Duration): Option<'cache', { cleanupIntervalMs: number }> {
  return option('cache', labelOf('withCleanupInterval', interval), { cleanupIntervalMs: milliseconds(interval) });
}

/** Entries examined in one go before the event loop gets its turn. Range 1 to 1,000,000. Default: 200. Live. */
export function withCleanupBatchSize(entries: number): Option<'cache', { cleanupBatchSize: number }> {
  return option('cache', labelOf('withCleanupBatchSize', entries), { cleanupBatchSize: entries });
}

/**
 * When expired entries are collected. 'periodic': a round each interval. 'lazy': only when read.
 * 'adaptive': the interval follows fill and finds. 'hybrid': a round each interval, and early when full.
 * Default: 'periodic'. Live.
 */
export function withCleanupStrategy(
  strategy: AnyCase<CleanupStrategy>,
): Option<'cache', { cleanupStrategy: CleanupStrategy }> {
  return option('cache', labelOf('withCleanupStrategy', strategy), { cleanupStrategy: strategy as CleanupStrategy });
}

/** withCleanupStrategy('adaptive'), or 'periodic' when false. */
export function withAdaptiveCleanup(enabled: boolean): Option<'cache', { cleanupStrategy: CleanupStrategy }> {
  const words: ReadonlyMap<unknown, CleanupStrategy> = new Map([
    [true, 'adaptive'],
    [false, 'periodic'],
  ]);
  const strategy = words.get(enabled) ?? (enabled as unknown as CleanupStrategy);
  return option('cache', labelOf('withAdaptiveCleanup', enabled), { cleanupStrategy: strategy });
}

/** Fill of the cache, 0 to 1, that starts a round early under 'adaptive' and 'hybrid'. Default: 0.9. Live. */
export function withCleanupThreshold(fill: number): Option<'cache', { cleanupThreshold: number }> {
  return option('cache', labelOf('withCleanupThreshold', fill), { cleanupThreshold: fill });
}

/** Bounds the loads of getOrLoad running at once in one shard; more wait in order. 0 is no bound. Default: 0. Live. */
export function withMaxShardConcurrency(loads: number): Option<'cache', { maxShardConcurrency: number }> {
  return option('cache', labelOf('withMaxShardConcurrency', loads), { maxShardConcurrency: loads });
}

/** Tries a failed load again. An error with `retryable: false` is final. Range 0 to 100. Default: 2. Live. */
export function withMaxRetries(retries: number): Option<'cache', { maxRetries: number }> {
  return option('cache', labelOf('withMaxRetries', retries), { maxRetries: retries });
}

/** Pause before a failed load is tried again. Range 0 to 1 hour. Default: 10 ms. Live. */
export function withRetryDelay(delay: Duration): Option<'cache', { retryDelayMs: number }> {
  return option('cache', labelOf('withRetryDelay', delay), { retryDelayMs: milliseconds(delay) });
}

/**
 * Keeps expired entries this much longer, for getOrLoad and getStale alone: getOrLoad gives the expired value at once
 * while one load in the background replaces it; so does a client whose answers the cache keeps. They count towards size
 * and limits. Range 0 (not at all) to 100 years. Default: 0. Live. RFC 5861, section 3.
 */
export function withStaleWhileRevalidate(window: Duration): Option<'cache', { staleWhileRevalidateMs: number }> {
  return option('cache', labelOf('withStaleWhileRevalidate', window), {
    staleWhileRevalidateMs: milliseconds(window),
  });
}

/**
 * Keeps expired entries this much longer, for getOrLoad and getStale alone: getOrLoad gives the expired value when
 * loading it has failed, after all retries; so does a client whose answers the cache keeps. They count towards size and
 * limits. Range 0 (not at all) to 100 years. Default: 0. Live. RFC 5861, section 4.
 */
export function withStaleIfError(window: Duration): Option<'cache', { staleIfErrorMs: number }> {
  return option('cache', labelOf('withStaleIfError', window), { staleIfErrorMs: milliseconds(window) });
}

/** Lets the tuner follow the traffic tiers: it changes shard count and cleanup interval, and undoes what hurt. Default: false. */
export function withAutoTuning(enabled: boolean): Option<'cache', { autoTuning: boolean }> {
  return option('cache', labelOf('withAutoTuning', enabled), { autoTuning: enabled });
}

/** Pause between two looks of the tuner. Range 10 ms to 1 day. Default: 1 minute. */
export function withAutoTuneInterval(interval: Duration): Option<'cache', { autoTuneIntervalMs: number }> {
  return option('cache', labelOf('withAutoTuneInterval', interval), { autoTuneIntervalMs: milliseconds(interval) });
}

/** Equal verdicts in a row before the tuner acts; the guide waits for none, which is 1. Range 1 to 100. Default: 2. */
export function withAutoTuneHysteresis(verdicts: number): Option<'cache', { autoTuneHysteresis: number }> {
  return option('cache', labelOf('withAutoTuneHysteresis', verdicts), { autoTuneHysteresis: verdicts });
}

/** Samples latencies and rates for metrics(). Hits, misses and the other counts are kept in any case. Default: true. */
export function withMetrics(enabled: boolean): Option<'cache', { metrics: boolean }> {
  return option('cache', labelOf('withMetrics', enabled), { metrics: enabled });
}

/** Tells `collector` of each hit, miss, set, eviction and expiration. What it throws is contained and counted. */
export function withMetricsCollector(
  collector: MetricsCollector,
): Option<'cache', { metricsCollector: MetricsCollector }> {
  return option('cache', 'withMetricsCollector(collector)', { metricsCollector: collector });
}

/** Raises alerts at the guide's thresholds, the hub's two levels, or one's own. Default: none. */
export function withAlerts(
  thresholds: AlertSettings['thresholds'],
  onAlert?: (alert: Alert) => void,
): Option<'cache', { alerts: AlertSettings }> {
  return option('cache', labelOf('withAlerts', thresholds), { alerts: { thresholds, onAlert } });
}

/** Takes time from `clock`: for tests and simulation. Its readings are never kept. Default: the process's. */
export function withClock(clock: Clock): Option<'cache', { clock: Clock }> {
  return option('cache', 'withClock(clock)', { clock });
}

/** Fixes the seed of hashing, random eviction and the jitter of TTLs, so that a run repeats. Default: unpredictable. */
export function withSeed(seed: number): Option<'cache', { seed: number }> {
  return option('cache', labelOf('withSeed', seed), { seed });
}
