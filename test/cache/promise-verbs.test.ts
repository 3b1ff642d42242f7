import { describe, expect, test } from 'vitest';
import { createShardedCache, withMaxEntrySize } from '../../src/cache/index.js';

describe('getAsync, setAsync, deleteAsync and flush', () => {
  test('do what the sync verbs do', async () => {
    const cache = createShardedCache<string>();
    expect(await cache.setAsync('a', 'x', { tags: ['t'] })).toBe(true);
    await cache.flush();
    expect([await cache.getAsync('a'), cache.get('a'), await cache.getAsync('b')]).toEqual(['x', 'x', undefined]);
    expect(await cache.invalidateByTag('t')).toBe(1);
    cache.set('b', 'y');
    expect([await cache.deleteAsync('b'), await cache.deleteAsync('b'), cache.size]).toEqual([true, false, 0]);
    expect(cache.metrics()).toMatchObject({ hits: 2, misses: 1, sets: 2 });
  });

  test('have done it when they return: who asks next, sync or not, sees it', () => {
    const cache = createShardedCache<string>();
    void cache.setAsync('a', 'x');
    expect(cache.get('a')).toBe('x');
    void cache.deleteAsync('a');
    expect(cache.has('a')).toBe(false);
  });

  test('a set that is refused is false, one that is wrong a rejection, and neither leaves the old value', async () => {
    const cache = createShardedCache<string>(withMaxEntrySize('1KiB'));
    cache.set('a', 'x');
    expect(await cache.setAsync('a', 'x'.repeat(2000))).toBe(false);
    expect(cache.has('a')).toBe(false);
    cache.set('a', 'x');
    await expect(cache.setAsync('a', 'y', { ttl: -1 })).rejects.toMatchObject({ code: 'ERR_CACHE_TTL_INVALID' });
    expect(cache.has('a')).toBe(false);
  });

  test('a signal that has aborted rejects with its reason, and nothing has happened', async () => {
    const cache = createShardedCache<string>();
    cache.set('a', 'x');
    const options = { signal: AbortSignal.abort(new Error('left')) };
    const calls = [
      cache.getAsync('a', options),
      cache.setAsync('a', 'y', options),
      cache.deleteAsync('a', options),
      cache.flush(options),
    ];
    for (const call of calls) await expect(call).rejects.toThrow('left');
    expect([cache.get('a'), cache.metrics().sets, cache.metrics().hits]).toEqual(['x', 1, 1]);
  });

  test('a closed cache holds nothing and takes nothing', async () => {
    const cache = createShardedCache<string>();
    cache.set('a', 'x');
    await cache.close();
    expect([await cache.getAsync('a'), await cache.setAsync('a', 'y'), await cache.deleteAsync('a')]).toEqual([
      undefined,
      false,
      false,
    ]);
    await cache.flush();
  });
});
