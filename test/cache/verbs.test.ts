import { describe, expect, test } from 'vitest';
import {
  type CacheError,
  createShardedCache,
  isConfigError,
  withCapacity,
  withClock,
  withCompression,
  withEvictionPolicy,
  withMaxEntrySize,
  withMaxMemoryMB,
  withMemoryLimit,
  withShardCount,
  withTTL,
  withWeigher,
} from '../../src/cache/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

describe('reading and writing', () => {
  test('a value comes back until it is deleted', () => {
    const cache = createShardedCache<string>();
    expect(cache.set('a', 'x')).toBe(true);
    expect([cache.get('a'), cache.peek('a'), cache.has('a'), cache.size]).toEqual(['x', 'x', true, 1]);
    expect([cache.delete('a'), cache.delete('a'), cache.has('a'), cache.get('a')]).toEqual([
      true,
      false,
      false,
      undefined,
    ]);
  });

  test('falsy values and null are values', () => {
    const cache = createShardedCache<unknown>();
    for (const value of [0, '', false, null, Number.NaN]) {
      cache.set('a', value);
      expect(cache.get('a')).toBe(value);
      expect(cache.has('a')).toBe(true);
    }
  });

  test('peek neither counts nor refreshes', () => {
    const cache = createShardedCache<number>(withCapacity(2), withShardCount(1));
    cache.setMany([
      ['a', 1],
      ['b', 2],
    ]);
    cache.peek('a');
    cache.set('c', 3);
    expect([...cache.keys()].toSorted()).toEqual(['b', 'c']);
    expect(cache.metrics()).toMatchObject({ hits: 0, misses: 0 });
  });

  test('many keys at once', () => {
    const cache = createShardedCache<number>();
    const pairs: [string, number][] = [
      ['a', 1],
      ['b', 2],
    ];
    expect(cache.setMany(pairs)).toBe(2);
    expect(cache.getMany(['a', 'x', 'b'])).toEqual(new Map(pairs));
    expect([...cache.entries()].toSorted()).toEqual(pairs);
  });

  test('an iteration goes over a snapshot and passes over what left meanwhile', () => {
    const cache = createShardedCache<number>();
    for (let i = 0; i < 10; i++) cache.set(`k${i}`, i);
    const seen: string[] = [];
    for (const [key] of cache.entries()) {
      seen.push(key);
      if (seen.length === 1) {
        for (let i = 0; i < 10; i++) if (`k${i}` !== key) cache.delete(`k${i}`);
        cache.set('late', 1);
      }
    }
    expect(seen).toHaveLength(1);
  });

  test('clear forgets everything, also tags', async () => {
    const cache = createShardedCache<number>();
    cache.set('a', 1, { tags: ['t'] });
    cache.clear();
    cache.set('a', 2);
    expect(await cache.invalidateByTag('t')).toBe(0);
    expect(cache.get('a')).toBe(2);
  });
});

describe('time to live', () => {
  test('an entry lives exactly as long as it was given', () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withTTL('1m'));
    cache.set('default', 1);
    cache.set('short', 1, { ttl: '2s' });
    cache.set('forever', 1, { ttl: 0 });
    clock.advance(2000);
    expect([cache.has('default'), cache.has('short'), cache.peek('short'), cache.get('short')]).toEqual([
      true,
      false,
      undefined,
      undefined,
    ]);
    clock.advance(58_000);
    expect([cache.has('default'), cache.has('forever')]).toEqual([false, true]);
    clock.advance(1e8);
    expect(cache.get('forever')).toBe(1);
  });

  test('a set renews the life, a get does not', () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withTTL(100));
    cache.set('a', 1);
    clock.advance(60);
    cache.get('a');
    clock.advance(30);
    cache.set('b', 1);
    cache.set('a', 2);
    clock.advance(99);
    expect(cache.get('a')).toBe(2);
  });

  test('a jump of the calendar changes nothing', () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withTTL('1m'));
    cache.set('a', 1);
    clock.setWallMs(0);
    expect(cache.get('a')).toBe(1);
    clock.setWallMs(4e12);
    expect(cache.get('a')).toBe(1);
  });
});

