/** Failure scenarios of the fault catalogue that concern the cache, each under its number there. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  createShardedCache,
  type ShardedCache,
  withAlerts,
  withAutoTuning,
  withCapacity,
  withCleanupInterval,
  withClock,
  withEvictionPolicy,
  withMaxEntrySize,
  withMemoryLimit,
  withSeed,
  withShardCount,
  withTTL,
} from '../../src/cache/index.js';
import { ENTRY_OVERHEAD_BYTES } from '../../src/cache/weigh.js';
import type { Clock } from '../../src/core/clock.js';
import { createRandom, createSeed } from '../../src/core/random.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { operations, runs } from '../support/deep.js';
import { POLICIES } from '../support/policies.js';
import { fc } from '../support/property.js';

const HOUR_MS = 3_600_000;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

afterEach(() => vi.restoreAllMocks());

describe('F27: the clock jumps', () => {
  test('an hour of calendar, forth or back, ends no life and begins none', () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withTTL('1m'));
    cache.set('a', 1);
    for (const jumpMs of [HOUR_MS, -HOUR_MS, -2 * HOUR_MS]) {
      clock.setWallMs(clock.wallMs() + jumpMs);
      expect(cache.get('a')).toBe(1);
    }
    clock.advance(59_999);
    expect(cache.get('a')).toBe(1);
    clock.advance(1);
    expect(cache.get('a')).toBeUndefined();
  });

  test('a machine that slept an hour finds everything of before expired, timers late or not, and figures that are numbers', async () => {
    const timers: (() => void)[] = [];
    let nowMs = 0;
    const clock: Clock = {
      nowMs: () => nowMs,
      wallMs: () => nowMs,
      setTimer(_delayMs, fn) {
        timers.push(fn);
        return () => void timers.splice(timers.indexOf(fn), timers.includes(fn) ? 1 : 0);
      },
    };
    const cache = createShardedCache<number>(
      withClock(clock),
      withTTL('1m'),
      withAutoTuning(true),
      withAlerts('guide'),
    );
    for (let i = 0; i < 1000; i++) cache.set(`k${i}`, i);
    nowMs += HOUR_MS;
    expect([cache.get('k1'), cache.has('k2'), [...cache.keys()]]).toEqual([undefined, false, []]);
    for (const fn of timers.splice(0)) fn();
    for (let i = 0; i < 20; i++) await turn();
    expect(cache.size).toBe(0);
    const { requestRate, hitRate, evictionRate } = cache.metrics();
    expect([requestRate, hitRate, evictionRate].every((figure) => Number.isFinite(figure) && figure >= 0)).toBe(true);
    cache.set('new', 1);
    expect(cache.get('new')).toBe(1);
    await cache.close();
    expect(timers).toEqual([]);
  });
});

describe('F28: lives and intervals at the edges of numbers', () => {
  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 2 ** 40])('a life of %i ms ends then, not at once', (ttlMs) => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withTTL(ttlMs), withCleanupInterval(0));
    cache.set('default', 1);
    cache.set('own', 1, { ttl: ttlMs });
    clock.advance(ttlMs - 1);
    expect([cache.get('default'), cache.get('own')]).toEqual([1, 1]);
    clock.advance(1);
    expect([cache.get('default'), cache.get('own')]).toEqual([undefined, undefined]);
  });

  test.each([0, Number.POSITIVE_INFINITY])('a life of %d never ends', (ttl) => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withCleanupInterval(0));
    cache.set('a', 1, { ttl });
    clock.advance(Number.MAX_SAFE_INTEGER);
    expect(cache.get('a')).toBe(1);
  });

  test.each([Number.NaN, -1, Number.NEGATIVE_INFINITY])('a life of %d is refused wherever it is named', (ttl) => {
    const cache = createShardedCache<number>();
    expect(() => cache.set('a', 1, { ttl })).toThrow(expect.objectContaining({ code: 'ERR_CACHE_TTL_INVALID' }));
    expect(() => createShardedCache(withTTL(ttl))).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }));
    expect(() => cache.tune({ ttlMs: ttl })).toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }));
  });

  test('an interval longer than a timer of Node can be is not a timer of a millisecond', async () => {
    const setTimer = vi.spyOn(globalThis, 'setTimeout');
    const cache = createShardedCache(withCleanupInterval('30d'));
    const delays = setTimer.mock.calls.map(([, delayMs]) => delayMs as number);
    expect(Math.max(...delays)).toBeLessThanOrEqual(2 ** 31 - 1);
    expect(delays.some((delayMs) => delayMs === 2 ** 31 - 1)).toBe(true);
    await cache.close();
  });
});

describe('F36: the memory limit is reached', () => {
  const LIMIT = 20_000;
  const sizes = fc.oneof(
    { arbitrary: fc.record({ name: fc.constant('same'), of: fc.constant(() => 500) }), weight: 1 },
    {
      arbitrary: fc.record({ name: fc.constant('bimodal'), of: fc.constant((i: number) => (i % 7 === 0 ? 9000 : 3)) }),
      weight: 1,
    },
    {
      arbitrary: fc.record({ name: fc.constant('growing'), of: fc.constant((i: number) => (i * i) % 15_000) }),
      weight: 1,
    },
  );

  test.each(POLICIES)(
    'with %s no observer ever sees more bytes than the limit, and the bytes are those of the entries',
    (policy) => {
      const run = fc.property(
        sizes,
        fc.array(fc.nat({ max: 60 }), { minLength: 50, maxLength: 200 }),
        fc.integer({ min: 0, max: 3 }),
        ({ of }, keys, shardsLog) => {
          const weights = new Map<string, number>();
          const cache = createShardedCache<number>(
            withMemoryLimit(LIMIT),
            withShardCount(2 ** shardsLog),
            withEvictionPolicy(policy),
          );
          let most = 0;
          const look = (): void => {
            most = Math.max(most, cache.bytes);
          };
          cache.on('entry-evicted', look);
          keys.forEach((number, i) => {
            const key = `k${number}`;
            if (i % 11 === 10) cache.delete(key);
            else if (cache.set(key, i, { weight: of(i) })) weights.set(key, of(i) + key.length + ENTRY_OVERHEAD_BYTES);
            look();
          });
          expect(most).toBeLessThanOrEqual(LIMIT);
          expect(cache.bytes).toBe([...cache.keys()].reduce((sum, key) => sum + (weights.get(key) as number), 0));
        },
      );
      fc.assert(run, { numRuns: runs(60, 120) });
    },
  );
});

describe('F37: one value beside the limit', () => {
  const LIMIT = 32_000;
  /** Of which, on 32 shards, each shard's share is 1,000. */
  const full = (): ShardedCache<string> => {
    const cache = createShardedCache<string>(withMemoryLimit(LIMIT), withMaxEntrySize(LIMIT), withShardCount(32));
    for (let i = 0; i < 100; i++) cache.set(`key${i}`, 'small', { weight: 100 });
    return cache;
  };
  const own = ENTRY_OVERHEAD_BYTES + 'x'.length;

  test('of exactly the limit is stored, alone', () => {
    const cache = full();
    expect(cache.set('x', 'v', { weight: LIMIT - own })).toBe(true);
    expect([cache.bytes, [...cache.keys()]]).toEqual([LIMIT, ['x']]);
  });

  test.each([LIMIT - own + 1, LIMIT * 10, Number.MAX_SAFE_INTEGER])(
    'of more, %i, is refused and evicts nobody',
    (weight) => {
      const cache = full();
      cache.set('x', 'old', { weight: 1 });
      const { size, bytes } = cache;
      expect(cache.set('x', 'v', { weight })).toBe(false);
      expect([cache.size, cache.bytes, cache.has('x')]).toEqual([size - 1, bytes - own - 1, false]);
      expect(cache.metrics()).toMatchObject({ evictions: 0, refusals: 1 });
    },
  );

  test("of more than a shard's share is stored, and evicts what it needs and no more", () => {
    const cache = full();
    const weight = 20_000;
    expect(cache.set('x', 'v', { weight })).toBe(true);
    expect(cache.get('x')).toBe('v');
    const lightest = ENTRY_OVERHEAD_BYTES + 'key0'.length + 100;
    expect(cache.bytes).toBeGreaterThan(LIMIT - 2 * lightest);
  });

  test('of nothing at all still weighs its key and its place', () => {
    const cache = full();
    const { bytes } = cache;
    expect(cache.set('x', '', { weight: 0 })).toBe(true);
    expect(cache.bytes - bytes).toBe(own);
  });
});

