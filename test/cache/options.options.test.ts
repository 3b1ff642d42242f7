/** One behavioural test an option: it passes as written, and must fail when the option's field is forced to its default. */
import { availableParallelism } from 'node:os';
import { afterEach, expect, vi } from 'vitest';
import {
  type CacheOption,
  createShardedCache,
  type ShardedCache,
  withAdaptiveCleanup,
  withAlerts,
  withAutoTuneHysteresis,
  withAutoTuneInterval,
  withAutoTuning,
  withCapacity,
  withCleanupBatchSize,
  withCleanupInterval,
  withCleanupStrategy,
  withCleanupThreshold,
  withClock,
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
  withMaxRetries,
  withMaxShardConcurrency,
  withMemoryLimit,
  withMetrics,
  withMetricsCollector,
  withPerformanceProfile,
  withProfile,
  withProfileFromEnv,
  withRetryDelay,
  withSeed,
  withSerializer,
  withSettings,
  withShardCount,
  withStaleIfError,
  withStaleWhileRevalidate,
  withStorage,
  withTTL,
  withTTLJitter,
  withWarmup,
  withWeigher,
  withWorkloadType,
} from '../../src/cache/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { optionTest } from '../support/option-test.js';

afterEach(() => vi.unstubAllEnvs());

const CPUS = availableParallelism();
const PAGE = 'the quick brown fox jumps over the lazy dog; '.repeat(100);

/** Lets the rounds that a timer started finish their batches. */
async function turns(count = 10): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
function fill(cache: Pick<ShardedCache<number>, 'set'>, count: number, prefix = 'k'): void {
  for (let i = 0; i < count; i++) cache.set(`${prefix}${i}`, i);
}
function survivors(cache: Pick<ShardedCache, 'keys'>): string[] {
  return [...cache.keys()].toSorted();
}

optionTest('cache', 'withShardCount', 'shardCount', () => {
  expect(createShardedCache(withShardCount(5)).metrics().shardBalance).toHaveLength(8);
});

optionTest('cache', 'withCapacity', 'capacity', () => {
  const cache = createShardedCache(withCapacity(7));
  fill(cache, 100);
  expect(cache.size).toBe(7);
});

optionTest('cache', 'withTTLJitter', 'ttlJitter', () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withClock(clock), withTTL('10s'), withTTLJitter(0.5), withSeed(1));
  fill(cache, 100);
  clock.advance(7_500);
  const left = survivors(cache).length;
  expect(left).toBeGreaterThan(25);
  expect(left).toBeLessThan(75);
});

for (const [name, build] of [
  ['withTTL', withTTL],
  ['withDefaultTTL', withDefaultTTL],
] as const) {
  optionTest('cache', name, 'ttlMs', () => {
    const clock = createFakeClock();
    const cache = createShardedCache(withClock(clock), build('1s'));
    cache.set('a', 1);
    clock.advance(999);
    expect(cache.get('a')).toBe(1);
    clock.advance(1);
    expect(cache.get('a')).toBeUndefined();
  });
}

optionTest('cache', 'withEvictionPolicy', 'evictionPolicy', () => {
  const cache = createShardedCache(withEvictionPolicy('fifo'), withCapacity(2), withShardCount(1));
  fill(cache, 2);
  cache.get('k0');
  cache.set('new', 1);
  expect(survivors(cache)).toEqual(['k1', 'new']);
});

for (const [name, limit] of [
  ['withMaxMemoryMB', withMaxMemoryMB(1)],
  ['withMemoryLimit', withMemoryLimit('1MiB')],
] as const) {
  optionTest('cache', name, 'maxBytes', () => {
    const cache = createShardedCache<string>(limit);
    for (let i = 0; i < 40; i++) cache.set(`k${i}`, 'x'.repeat(65_536));
    expect(cache.bytes).toBeLessThanOrEqual(2 ** 20);
    expect(cache.size).toBeLessThan(16);
  });
}

optionTest('cache', 'withMaxEntrySize', 'maxEntryBytes', () => {
  const cache = createShardedCache<string>(withMaxEntrySize('1KiB'));
  cache.set('a', 'short');
  expect(cache.set('a', 'x'.repeat(2000))).toBe(false);
  expect(cache.get('a')).toBeUndefined();
});

