/** One row a setting of the cache: default, check, documentation. The order is that of explain() and the reference. */
import { availableParallelism } from 'node:os';
import type { CacheMetricName } from '../adaptive/alert-figures.js';
import { type AlertTables, alertSettingsType } from '../adaptive/alert-settings.js';
import { guideCacheAlerts, hubCacheAlerts } from '../adaptive/alert-tables.js';
import type { Serializer } from '../codec/serializer.js';
import { type Clock, systemClock } from '../core/clock.js';
import type { HashFunction } from '../core/hash.js';
import type { Expansion, Fields } from '../options/field.js';
import { expandProfile, profileName, profileReference } from '../options/profile.js';
import {
  boolean,
  byteSize,
  callback,
  custom,
  decimal,
  duration,
  integer,
  parsed,
  type ValueType,
  word,
} from '../options/value-type.js';
import { cacheProfiles, performanceProfiles, workloadProfiles } from '../profiles/cache.js';
import type {
  CacheConfig,
  LoadBalancing,
  MetricsCollector,
  PerformanceProfile,
  StorageKind,
  WarmupEntries,
  Weigher,
  WorkloadType,
} from './config.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A hundred years: longer is a slip, 0 is for ever. */
const MAX_TTL_MS = 36_500 * DAY_MS;
const TEBIBYTE = 2 ** 40;
const MAX_SHARDS = 4096;
const MAX_ENTRIES = 2 ** 31;
/** Shards a core when the count is left to us (guide 004, high traffic). */
const AUTO_SHARDS_PER_CPU = 4;

/** A count, 0 for CPU x 4, or `'cpu x N'`, which profiles use since they do not know the machine. */
const shardCountType: ValueType<number> = parsed(
  `a whole number from 0 (CPU x ${AUTO_SHARDS_PER_CPU}) to ${MAX_SHARDS}, or like 'cpu x 4'`,
  (value) => {
    const word = typeof value === 'string' ? /^cpu x ([1-9]\d?)$/.exec(value) : null;
    const factor = value === 0 ? AUTO_SHARDS_PER_CPU : word?.[1];
    if (factor !== undefined) return Math.min(MAX_SHARDS, availableParallelism() * Number(factor));
    return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_SHARDS
      ? value
      : undefined;
  },
  {
    oneOf: [
      { type: 'integer', minimum: 0, maximum: MAX_SHARDS },
      { type: 'string', pattern: '^cpu x [1-9][0-9]?$' },
    ],
  },
);

const strategies: ValueType<LoadBalancing> = word('hash', 'consistent-hash');
/** Names, with the reason, the strategies that one may know from balancers of requests. */
const loadBalancingType: ValueType<LoadBalancing> = {
  ...strategies,
  expected: `${strategies.expected} ('round-robin', 'least-loaded' and 'random' choose a shard without the key, so no read could find it again)`,
};

const storages: ValueType<StorageKind> = word('heap');
/** Says of the storage one may have read about that it is still to come. */
const storageType: ValueType<StorageKind> = {
  ...storages,
  expected: `${storages.expected} ('shared', for worker threads, is not built yet)`,
};

const isClock = (value: unknown): value is Clock =>
  ['nowMs', 'wallMs', 'setTimer'].every(
    (verb) => typeof (value as Record<string, unknown> | null)?.[verb] === 'function',
  );
const isSerializer = (value: unknown): value is Serializer<unknown> =>
  ['serialize', 'deserialize'].every((verb) => typeof (value as Record<string, unknown> | null)?.[verb] === 'function');
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isIterable = (value: unknown): value is WarmupEntries<unknown> =>
  isObject(value) && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';

const expandNamed =
  (table: typeof cacheProfiles) =>
  (name: string): Expansion => ({ settings: table.get(name)?.settings ?? {} });

export const cacheAlertTables: AlertTables<CacheMetricName> = { guide: guideCacheAlerts, hub: hubCacheAlerts };

