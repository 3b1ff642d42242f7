/** Shapes of content that strain a cache: one moment, one shard, one entry, giant keys, unequal weights, broken helpers. */
import { describe, expect, test } from 'vitest';
import {
  createShardedCache,
  type ShardedCache,
  withAlerts,
  withCapacity,
  withCleanupBatchSize,
  withClock,
  withCompression,
  withCompressionThreshold,
  withEvictionPolicy,
  withHashFunction,
  withMemoryLimit,
  withSerializer,
  withShardCount,
  withTTL,
  withWeigher,
} from '../../src/cache/index.js';
import { ENTRY_OVERHEAD_BYTES } from '../../src/cache/weigh.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

const POLICIES = ['lru', 'lfu', 'fifo', 'random'] as const;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('everything expires at one moment', () => {
  const COUNT = 50_000;

  test('nothing of it is given, it goes in batches, and what is set meanwhile stays', async () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(
      withClock(clock),
      withTTL('1s'),
      withCapacity(2 * COUNT),
      withCleanupBatchSize(500),
    );
    let told = 0;
    cache.on('entry-expired', () => void told++);
    for (let i = 0; i < COUNT; i++) cache.set(`k${i}`, i, { tags: ['t'] });
    clock.advance(1000);
    expect([cache.get('k1'), cache.has('k2'), [...cache.keys()].length]).toEqual([undefined, false, 0]);
    const round = cache.cleanup();
    const sizes: number[] = [];
    for (let i = 0; i < 10; i++) {
      cache.set(`k${i}`, -i);
      await turn();
      sizes.push(cache.size);
    }
    expect(sizes.every((size) => size > COUNT / 2)).toBe(true);
    await round;
    expect([cache.size, told, cache.metrics().expirations]).toEqual([10, COUNT, COUNT]);
    expect([...cache.entries()].every(([key, value]) => key === `k${-value}`)).toBe(true);
    // Nor has a tag stayed behind.
    expect(await cache.invalidateByTag('t')).toBe(0);
  });
});

describe('all keys in one shard', () => {
  const hashes: [string, (key: string) => number][] = [
    ['one place for all', () => 7],
    ['no number', () => Number.NaN],
    ['nothing', () => undefined as unknown as number],
    ['a text', () => 'seven' as unknown as number],
    ['a fraction below one', (key) => 1 / (key.length + 1)],
    [
      'an error',
      () => {
        throw new Error('hash');
      },
    ],
  ];

  test.each(hashes)('by a hash that gives %s costs balance and nothing else', async (_name, hash) => {
    const cache = createShardedCache<number>(withHashFunction(hash), withCapacity(1000), withShardCount(16));
    for (let i = 0; i < 1000; i++) cache.set(`user:${i}`, i, { tags: [i % 2 === 0 ? 'even' : 'odd'] });
    expect(
      cache
        .metrics()
        .shardBalance.toSorted((a, b) => b - a)
        .slice(0, 2),
    ).toEqual([1000, 0]);
    await cache.resize(64);
    for (let i = 0; i < 1000; i++) expect(cache.get(`user:${i}`)).toBe(i);
    cache.set('one more', 1);
    expect([cache.size, cache.has('user:0'), cache.metrics().evictions]).toEqual([1000, false, 1]);
    expect(await cache.invalidateByTag('odd')).toBe(500);
    expect(await cache.invalidateByPattern('user:*')).toBe(499);
    expect([...cache.keys()]).toEqual(['one more']);
  });
});

test('keys of 64 KiB that differ in one character, wherever it is, are all found and weighed', async () => {
  const LENGTH = 65_536;
  const keyAt = (place: number): string => `${'k'.repeat(place)}!${'k'.repeat(LENGTH - place - 1)}`;
  const places = Array.from({ length: 256 }, (_, i) => i * 256);
  const cache = createShardedCache<number>(withMemoryLimit('64MiB'));
  for (const place of places) cache.set(keyAt(place), place);
  expect(cache.bytes).toBeGreaterThan(places.length * LENGTH);
  await cache.resize(8);
  expect(places.filter((place) => cache.get(keyAt(place)) !== place)).toEqual([]);
  expect(cache.has('k'.repeat(LENGTH))).toBe(false);
  expect(cache.delete(keyAt(0))).toBe(true);
  expect(cache.size).toBe(places.length - 1);
});

