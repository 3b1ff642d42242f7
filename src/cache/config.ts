/** The settings of the cache after resolving: every one checked, durations in milliseconds, sizes in bytes. */
import type { AlertSettings } from '../adaptive/alert-settings.js';
import type { CleanupStrategy } from '../adaptive/cleanup-planner.js';
import type { Serializer } from '../codec/serializer.js';
import type { Clock } from '../core/clock.js';
import type { HashFunction } from '../core/hash.js';
import type { PolicyName } from '../engine/policy.js';
import type { Profile } from '../options/profile.js';

/** Where entries live. */
export type StorageKind = 'heap';
export type LoadBalancing = 'hash' | 'consistent-hash';
export type WorkloadType = 'read-heavy' | 'write-heavy' | 'mixed' | 'bursty';
export type PerformanceProfile = 'low-latency' | 'high-throughput' | 'balanced' | 'memory-efficient';
export type CompressionCodec = 'lz4' | 'deflate' | 'brotli' | 'auto';
export type Weigher<V> = (value: V, key: string) => number;
export type WarmupEntries<V> = Iterable<readonly [string, V]>;

/** Receives each operation's outcome, for people who count elsewhere. Errors it throws are contained. */
export interface MetricsCollector {
  onHit?(key: string): void;
  onMiss?(key: string): void;
  onSet?(key: string): void;
  onEviction?(key: string): void;
  onExpiration?(key: string): void;
}

export interface CacheConfig<V = unknown> {
  profile: Profile | undefined;
  workloadType: WorkloadType | undefined;
  performanceProfile: PerformanceProfile | undefined;
  shardCount: number;
  capacity: number;
  ttlMs: number;
  ttlJitter: number;
  storage: StorageKind;
  evictionPolicy: PolicyName;
  maxBytes: number | undefined;
  maxEntryBytes: number | undefined;
  weigher: Weigher<V> | undefined;
  serializer: Serializer<V> | undefined;
  compression: boolean;
  compressionCodec: CompressionCodec;
  compressionLevel: number;
  compressionThresholdBytes: number;
  cleanupIntervalMs: number;
  cleanupBatchSize: number;
  cleanupStrategy: CleanupStrategy;
  cleanupThreshold: number;
  hashFunction: HashFunction | undefined;
  loadBalancing: LoadBalancing;
  maxShardConcurrency: number;
  maxRetries: number;
  retryDelayMs: number;
  autoTuning: boolean;
  autoTuneIntervalMs: number;
  autoTuneHysteresis: number;
  metrics: boolean;
  metricsCollector: MetricsCollector | undefined;
  alerts: AlertSettings | undefined;
  warmup: WarmupEntries<V> | undefined;
  staleWhileRevalidateMs: number;
  staleIfErrorMs: number;
  clock: Clock;
  seed: number | undefined;
}