optionTest('cache', 'withWeigher', 'weigher', () => {
  const cache = createShardedCache(
    withWeigher((value: number) => value),
    withMemoryLimit(100_000),
    withShardCount(1),
  );
  cache.set('a', 60_000);
  cache.set('b', 60_000);
  expect(survivors(cache)).toEqual(['b']);
});

optionTest('cache', 'withSerializer', 'serializer', () => {
  const serialize = vi.fn((value: unknown) => Buffer.from(JSON.stringify(value)));
  const deserialize = (bytes: Uint8Array): unknown => ({ read: JSON.parse(Buffer.from(bytes).toString()) as unknown });
  const cache = createShardedCache(withSerializer({ serialize, deserialize }), withCompression(true));
  cache.set('a', { n: 1 });
  expect(cache.get('a')).toEqual({ read: { n: 1 } });
});

optionTest('cache', 'withCompression', 'compression', () => {
  const cache = createShardedCache<string>(withCompression(true));
  cache.set('a', PAGE);
  expect(cache.get('a')).toBe(PAGE);
  expect(cache.bytes).toBeLessThan(PAGE.length / 2);
});

optionTest('cache', 'withCompressionCodec', 'compressionCodec', () => {
  const sizes = (['lz4', 'deflate', 'brotli'] as const).map((codec) => {
    const cache = createShardedCache<string>(withCompression(true), withCompressionCodec(codec));
    cache.set('a', PAGE);
    expect(cache.get('a')).toBe(PAGE);
    return cache.bytes;
  });
  expect(new Set(sizes).size).toBe(3);
});

optionTest('cache', 'withCompressionLevel', 'compressionLevel', () => {
  const bytesAt = (level: number): number => {
    const cache = createShardedCache<string>(withCompression(true), withCompressionLevel(level));
    cache.set('a', PAGE);
    expect(cache.get('a')).toBe(PAGE);
    return cache.bytes;
  };
  // Up to 6 the codec is LZ4, above it is deflate.
  expect(bytesAt(9)).toBeLessThan(bytesAt(6));
});

optionTest('cache', 'withCompressionThreshold', 'compressionThresholdBytes', () => {
  const bytesWith = (threshold: number): number => {
    const cache = createShardedCache<string>(withCompression(true), withCompressionThreshold(threshold));
    cache.set('a', 'a'.repeat(500));
    return cache.bytes;
  };
  expect(bytesWith(100)).toBeLessThan(bytesWith(5000));
});

optionTest('cache', 'withCleanupInterval', 'cleanupIntervalMs', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withClock(clock), withTTL('1s'), withCleanupInterval('2s'), withShardCount(1));
  fill(cache, 50);
  clock.advance(2000);
  await turns();
  expect(cache.size).toBe(0);
});

optionTest('cache', 'withCleanupBatchSize', 'cleanupBatchSize', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withClock(clock), withTTL('1s'), withCleanupBatchSize(10), withShardCount(1));
  fill(cache, 100);
  clock.advance(1500);
  const round = cache.cleanup();
  // The first batch runs at once, the others after turns of the event loop.
  expect(cache.size).toBe(90);
  expect(await round).toBe(100);
});

optionTest('cache', 'withCleanupStrategy', 'cleanupStrategy', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withClock(clock), withTTL('1s'), withCleanupStrategy('lazy'));
  fill(cache, 10);
  clock.advance(3_600_000);
  await turns();
  expect(cache.size).toBe(10);
  expect(cache.get('k0')).toBeUndefined();
  expect(cache.size).toBe(9);
});

optionTest('cache', 'withAdaptiveCleanup', 'cleanupStrategy', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withClock(clock), withTTL('1s'), withCapacity(100), withAdaptiveCleanup(true));
  // An idle cache is visited less often: the second round comes two intervals after the first.
  clock.advance(60_000);
  await turns();
  cache.set('a', 1);
  clock.advance(60_000);
  await turns();
  expect(cache.size).toBe(1);
  clock.advance(60_000);
  await turns();
  expect(cache.size).toBe(0);
});

optionTest('cache', 'withCleanupThreshold', 'cleanupThreshold', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache(
    withClock(clock),
    withTTL('1s'),
    withCapacity(100),
    withCleanupStrategy('hybrid'),
    withCleanupThreshold(0.5),
  );
  fill(cache, 40);
  clock.advance(1500);
  fill(cache, 11, 'late');
  clock.advance(1);
  await turns();
  expect(cache.size).toBe(11);
});