describe.each(POLICIES)('with %s', (policy) => {
  test('a capacity of 1 holds the last that was set, on one shard or on many', async () => {
    const cache = createShardedCache<number>(withEvictionPolicy(policy), withCapacity(1), withShardCount(1));
    for (const shardCount of [1, 64, 4096, 2]) {
      await cache.resize(shardCount);
      for (let i = 0; i < 50; i++) {
        cache.set(`k${i}`, i);
        cache.set(`k${i}`, i + 1);
        expect([cache.get(`k${i}`), cache.size]).toEqual([i + 1, 1]);
      }
      expect(await cache.getOrLoad('loaded', () => 7)).toBe(7);
      expect([...cache.keys()]).toEqual(['loaded']);
    }
  });

  test('fewer places than shards are all used, and no more', async () => {
    const cache = createShardedCache<number>(withEvictionPolicy(policy), withCapacity(10), withShardCount(4096));
    for (let i = 0; i < 10; i++) cache.set(`k${i}`, i);
    expect([cache.size, cache.metrics().evictions]).toEqual([10, 0]);
    for (let i = 10; i < 500; i++) {
      cache.set(`k${i}`, i);
      expect([cache.get(`k${i}`), cache.size]).toEqual([i, 10]);
    }
    await cache.resize(2);
    expect([cache.size, [...cache.keys()].length]).toEqual([10, 10]);
  });

  test('weights from nothing to half the limit stay within it, and room is made no further than asked', () => {
    const LIMIT = 1_000_000;
    const cache = createShardedCache<number>(withEvictionPolicy(policy), withMemoryLimit(LIMIT), withShardCount(8));
    const bytesOf = new Map<string, number>();
    let lastEvicted: string | undefined;
    cache.on('entry-evicted', ({ key }) => {
      lastEvicted = key;
    });
    for (let i = 0; i < 2000; i++) {
      const key = `k${i % 700}`;
      const weight = i % 50 === 0 ? LIMIT / 2 : (i * 37) % 2000;
      lastEvicted = undefined;
      expect(cache.set(key, i, { weight })).toBe(true);
      expect(cache.get(key)).toBe(i);
      expect(cache.bytes).toBeLessThanOrEqual(LIMIT);
      if (lastEvicted !== undefined) expect(cache.bytes + (bytesOf.get(lastEvicted) ?? 0)).toBeGreaterThan(LIMIT);
      bytesOf.set(key, weight + key.length + ENTRY_OVERHEAD_BYTES);
    }
    expect(cache.metrics().evictions).toBeGreaterThan(0);
    expect(cache.metrics().refusals).toBe(0);
  });
});

describe('helpers that throw', () => {
  const broken = (): never => {
    throw new Error('helper');
  };

  test('a serializer that fails while reading makes it a miss: counted, and the entry gone', async () => {
    let isBroken = false;
    const serializer = {
      serialize: (value: string) => Buffer.from(value),
      deserialize: (bytes: Uint8Array) => (isBroken ? broken() : Buffer.from(bytes).toString()),
    };
    const cache = createShardedCache<string>(
      withSerializer(serializer),
      withCompression(true),
      withCompressionThreshold(0),
    );
    for (const key of ['a', 'b', 'c']) cache.set(key, key.repeat(100));
    isBroken = true;
    expect([cache.get('a'), cache.peek('b'), [...cache.entries()]]).toEqual([undefined, undefined, []]);
    expect(cache.metrics()).toMatchObject({ hits: 0, misses: 1, containedErrors: 3, itemCount: 0 });
    isBroken = false;
    expect(await cache.getOrLoad('a', () => 'again')).toBe('again');
  });

  test('a serializer that fails while writing or weighing leaves neither the new value nor the old', () => {
    let isBroken = false;
    const serializer = {
      serialize: (value: object) => (isBroken ? broken() : Buffer.from(JSON.stringify(value))),
      deserialize: (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as object,
    };
    for (const cache of [
      createShardedCache<object>(withSerializer(serializer), withCompression(true)),
      createShardedCache<object>(withSerializer(serializer), withMemoryLimit('1MiB')),
    ]) {
      isBroken = false;
      cache.set('a', { n: 1 });
      cache.set('bystander', { n: 2 });
      isBroken = true;
      expect([cache.set('a', { n: 3 }), cache.has('a'), cache.size]).toEqual([false, false, 1]);
      expect(cache.metrics().containedErrors).toBe(1);
    }
  });

  test('listeners, collectors and weighers that throw change nothing of what the cache does', async () => {
    const clock = createFakeClock();
    const run = async (cache: ShardedCache<number>): Promise<unknown> => {
      for (let i = 0; i < 300; i++) {
        cache.set(`k${i % 40}`, i);
        cache.get(`k${(i * 7) % 40}`);
        if (i % 20 === 0) clock.advance(400);
      }
      await cache.cleanup();
      await cache.resize(16);
      const { hits, misses, evictions, expirations } = cache.metrics();
      return [[...cache.entries()].toSorted(), hits, misses, evictions, expirations];
    };
    const settings = [withClock(clock), withTTL('1s'), withCapacity(20), withShardCount(2), withHashFunction(Number)];
    const calm = createShardedCache<number>(...settings);
    const noisy = createShardedCache<number>(...settings, withAlerts('guide', broken));
    for (const kind of ['entry-evicted', 'entry-expired', 'shards-resized', 'alert'] as const) noisy.on(kind, broken);
    expect(await run(noisy)).toEqual(await run(calm));
    expect(noisy.metrics().containedErrors).toBeGreaterThan(100);
    expect(createShardedCache<number>(withWeigher(broken)).set('a', 1)).toBe(false);
  });
});