export const cacheFields: Fields<CacheConfig> = {
  profile: {
    type: profileReference('cache', cacheProfiles),
    fallback: undefined,
    options: ['withProfile', 'withProfileFromEnv'],
    doc: 'A profile whose settings apply below everything written in code.',
    expand: expandProfile,
  },
  workloadType: {
    type: profileName<WorkloadType>(workloadProfiles),
    fallback: undefined,
    options: ['withWorkloadType'],
    doc: 'What the traffic is like: sets the whole row of that workload.',
    expand: expandNamed(workloadProfiles),
  },
  performanceProfile: {
    type: profileName<PerformanceProfile>(performanceProfiles),
    fallback: undefined,
    options: ['withPerformanceProfile'],
    doc: 'What matters most: sets the whole row of that profile.',
    expand: expandNamed(performanceProfiles),
  },
  shardCount: {
    type: shardCountType,
    fallback: 32,
    options: ['withShardCount'],
    doc: 'Shards; 0 is CPU x 4. Rounded up to a power of two, but with consistent hashing.',
    live: true,
  },
  capacity: {
    type: integer({ min: 1, max: MAX_ENTRIES }),
    fallback: 10_000,
    options: ['withCapacity'],
    doc: 'Most entries over all shards. One shard holds at most 2^24.',
    live: true,
  },
  ttlMs: {
    type: duration({ min: 0, max: MAX_TTL_MS }),
    fallback: 5 * MINUTE_MS,
    options: ['withTTL', 'withDefaultTTL'],
    doc: 'Time to live of an entry that names none, in ms; 0 never expires.',
    live: true,
  },
  ttlJitter: {
    type: decimal({ min: 0, max: 1 }),
    fallback: 0,
    options: ['withTTLJitter'],
    doc: 'Share of its time to live, 0..1, by which an entry may expire early, at random.',
    live: true,
  },
  storage: {
    type: storageType,
    fallback: 'heap',
    options: ['withStorage'],
    doc: 'Where entries live: on the heap of this process.',
  },
  evictionPolicy: {
    type: word('lru', 'lfu', 'fifo', 'random', 'sieve', 's3-fifo', 'w-tinylfu', 'adaptive'),
    fallback: 'lru',
    options: ['withEvictionPolicy'],
    doc: 'Which entry gives way when a limit is reached.',
  },
  maxBytes: {
    type: byteSize({ min: 1024, max: TEBIBYTE }),
    fallback: undefined,
    options: ['withMaxMemoryMB', 'withMemoryLimit'],
    doc: 'Most weighed bytes over all entries.',
    live: true,
  },
  maxEntryBytes: {
    type: byteSize({ min: 1, max: TEBIBYTE }),
    fallback: undefined,
    options: ['withMaxEntrySize'],
    doc: 'Most weighed bytes of one entry; a heavier one is not stored.',
    live: true,
  },
  weigher: {
    type: callback<Weigher<unknown>>('(value, key) => bytes'),
    fallback: undefined,
    options: ['withWeigher'],
    doc: 'Weighs a value in bytes, instead of the built-in estimate.',
  },
  serializer: {
    type: custom<Serializer<unknown>>('an object with serialize(value) and deserialize(bytes)', isSerializer),
    fallback: undefined,
    options: ['withSerializer'],
    doc: 'Turns values into bytes for compression and weighing, instead of node:v8.',
  },
  compression: {
    type: boolean,
    fallback: false,
    options: ['withCompression'],
    doc: 'Stores values as compressed bytes; every read gives a fresh copy.',
  },
  compressionCodec: {
    type: word('lz4', 'deflate', 'brotli', 'auto'),
    fallback: 'auto',
    options: ['withCompressionCodec'],
    doc: 'Which compressor; auto is LZ4 up to level 6 and deflate above.',
  },
  compressionLevel: {
    type: integer({ min: 0, max: 9 }),
    fallback: 6,
    options: ['withCompressionLevel'],
    doc: 'Effort from 0 to 9, for the codecs that have levels.',
  },
  compressionThresholdBytes: {
    type: byteSize({ min: 0, max: 2 ** 30 }),
    fallback: 1024,
    options: ['withCompressionThreshold'],
    doc: 'Smaller values are kept uncompressed, in bytes.',
  },
  cleanupIntervalMs: {
    type: duration({ min: 0, max: 30 * DAY_MS }),
    fallback: MINUTE_MS,
    options: ['withCleanupInterval'],
    doc: 'Between two background rounds over all entries, in ms; 0 is none.',
    live: true,
  },
  cleanupBatchSize: {
    type: integer({ min: 1, max: 1_000_000 }),
    fallback: 200,
    options: ['withCleanupBatchSize'],
    doc: 'Entries examined before the event loop gets its turn.',
    live: true,
  },
  cleanupStrategy: {
    type: word('periodic', 'lazy', 'adaptive', 'hybrid'),
    fallback: 'periodic',
    options: ['withCleanupStrategy', 'withAdaptiveCleanup'],
    doc: 'When expired entries are collected: on a beat, only on reads, at a pace that follows the load, or both.',
    live: true,
  },
  cleanupThreshold: {
    type: decimal({ min: 0, max: 1 }),
    fallback: 0.9,
    options: ['withCleanupThreshold'],
    doc: 'Fill of the cache, 0..1, that starts a round early (adaptive and hybrid).',
    live: true,
  },
  hashFunction: {
    type: callback<HashFunction>('(key) => integer'),
    fallback: undefined,
    options: ['withHashFunction'],
    doc: 'Spreads keys over shards, instead of the seeded built-in hash.',
  },
  loadBalancing: {
    type: loadBalancingType,
    fallback: 'hash',
    options: ['withLoadBalancing'],
    doc: 'How keys are spread over shards: by the low bits of their hash, or by slots that let any number of shards share evenly.',
  },
  maxShardConcurrency: {
    type: integer({ min: 0, max: 1_000_000 }),
    fallback: 0,
    options: ['withMaxShardConcurrency'],
    doc: 'Most loads running at once in one shard; 0 is no bound.',
    live: true,
  },
  maxRetries: {
    type: integer({ min: 0, max: 100 }),
    fallback: 2,
    options: ['withMaxRetries'],
    doc: 'How often a failed load is tried again.',
    live: true,
  },
  retryDelayMs: {
    type: duration({ min: 0, max: 3_600_000 }),
    fallback: 10,
    options: ['withRetryDelay'],
    doc: 'Before a failed load is tried again, in ms.',
    live: true,
  },
  autoTuning: {
    type: boolean,
    fallback: false,
    options: ['withAutoTuning'],
    doc: 'Lets the tuner follow the traffic: shard count and cleanup interval.',
  },
  autoTuneIntervalMs: {
    type: duration({ min: 10, max: DAY_MS }),
    fallback: MINUTE_MS,
    options: ['withAutoTuneInterval'],
    doc: 'Between two looks of the tuner, in ms.',
  },
  autoTuneHysteresis: {
    type: integer({ min: 1, max: 100 }),
    fallback: 2,
    options: ['withAutoTuneHysteresis'],
    doc: 'Equal verdicts in a row before the tuner acts.',
  },
  metrics: {
    type: boolean,
    fallback: true,
    options: ['withMetrics'],
    doc: 'Samples latencies and rates; plain counters are always kept.',
  },
  metricsCollector: {
    type: custom<MetricsCollector>('an object with onHit, onMiss, onSet, onEviction or onExpiration', isObject),
    fallback: undefined,
    options: ['withMetricsCollector'],
    doc: 'Told of each hit, miss, set, eviction and expiration.',
  },
  alerts: {
    type: alertSettingsType(cacheAlertTables),
    fallback: undefined,
    options: ['withAlerts'],
    doc: 'Thresholds that raise alerts.',
  },
  warmup: {
    type: custom<WarmupEntries<unknown>>('an iterable of [key, value] pairs', isIterable),
    fallback: undefined,
    options: ['withWarmup'],
    doc: 'Entries stored before the cache is handed out.',
  },
  staleWhileRevalidateMs: {
    type: duration({ min: 0, max: MAX_TTL_MS }),
    fallback: 0,
    options: ['withStaleWhileRevalidate'],
    doc: 'How long after its expiry a value may be given by getOrLoad while it is loaded anew, in ms; 0 is not at all.',
    live: true,
  },
  staleIfErrorMs: {
    type: duration({ min: 0, max: MAX_TTL_MS }),
    fallback: 0,
    options: ['withStaleIfError'],
    doc: 'How long after its expiry a value may be given by getOrLoad when loading it failed, in ms; 0 is not at all.',
    live: true,
  },
  clock: {
    type: custom<Clock>('a clock with nowMs(), wallMs() and setTimer()', isClock),
    fallback: systemClock,
    options: ['withClock'],
    doc: 'Where time comes from; for tests and simulation.',
  },
  seed: {
    type: integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    fallback: undefined,
    options: ['withSeed'],
    doc: 'Seed of hashing, random eviction and the jitter of TTLs; by default unpredictable.',
  },
};
