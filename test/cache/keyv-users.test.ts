/** What people put on top of a Keyv store, with the real packages: cache-manager 7 over Keyv 5, and Keyv 6. */
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { Keyv as Keyv6 } from 'keyv-6';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type CacheError,
  createKeyvStore,
  createShardedCache,
  withClock,
  withMaxEntrySize,
  withTTL,
} from '../../src/cache/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { mapOf } from '../support/map-of.js';

let clock: FakeClock;

beforeEach(() => {
  clock = createFakeClock();
  // Keyv and cache-manager read Date; promises and immediates stay real.
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

function advance(ms: number): void {
  clock.advance(ms);
  vi.setSystemTime(Date.now() + ms);
}

/** A cache-manager over a cache whose time the test moves. */
function manage(options: Parameters<typeof createCache>[0] = {}) {
  const store = createKeyvStore(withClock(clock), withTTL(0));
  const keyv = new Keyv({ store, namespace: 'app', serialize: undefined, deserialize: undefined } as object);
  return { manager: createCache({ stores: [keyv], ...options }), cache: store.cache, keyv };
}

describe('cache-manager', () => {
  test('gets, sets and deletes, one key or many', async () => {
    const { manager, cache } = manage();
    expect(await manager.set('a', 1)).toBe(1);
    await manager.mset([
      { key: 'b', value: 2 },
      { key: 'c', value: null },
    ]);
    expect(await manager.mget(['a', 'b', 'c', 'd'])).toEqual([1, 2, null, undefined]);
    expect([await manager.del('a'), await manager.mdel(['b', 'x'])]).toEqual([true, true]);
    expect([await manager.get('a'), await manager.get('b'), await manager.get('c')]).toEqual([
      undefined,
      undefined,
      null,
    ]);
    expect(cache.metrics()).toMatchObject({ sets: 3, deletes: 2 });
  });

  test('its ttl and that of a call end entries', async () => {
    const { manager } = manage({ ttl: 1000 });
    await manager.set('default', 1);
    await manager.set('own', 1, 2000);
    expect([await manager.ttl('default'), await manager.ttl('own'), await manager.ttl('x')]).toEqual([
      1000,
      2000,
      undefined,
    ]);
    advance(1001);
    expect([await manager.get('default'), await manager.get('own')]).toEqual([undefined, 1]);
  });

  test('wrap loads once for all who ask, and once more when the value has expired', async () => {
    const { manager } = manage();
    const load = vi.fn(async () => ({ name: 'Ada' }));
    const values = await Promise.all([1, 2, 3].map(() => manager.wrap('user', load, 1000)));
    expect(values).toEqual([{ name: 'Ada' }, { name: 'Ada' }, { name: 'Ada' }]);
    expect(load).toHaveBeenCalledTimes(1);
    await manager.wrap('user', load, 1000);
    expect(load).toHaveBeenCalledTimes(1);
    advance(1001);
    await manager.wrap('user', load, 1000);
    expect(load).toHaveBeenCalledTimes(2);
  });

  test('wrap refreshes in the background below its threshold', async () => {
    const { manager } = manage({ ttl: 1000, refreshThreshold: 300 });
    let version = 0;
    const load = async () => ++version;
    const refreshed = new Promise((resolve) => manager.on('refresh', resolve));
    expect(await manager.wrap('a', load)).toBe(1);
    advance(600);
    expect(await manager.wrap('a', load)).toBe(1);
    advance(200);
    expect(await manager.wrap('a', load)).toBe(1);
    await refreshed;
    expect([await manager.get('a'), version]).toEqual([2, 2]);
  });

  test('clear empties its namespace only', async () => {
    const { manager, cache } = manage();
    cache.set('mine', 1);
    await manager.set('a', 1);
    expect(await manager.clear()).toBe(true);
    expect([await manager.get('a'), cache.get('mine')]).toEqual([undefined, 1]);
  });

  test('a second store fills the first', async () => {
    const behind = new Keyv();
    const { keyv, manager } = manage();
    const tiers = createCache({ stores: [keyv, behind] });
    await behind.set('a', 'from behind');
    expect(await tiers.wrap('a', async () => 'loaded')).toBe('from behind');
    expect(await manager.get('a')).toBe('from behind');
  });

  test('its events tell, and disconnect closes the cache that the store made', async () => {
    const { manager, cache } = manage();
    const told: unknown[] = [];
    manager.on('set', ({ key }) => told.push(['set', key]));
    manager.on('del', ({ key }) => told.push(['del', key]));
    await manager.set('a', 1);
    await manager.del('a');
    expect(told).toContainEqual(['set', 'a']);
    expect(told.at(-1)).toEqual(['del', 'a']);
    await manager.disconnect();
    await expect(cache.cleanup()).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });
});

describe('Keyv 6', () => {
  test('takes a store as it is, with ttl, many keys and an iterator', async () => {
    const keyv = new Keyv6<unknown>({ store: createKeyvStore(withClock(clock), withTTL(0)) });
    expect([await keyv.set('a', { n: 1 }), await keyv.set('b', null), await keyv.set('c', 3, 1000)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(await keyv.get(['a', 'b', 'c', 'd'])).toEqual([{ n: 1 }, null, 3, undefined]);
    expect(await keyv.setMany([{ key: 'd', value: 4 }])).toEqual([true]);
    advance(1000);
    expect(await keyv.has(['a', 'c', 'd'])).toEqual([true, false, true]);
    expect(await mapOf(keyv.iterator())).toEqual(
      new Map<string, unknown>([
        ['a', { n: 1 }],
        ['b', null],
        ['d', 4],
      ]),
    );
    expect([await keyv.delete('a'), await keyv.delete('a')]).toEqual([true, false]);
  });

  test('keeps namespaces of one cache apart, with keys that are stored once', async () => {
    const cache = createShardedCache(withClock(clock));
    const one = new Keyv6({ store: createKeyvStore(cache), namespace: 'one' });
    const two = new Keyv6({ store: createKeyvStore(cache), namespace: 'two' });
    await one.set('k', 1);
    await two.set('k', 2);
    expect([...cache.keys()].toSorted()).toEqual(['one:k', 'two:k']);
    await one.clear();
    expect([await one.get('k'), await two.get('k')]).toEqual([undefined, 2]);
  });

  test('without serialisation keeps values by reference, and may leave expiry to the cache', async () => {
    const store = createKeyvStore(withClock(clock), withTTL(0));
    const keyv = new Keyv6<object>({ store, serialization: false, checkExpired: false });
    const value = { when: new Date(0) };
    await keyv.set('a', value, 1000);
    expect([(await keyv.get('a')) === value, await keyv.has('a')]).toEqual([true, true]);
    clock.advance(1000);
    expect([await keyv.get('a'), await keyv.has('a')]).toEqual([undefined, false]);
  });

  test('is told of a refused set', async () => {
    const keyv = new Keyv6({ store: createKeyvStore(withMaxEntrySize(500)) });
    const codes: string[] = [];
    keyv.on('error', (error: CacheError) => codes.push(error.code));
    expect([await keyv.set('a', 'x'.repeat(1000)), await keyv.set('\ud800', 1)]).toEqual([false, false]);
    expect(codes).toEqual(['ERR_CACHE_NOT_STORED', 'ERR_CACHE_KEY_INVALID']);
  });
});