describe('F45: resizes under load, repeated and at once', () => {
  test.each(POLICIES)('with %s nothing is lost but what was evicted, and nothing comes back', async (policy) => {
    const seed = createSeed();
    const random = createRandom(seed);
    const cache = createShardedCache<number>(
      withCapacity(1500),
      withShardCount(4),
      withTTL(0),
      withEvictionPolicy(policy),
      withSeed(seed),
    );
    const model = new Map<string, number>();
    let evicted = 0;
    const foreign: string[] = [];
    cache.on('entry-evicted', ({ key, value }) => {
      evicted++;
      if (model.get(key) !== value) foreign.push(key);
      model.delete(key);
    });
    let inserted = 0;
    let deleted = 0;
    const resizes: Promise<void>[] = [];
    for (let i = 0; i < operations(12_000); i++) {
      const key = `k${random.nextInt(3000)}`;
      const verb = random.nextInt(10);
      if (verb < 4) {
        if (!model.has(key)) inserted++;
        // What has to give way is told before the set returns, and is never the key itself.
        model.set(key, i);
        cache.set(key, i);
      } else if (verb < 9) expect([seed, key, cache.get(key)]).toEqual([seed, key, model.get(key)]);
      else {
        if (model.has(key)) deleted++;
        expect(cache.delete(key)).toBe(model.delete(key));
      }
      if (i % 400 === 0) resizes.push(cache.resize(2 ** random.nextInt(8)), cache.resize(2 ** random.nextInt(8)));
      if (i % 150 === 0) await turn();
    }
    await Promise.all(resizes);
    expect([seed, foreign, evicted > 0]).toEqual([seed, [], true]);
    expect(new Map(cache.entries())).toEqual(model);
    expect([cache.size, cache.metrics().evictions]).toEqual([inserted - deleted - evicted, evicted]);
    expect(cache.metrics().shardBalance.reduce((sum, size) => sum + size, 0)).toBe(cache.size);
  });
});

describe('F59: a million keys', () => {
  test('are all there, in one shard or in many, and grow, shrink and leave without a RangeError', async () => {
    const count = 1_000_000;
    const cache = createShardedCache<number>(withCapacity(count), withShardCount(1), withTTL(0));
    for (let i = 0; i < count; i++) cache.set(`key-${i}`, i);
    const missing = (): number => {
      let absent = 0;
      for (let i = 0; i < count; i += 7) if (cache.peek(`key-${i}`) !== i) absent++;
      return absent;
    };
    expect([cache.size, missing(), cache.metrics().evictions]).toEqual([count, 0, 0]);
    await cache.resize(64);
    expect([cache.size, missing(), cache.metrics().shardBalance.length]).toEqual([count, 0, 64]);
    cache.set('one more', 1);
    expect([cache.size, cache.metrics().evictions]).toEqual([count, 1]);
    cache.clear();
    expect([cache.size, cache.bytes]).toEqual([0, 0]);
  }, 60_000);
});
