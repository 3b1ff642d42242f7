import { describe, expect, test, vi } from 'vitest';
import {
  type CacheError,
  createShardedCache,
  type SetOptions,
  type ShardedCache,
  withCapacity,
  withEvictionPolicy,
  withMemoryLimit,
  withShardCount,
} from '../../src/cache/index.js';
import { POLICIES } from '../support/policies.js';

const OTHERS = POLICIES.filter((policy) => policy !== 'lru');

/** Every verb that stores, each with the same options. */
const WRITES: readonly [string, (cache: ShardedCache<string>, key: string, options?: SetOptions) => unknown][] = [
  ['set', (cache, key, options) => cache.set(key, 'value', options)],
  ['setMany', (cache, key, options) => cache.setMany([[key, 'value']], options)],
  ['setAsync', (cache, key, options) => cache.setAsync(key, 'value', options)],
  ['getOrLoad', (cache, key, options) => cache.getOrLoad(key, () => 'value', options)],
];

describe.each(WRITES)('a worth given to %s', (_name, write) => {
  test('keeps the entry while others that are worth less, or as much as usual, come and go', async () => {
    const cache = createShardedCache<string>(withCapacity(10), withShardCount(1));
    for (let i = 0; i < 10; i++) await write(cache, `first ${i}`, { worth: 0.001 });
    await write(cache, 'dear', { worth: 1 });
    for (let i = 0; i < 20; i++) await write(cache, `cheap ${i}`, { worth: 0.001 });
    for (let i = 0; i < 20; i++) await write(cache, `usual ${i}`);
    expect(cache.has('dear')).toBe(true);
    expect(cache.has('cheap 19')).toBe(false);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '1', null, {}])('that is %s is refused', async (worth) => {
    const cache = createShardedCache<string>();
    const options = { worth } as SetOptions;
    await expect((async () => write(cache, 'k', options))()).rejects.toMatchObject({ code: 'ERR_CACHE_WORTH_INVALID' });
    expect(cache.size).toBe(0);
  });

  test.each(OTHERS)('is refused under %s, which would pass over it', async (policy) => {
    const cache = createShardedCache<string>(withEvictionPolicy(policy));
    expect(cache.takesWorth).toBe(false);
    await expect((async () => write(cache, 'k', { worth: 1 }))()).rejects.toMatchObject({
      code: 'ERR_CACHE_WORTH_UNSUPPORTED',
      message: expect.stringContaining(`'${policy}'`) as string,
    });
    await write(cache, 'k', {});
    expect(cache.size).toBe(1);
  });
});

test('a refused worth leaves no old value behind, as with other bad options', () => {
  const cache = createShardedCache<string>(withEvictionPolicy('fifo'));
  cache.set('k', 'old');
  expect(() => cache.set('k', 'new', { worth: 1 })).toThrow(
    expect.objectContaining({ name: 'CacheError' }) as CacheError,
  );
  expect(cache.has('k')).toBe(false);
});

test('getOrLoad refuses a worth before it loads, and reads its options once', async () => {
  const loader = vi.fn(() => 'x');
  const cache = createShardedCache<string>(withEvictionPolicy('sieve'));
  await expect(cache.getOrLoad('k', loader, { worth: 1 })).rejects.toMatchObject({
    code: 'ERR_CACHE_WORTH_UNSUPPORTED',
  });
  expect(loader).not.toHaveBeenCalled();
  const lru = createShardedCache<string>();
  const options = { worth: 1 };
  const loading = lru.getOrLoad('k', async () => 'value', options);
  options.worth = -1;
  expect(await loading).toBe('value');
  expect(lru.get('k')).toBe('value');
});

test('under a memory limit the worth counts by the byte', () => {
  const cache = createShardedCache<string>(withMemoryLimit('10KiB'), withShardCount(1));
  expect(cache.takesWorth).toBe(true);
  cache.set('large', 'x'.repeat(6000), { worth: 10 });
  for (let i = 0; i < 10; i++) cache.set(`small ${i}`, 'x'.repeat(100), { worth: 1 });
  cache.set('medium', 'x'.repeat(3000), { worth: 5 });
  cache.get('large');
  cache.set('new', 'x'.repeat(2000), { worth: 1 });
  expect(cache.has('large')).toBe(false);
  expect(cache.size).toBe(12);
});
