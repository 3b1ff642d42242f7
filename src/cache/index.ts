/** Entry `sherd/cache`: the cache and its options. Imports no package. */
export type { AlertSettings } from '../adaptive/alert-settings.js';
export type { Alert } from '../adaptive/alerts.js';
export { recommendCleanupInterval } from '../adaptive/cleanup-interval.js';
export type { CleanupStrategy } from '../adaptive/cleanup-planner.js';
export type { Finding } from '../adaptive/finding.js';
export type { TrafficRecommendation } from '../adaptive/traffic-tiers.js';
export type { TunerDecision } from '../adaptive/tuner-decision.js';
export type { Serializer } from '../codec/serializer.js';
export type { Clock } from '../core/clock.js';
export type { ConfigIssue } from '../core/errors.js';
export {
  CacheError,
  ClosedError,
  ConfigError,
  isCacheError,
  isClosedError,
  isConfigError,
  isSherdError,
  SherdError,
} from '../core/errors.js';
export type { HashFunction } from '../core/hash.js';
export type { ByteSize, Duration } from '../core/units.js';
export type { PolicyName } from '../engine/policy.js';
export type { Explained } from '../options/explain.js';
export { formatExplanation } from '../options/explain.js';
export type { Option } from '../options/option.js';
export { compose } from '../options/option.js';
export type { Profile } from '../options/profile.js';
export {
  withAdaptiveCleanup,
  withAlerts,
  withAutoTuneHysteresis,
  withAutoTuneInterval,
  withAutoTuning,
  withCleanupBatchSize,
  withCleanupInterval,
  withCleanupStrategy,
  withCleanupThreshold,
  withClock,
  withMaxRetries,
  withMaxShardConcurrency,
  withMetrics,
  withMetricsCollector,
  withPerformanceProfile,
  withProfile,
  withProfileFromEnv,
  withRetryDelay,
  withSeed,
  withSettings,
  withStaleIfError,
  withStaleWhileRevalidate,
  withWorkloadType,
} from './behaviour-options.js';
export type {
  CacheConfig,
  CompressionCodec,
  LoadBalancing,
  MetricsCollector,
  PerformanceProfile,
  StorageKind,
  WarmupEntries,
  Weigher,
  WorkloadType,
} from './config.js';
export type { CacheOption } from './create-sharded-cache.js';
export { createShardedCache } from './create-sharded-cache.js';
export type { KeyvStore, KeyvStoreEntry } from './keyv-store.js';
export { createKeyvStore } from './keyv-store.js';
export { calculateOptimalShards, recommendForTraffic, recommendShardCount } from './recommend.js';
export {
  withCapacity,
  withCompression,
  withCompressionCodec,
  withCompressionLevel,
  withCompressionThreshold,
  withDefaultTTL,
  withEvictionPolicy,
  withHashFunction,
  withLoadBalancing,
  withMaxEntrySize,
  withMaxMemoryMB,
  withMemoryLimit,
  withSerializer,
  withShardCount,
  withStorage,
  withTTL,
  withTTLJitter,
  withWarmup,
  withWeigher,
} from './storage-options.js';
export type {
  CacheEvents,
  CacheMetrics,
  Loader,
  LoadOptions,
  SetOptions,
  ShardedCache,
  StaleUse,
  WaitOptions,
} from './types.js';
export { xxh32 } from './xxh32.js';
