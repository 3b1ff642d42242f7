/**
 * The public surface of the cache that the design asks for, as data, against what there is. What is missing is named
 * with its reason, and is really missing: an exception that has been built has to leave the list.
 */
import { describe, expect, test } from 'vitest';
import * as cache from '../../src/cache/index.js';
import { cacheScope } from '../../src/cache/scope.js';

const OPTIONS = [
  'withShardCount withCapacity withTTL withDefaultTTL withStorage withEvictionPolicy withWorkloadType',
  'withPerformanceProfile withMaxMemoryMB withMemoryLimit withMaxEntrySize withWeigher withCompression',
  'withCompressionCodec withCompressionLevel withCompressionThreshold withSerializer withCleanupInterval',
  'withCleanupBatchSize withCleanupStrategy withAdaptiveCleanup withCleanupThreshold withHashFunction',
  'withLoadBalancing withMaxShardConcurrency withMaxRetries withRetryDelay withAutoTuning withAutoTuneInterval',
  'withAutoTuneHysteresis withMetrics withMetricsCollector withAlerts withWarmup withStaleWhileRevalidate withStaleIfError',
  'withL2 withWriteThrough withTrace withClock withSeed withSettings withProfile withProfileFromEnv',
].flatMap((line) => line.split(' '));

/** Added beyond the design, each with its decision record. */
const ADDED_OPTIONS = ['withTTLJitter'];

const FUNCTIONS = [
  'createShardedCache attachShardedCache compose calculateOptimalShards recommendShardCount',
  'recommendCleanupInterval recommendForTraffic xxh32',
].flatMap((line) => line.split(' '));

const MEMBERS = [
  'get getStale peek has set delete clear getMany setMany keys entries getOrLoad getAsync setAsync deleteAsync flush',
  'invalidateByTag invalidateByPattern addDependency resize cleanup size bytes capacity shardCount handle tune metrics',
  'diagnose explain on off snapshot restore close',
].flatMap((line) => line.split(' '));

/** The words of each setting that takes one of a closed list. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  storage: ['heap', 'shared'],
  evictionPolicy: ['lru', 'lfu', 'fifo', 'random', 'sieve', 's3-fifo', 'w-tinylfu', 'adaptive'],
  workloadType: ['read-heavy', 'write-heavy', 'mixed', 'bursty'],
  performanceProfile: ['low-latency', 'high-throughput', 'balanced', 'memory-efficient'],
  compressionCodec: ['lz4', 'deflate', 'brotli', 'auto'],
  cleanupStrategy: ['periodic', 'lazy', 'adaptive', 'hybrid'],
  alerts: ['guide', 'hub'],
  loadBalancing: ['hash', 'consistent-hash'],
};

/** The guide's eight fields. */
const METRICS = 'hitRate missRate evictionRate avgGetLatency avgSetLatency memoryUsage itemCount shardBalance'.split(
  ' ',
);

/** Not built yet, each with the reason. */
const MISSING: ReadonlyMap<string, string> = new Map([
  ['storage shared', 'comes with storage that threads share'],
  ['attachShardedCache', 'comes with storage that threads share'],
  ['handle', 'comes with storage that threads share'],
  ['snapshot', 'comes with the formats on disk'],
  ['restore', 'comes with the formats on disk'],
  ['withL2', 'comes with the tiers'],
  ['withWriteThrough', 'comes with the tiers'],
  ['withTrace', 'comes with the traces of the tuner'],
]);

const isBuilt = (name: string): boolean => !MISSING.has(name);

describe('the design of the cache', () => {
  test('its options are those that are offered', () => {
    const offered = Object.keys(cache).filter((name) => /^with[A-Z]/.test(name));
    expect(offered.toSorted()).toEqual([...OPTIONS.filter(isBuilt), ...ADDED_OPTIONS].toSorted());
  });

  test('its functions are there', () => {
    const entry: Readonly<Record<string, unknown>> = cache;
    const found = FUNCTIONS.filter((name) => typeof entry[name] === 'function');
    expect(found).toEqual(FUNCTIONS.filter(isBuilt));
  });

  test('a cache has its members', () => {
    const made = cache.createShardedCache();
    expect(MEMBERS.filter((name) => name in made)).toEqual(MEMBERS.filter(isBuilt));
    expect(made[Symbol.dispose]).toBeTypeOf('function');
    expect(METRICS.filter((name) => name in made.metrics())).toEqual(METRICS);
  });

  test.each(Object.entries(WORDS))('the setting %s takes its words, in any case', (field, words) => {
    const { type } = cacheScope.fields[field as 'evictionPolicy'];
    const taken = words.filter((word) => type.parse(word).ok && type.parse(word.toUpperCase()).ok);
    expect(taken).toEqual(words.filter((word) => isBuilt(`${field} ${word}`)));
  });

  test('set and getOrLoad take what it names, and a worth', () => {
    // Checked by the compiler: a name too many or too few does not compile.
    const ofSet: Record<keyof cache.SetOptions, true> = { ttl: true, tags: true, weight: true, worth: true };
    const ofLoad: Record<keyof cache.LoadOptions, true> = { ...ofSet, staleWhileRevalidate: true, signal: true };
    expect(Object.keys(ofLoad)).toHaveLength(6);
  });

  test('what is missing is something that it names', () => {
    const words = Object.entries(WORDS).flatMap(([field, list]) => list.map((word) => `${field} ${word}`));
    const named = new Set([...OPTIONS, ...FUNCTIONS, ...MEMBERS, ...words]);
    expect([...MISSING.keys()].filter((name) => !named.has(name))).toEqual([]);
  });
});