describe('bad input', () => {
  test.each([
    [{ key: 'k\ud800' }, 'ERR_CACHE_KEY_INVALID'],
    [{ key: 7 }, 'ERR_CACHE_KEY_INVALID'],
    [{ key: undefined }, 'ERR_CACHE_KEY_INVALID'],
    [{ value: undefined }, 'ERR_CACHE_VALUE_UNDEFINED'],
    [{ options: { ttl: -1 } }, 'ERR_CACHE_TTL_INVALID'],
    [{ options: { ttl: Number.NaN } }, 'ERR_CACHE_TTL_INVALID'],
    [{ options: { ttl: 'soon' } }, 'ERR_CACHE_TTL_INVALID'],
    [{ options: { weight: -1 } }, 'ERR_CACHE_WEIGHT_INVALID'],
    [{ options: { weight: 0.5 } }, 'ERR_CACHE_WEIGHT_INVALID'],
    [{ options: { tags: 'red' } }, 'ERR_CACHE_TAGS_INVALID'],
    [{ options: { tags: [1] } }, 'ERR_CACHE_TAGS_INVALID'],
  ])('set(%j) throws a CacheError and leaves no old value', (bad, code) => {
    const cache = createShardedCache<unknown>();
    cache.set('k', 'old');
    cache.set('bystander', 1);
    const call = { key: 'k', value: 'new', options: {}, ...bad } as { key: string; value: unknown; options: object };
    expect(() => cache.set(call.key, call.value, call.options)).toThrow(
      expect.objectContaining({ code }) as CacheError,
    );
    if (call.key === 'k') expect(cache.has('k')).toBe(false);
    expect(cache.get('bystander')).toBe(1);
  });

  test('a malformed key is a miss', () => {
    const cache = createShardedCache<number>();
    for (const key of ['k\udbff', 7, null, undefined] as string[]) {
      expect([cache.get(key), cache.peek(key), cache.has(key), cache.delete(key)]).toEqual([
        undefined,
        undefined,
        false,
        false,
      ]);
    }
  });

  test('every bad option is reported at once, with who set it', () => {
    try {
      createShardedCache(
        withShardCount(5000),
        withCapacity(0),
        withTTL('5 years' as '5m'),
        withEvictionPolicy('mru' as 'lru'),
      );
      expect.unreachable();
    } catch (error) {
      if (!isConfigError(error)) throw error;
      expect(error.issues.map((issue) => issue.setBy)).toEqual([
        'withShardCount(5000)',
        'withCapacity(0)',
        "withTTL('5 years')",
        "withEvictionPolicy('mru')",
      ]);
    }
  });

  test('an entry limit above the memory limit is refused', () => {
    expect(() => createShardedCache(withMemoryLimit('1MiB'), withMaxEntrySize('2MiB'))).toThrow(/at most maxBytes/);
  });
});

describe('keys', () => {
  test('keys that look alike stay apart', () => {
    const cache = createShardedCache<number>(withCapacity(1000));
    const keys = [
      '',
      '\0',
      'a',
      'a\0',
      '__proto__',
      'constructor',
      'é',
      'e\u0301',
      '1',
      '01',
      'a:b',
      'x'.repeat(65_536),
      `${'x'.repeat(65_535)}y`,
    ];
    keys.forEach((key, i) => {
      cache.set(key, i);
    });
    expect(keys.map((key) => cache.get(key))).toEqual(keys.map((_, i) => i));
  });
});

describe('weight and memory', () => {
  test('the bytes are the sum of the weights, never above the limit', () => {
    const cache = createShardedCache<string>(withMaxMemoryMB(1), withShardCount(8));
    for (let i = 0; i < 500; i++) {
      cache.set(`key${i % 90}`, 'x'.repeat((i * 7919) % 60_000));
      expect(cache.bytes).toBeLessThanOrEqual(2 ** 20);
    }
    cache.clear();
    expect(cache.bytes).toBe(0);
  });

  test('a value too heavy is refused, its old value goes, and nobody else does', () => {
    const cache = createShardedCache<string>(withMemoryLimit('10KiB'), withShardCount(4));
    for (let i = 0; i < 5; i++) cache.set(`k${i}`, 'small');
    expect(cache.set('k0', 'x'.repeat(20_000))).toBe(false);
    expect([...cache.keys()].toSorted()).toEqual(['k1', 'k2', 'k3', 'k4']);
    expect(cache.metrics()).toMatchObject({ refusals: 1, evictions: 0 });
  });

  test('characters of two bytes weigh twice', () => {
    const cache = createShardedCache<string>();
    cache.set('a', 'xxxx');
    const narrow = cache.bytes;
    cache.set('a', '漢字漢字');
    expect(cache.bytes - narrow).toBe(4);
  });

  test('an explicit weight replaces the estimate of the value', () => {
    const cache = createShardedCache<string>();
    cache.set('a', 'x');
    const estimated = cache.bytes;
    cache.set('a', 'x', { weight: 12_345 });
    expect(cache.bytes - estimated).toBe(12_344);
  });

  test.each([
    () => {
      throw new Error('broken weigher');
    },
    () => Number.NaN,
    () => -5,
    () => 'heavy' as unknown as number,
  ])('a weigher that fails makes the set fail, counted: %s', (weigher) => {
    let isBroken = false;
    const cache = createShardedCache(withWeigher((_value: number) => (isBroken ? weigher() : 1)));
    cache.set('a', 1);
    isBroken = true;
    expect(cache.set('a', 2)).toBe(false);
    expect(cache.get('a')).toBeUndefined();
    const { containedErrors, refusals } = cache.metrics();
    expect(containedErrors + refusals).toBe(1);
  });
});

describe('ownership', () => {
  test('without compression the value itself comes back', () => {
    const cache = createShardedCache<object>();
    const value = {};
    cache.set('a', value);
    expect(cache.get('a')).toBe(value);
  });

  test('with compression every read gives a fresh copy', () => {
    const cache = createShardedCache<{ list: number[] }>(withCompression(true));
    cache.set('a', { list: [1] });
    cache.get('a')?.list.push(2);
    expect(cache.get('a')).toEqual({ list: [1] });
  });

  test('a value that cannot be serialised is not stored, counted', () => {
    const cache = createShardedCache<unknown>(withCompression(true));
    expect(cache.set('a', () => 1)).toBe(false);
    expect(cache.metrics().containedErrors).toBe(1);
  });
});