optionTest('cache', 'withHashFunction', 'hashFunction', () => {
  const cache = createShardedCache(
    withHashFunction(() => 3),
    withShardCount(4),
  );
  fill(cache, 20);
  expect(cache.metrics().shardBalance).toEqual([0, 0, 0, 20]);
  expect(cache.get('k7')).toBe(7);
});

optionTest('cache', 'withStorage', 'storage', () => {
  const cache = createShardedCache(withStorage('Heap'));
  expect(cache.explain().find((row) => row.key === 'storage')).toMatchObject({ value: 'heap' });
  expect(() => createShardedCache(withStorage('shared' as 'heap'))).toThrow(/'heap'.*not built yet/);
});

optionTest('cache', 'withLoadBalancing', 'loadBalancing', () => {
  const cache = createShardedCache(withLoadBalancing('consistent-hash'), withShardCount(5));
  fill(cache, 1000);
  expect(cache.metrics().shardBalance).toHaveLength(5);
});

optionTest('cache', 'withMaxShardConcurrency', 'maxShardConcurrency', async () => {
  const cache = createShardedCache(withMaxShardConcurrency(2), withShardCount(1));
  let running = 0;
  let most = 0;
  const load = async (): Promise<number> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
    return 1;
  };
  await Promise.all(Array.from({ length: 10 }, (_, i) => cache.getOrLoad(`k${i}`, load)));
  expect(most).toBe(2);
  expect(cache.metrics().loadWaits).toBe(8);
});

optionTest('cache', 'withMaxRetries', 'maxRetries', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withMaxRetries(4), withRetryDelay(1), withClock(clock));
  let calls = 0;
  const loaded = cache.getOrLoad('a', () => {
    if (++calls < 5) throw new Error('not yet');
    return 'done';
  });
  const outcome = loaded.catch((error: unknown) => error);
  for (let i = 0; i < 10; i++) await clock.advanceAsync(1);
  expect(await outcome).toBe('done');
});

optionTest('cache', 'withRetryDelay', 'retryDelayMs', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withRetryDelay('3s'), withClock(clock));
  const callsAt: number[] = [];
  const loaded = cache.getOrLoad('a', () => {
    callsAt.push(clock.nowMs());
    if (callsAt.length < 3) throw new Error('not yet');
    return 1;
  });
  await clock.advanceAsync(10_000);
  expect(await loaded).toBe(1);
  expect(callsAt).toEqual([0, 3000, 6000]);
});

function busyCache(clock: ReturnType<typeof createFakeClock>, ...more: readonly CacheOption[]): ShardedCache {
  return createShardedCache(withClock(clock), withShardCount(1), ...more);
}
/** A read each millisecond is 1,000 a second: the tier 'high'. */
async function readFor(cache: ShardedCache, clock: ReturnType<typeof createFakeClock>, ms: number): Promise<void> {
  for (let i = 0; i < ms; i++) {
    cache.get('x');
    clock.advance(1);
  }
  await turns(3);
}
const HIGH_TRAFFIC_SHARDS = 2 ** Math.ceil(Math.log2(CPUS * 4));

optionTest('cache', 'withAutoTuning', 'autoTuning', async () => {
  const clock = createFakeClock();
  const cache = busyCache(clock, withAutoTuning(true), withAutoTuneInterval('1s'));
  await readFor(cache, clock, 3001);
  expect(cache.shardCount).toBe(HIGH_TRAFFIC_SHARDS);
});

optionTest('cache', 'withAutoTuneInterval', 'autoTuneIntervalMs', async () => {
  const clock = createFakeClock();
  const cache = busyCache(clock, withAutoTuning(true), withAutoTuneInterval('500ms'));
  await readFor(cache, clock, 1001);
  expect(cache.tunerHistory().some((decision) => decision.action === 'applied')).toBe(true);
});

optionTest('cache', 'withAutoTuneHysteresis', 'autoTuneHysteresis', async () => {
  const clock = createFakeClock();
  const cache = busyCache(clock, withAutoTuning(true), withAutoTuneInterval('1s'), withAutoTuneHysteresis(1));
  await readFor(cache, clock, 1001);
  expect(cache.shardCount).toBe(HIGH_TRAFFIC_SHARDS);
});

