/** Shapes of content that strain a cache: one moment, one shard, one entry, giant keys, unequal weights. */
import { describe, expect, test } from 'vitest';
import {
  createShardedCache,
  withCapacity,
  withCleanupBatchSize,
  withClock,
  withEvictionPolicy,
  withHashFunction,
  withMemoryLimit,
  withShardCount,
  withTTL,
} from '../../src/cache/index.js';
import { ENTRY_OVERHEAD_BYTES } from '../../src/cache/weigh.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { POLICIES } from '../support/policies.js';

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