optionTest('cache', 'withMetrics', 'metrics', () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withMetrics(false), withClock(clock));
  fill(cache, 500);
  clock.advance(1000);
  expect(cache.metrics()).toMatchObject({ sets: 500, requestRate: 0 });
});

optionTest('cache', 'withMetricsCollector', 'metricsCollector', () => {
  const seen: string[] = [];
  const note =
    (what: string) =>
    (key: string): void => {
      seen.push(`${what} ${key}`);
    };
  const collector = {
    onHit: note('hit'),
    onMiss: note('miss'),
    onSet: note('set'),
    onEviction: note('evicted'),
    onExpiration: note('expired'),
  };
  const clock = createFakeClock();
  const cache = createShardedCache(withMetricsCollector(collector), withCapacity(1), withTTL('1s'), withClock(clock));
  cache.set('a', 1);
  cache.set('b', 2);
  cache.get('b');
  clock.advance(1000);
  cache.get('b');
  expect(seen).toEqual(['set a', 'set b', 'evicted a', 'hit b', 'miss b', 'expired b']);
});

optionTest('cache', 'withAlerts', 'alerts', () => {
  const clock = createFakeClock();
  const raised: string[] = [];
  const cache = createShardedCache(
    withClock(clock),
    withAlerts('guide', (alert) => raised.push(alert.name)),
  );
  for (let i = 0; i < 1000; i++) cache.get(`absent${i}`);
  clock.advance(10_000);
  expect(raised).toEqual(['minHitRate']);
});

optionTest('cache', 'withWarmup', 'warmup', () => {
  const cache = createShardedCache(withWarmup(new Map([['a', 1]])));
  expect(cache.get('a')).toBe(1);
});

optionTest('cache', 'withStaleWhileRevalidate', 'staleWhileRevalidateMs', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withClock(clock), withTTL('1s'), withStaleWhileRevalidate('1m'));
  cache.set('a', 'old');
  clock.advance(60_000);
  expect(await cache.getOrLoad('a', () => 'new')).toBe('old');
  await turns();
  expect(cache.get('a')).toBe('new');
});

optionTest('cache', 'withStaleIfError', 'staleIfErrorMs', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withClock(clock), withTTL('1s'), withStaleIfError('1m'), withMaxRetries(0));
  cache.set('a', 'old');
  clock.advance(60_000);
  const fail = (): never => {
    throw new Error('down');
  };
  expect(await cache.getOrLoad('a', fail)).toBe('old');
});

optionTest('cache', 'withClock', 'clock', () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withClock(clock), withTTL('1h'));
  cache.set('a', 1);
  clock.advance(3_600_000);
  expect(cache.get('a')).toBeUndefined();
});

optionTest('cache', 'withSeed', 'seed', () => {
  const run = (): string[] => {
    const cache = createShardedCache(withSeed(42), withEvictionPolicy('random'), withCapacity(20));
    fill(cache, 500);
    return survivors(cache);
  };
  expect(run()).toEqual(run());
});

optionTest('cache', 'withWorkloadType', 'workloadType', () => {
  const cache = createShardedCache(withWorkloadType('write-heavy'), withShardCount(1), withCapacity(2));
  fill(cache, 2);
  cache.get('k0');
  cache.set('new', 1);
  // Write-heavy evicts first in, first out.
  expect(survivors(cache)).toEqual(['k1', 'new']);
});

optionTest('cache', 'withPerformanceProfile', 'performanceProfile', () => {
  const cache = createShardedCache<string>(withPerformanceProfile('memory-efficient'));
  for (let i = 0; i < 2000; i++) cache.set(`k${i}`, PAGE);
  expect(cache.size).toBe(1000);
  expect(cache.bytes).toBeLessThan(1000 * PAGE.length);
});

optionTest('cache', 'withProfile', 'profile', () => {
  const cache = createShardedCache(withProfile('read-heavy'));
  expect(cache.capacity).toBe(100_000);
});

optionTest('cache', 'withProfileFromEnv', 'profile', () => {
  vi.stubEnv('SHERD_CACHE_PROFILE', 'memory-efficient');
  expect(createShardedCache(withProfileFromEnv()).capacity).toBe(1000);
});

optionTest('cache', 'withSettings', 'capacity', () => {
  expect(createShardedCache(withSettings({ capacity: 3 })).capacity).toBe(3);
});
