import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { assert, describe, expect, test } from 'vitest';
import {
  type CacheError,
  createKeyvStore,
  createShardedCache,
  type KeyvStore,
  withCapacity,
  withClock,
  withMaxEntrySize,
  withShardCount,
  withTTL,
} from '../../src/cache/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { runs } from '../support/deep.js';
import { mapOf } from '../support/map-of.js';
import { fc } from '../support/property.js';

/** What the compiler holds against Keyv's own type. */
const asAdapter = (store: KeyvStore): KeyvStoreAdapter => store;

describe('the verbs of a store', () => {
  test('a value comes back until it is deleted, null included', async () => {
    const store = asAdapter(createKeyvStore());
    expect([await store.set('a', null), await store.set('b', 'x')]).toEqual([true, true]);
    expect([await store.get('a'), await store.get('b'), await store.get('c')]).toEqual([null, 'x', undefined]);
    expect([await store.has?.('a'), await store.has?.('c')]).toEqual([true, false]);
    expect([await store.delete('a'), await store.delete('a'), await store.get('a')]).toEqual([true, false, undefined]);
  });

  test('many keys are answered in their order', async () => {
    const store = createKeyvStore();
    const stored: boolean[] = await store.setMany([
      { key: 'a', value: 1 },
      { key: 'b', value: 2 },
    ]);
    expect(stored).toEqual([true, true]);
    expect(await store.getMany(['b', 'x', 'a'])).toEqual([2, undefined, 1]);
    expect(await store.hasMany(['x', 'a', 'b'])).toEqual([false, true, true]);
  });

  test('deleteMany deletes what is there, and is true when that was everything', async () => {
    const store = createKeyvStore();
    await store.set('a', 1);
    await store.set('b', 2);
    expect(await store.deleteMany(['a', 'x'])).toBe(false);
    expect([await store.has('a'), await store.deleteMany(['b']), await store.deleteMany([])]).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('a ttl counts in milliseconds, 0 and Infinity never end, and none is the time to live of the cache', async () => {
    const clock = createFakeClock();
    const store = createKeyvStore(withClock(clock), withTTL('5m'));
    await store.set('own', 1, 1000);
    await store.setMany([
      { key: 'many', value: 1, ttl: 2000 },
      { key: 'never', value: 1, ttl: 0 },
      { key: 'endless', value: 1, ttl: Number.POSITIVE_INFINITY },
      { key: 'default', value: 1 },
    ]);
    const keys = ['own', 'many', 'never', 'endless', 'default'];
    clock.advance(999);
    expect(await store.hasMany(keys)).toEqual([true, true, true, true, true]);
    clock.advance(1);
    expect(await store.hasMany(keys)).toEqual([false, true, true, true, true]);
    clock.advance(1000);
    expect(await store.hasMany(keys)).toEqual([false, false, true, true, true]);
    clock.advance(300_000);
    expect(await store.hasMany(keys)).toEqual([false, false, true, true, false]);
  });

  test('what no cache can hold is refused with a typed error', async () => {
    const store = createKeyvStore();
    await expect(store.set('a', undefined)).rejects.toMatchObject({ code: 'ERR_CACHE_VALUE_UNDEFINED' });
    await expect(store.set('a\ud800', 1)).rejects.toMatchObject({ code: 'ERR_CACHE_KEY_INVALID' });
    await expect(store.set(1 as unknown as string, 1)).rejects.toMatchObject({ code: 'ERR_CACHE_KEY_INVALID' });
    await expect(store.set('a', 1, -1)).rejects.toMatchObject({ code: 'ERR_CACHE_TTL_INVALID' });
    expect(await store.get(1 as unknown as string)).toBeUndefined();
  });

  test('an entry of many that is refused is false and told, and the others are stored', async () => {
    const store = createKeyvStore(withMaxEntrySize(1000));
    const errors: CacheError[] = [];
    store.on('error', (error) => errors.push(error));
    const entries = [
      { key: 'a', value: 1 },
      { key: 'b', value: undefined },
      { key: 'c', value: 'x'.repeat(2000) },
      { key: 'd', value: 4 },
    ];
    expect(await store.setMany(entries)).toEqual([true, false, false, true]);
    expect(errors.map(({ name, code }) => [name, code])).toEqual([
      ['CacheError', 'ERR_CACHE_VALUE_UNDEFINED'],
      ['CacheError', 'ERR_CACHE_NOT_STORED'],
    ]);
    expect([...store.cache.keys()].toSorted()).toEqual([':a', ':d']);
  });

  test('a listener that has left is told no more', async () => {
    const store = createKeyvStore(withMaxEntrySize(100));
    const errors: CacheError[] = [];
    const listener = (error: CacheError) => errors.push(error);
    expect(store.on('error', listener)).toBe(store);
    expect(await store.set('a', 'x'.repeat(1000))).toBe(false);
    expect(store.off('error', listener)).toBe(store);
    expect(await store.set('a', 'x'.repeat(1000))).toBe(false);
    expect(errors).toHaveLength(1);
  });
});

describe('namespaces', () => {
  test('stores over one cache are as many maps of their own, whatever the names', async () => {
    const names = fc.constantFrom(undefined, 'a', 'a:', 'a:b', 'a%3A', '%', '*', '?', '\\', 'a*', '日本');
    const keys = fc.constantFrom('', 'k', ':k', 'b:k', 'a:k', '*', '\\*', '%3Ab:k');
    const step = fc.record({
      name: names,
      key: keys,
      verb: fc.constantFrom('set', 'set', 'set', 'delete', 'clear', 'read'),
      value: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const cache = createShardedCache(withShardCount(2), withTTL(0));
        const model = new Map<string | undefined, Map<string, number>>();
        for (const { name, key, verb, value } of steps) {
          const store = createKeyvStore(cache);
          store.namespace = name;
          const entries = model.get(name) ?? new Map<string, number>();
          model.set(name, entries);
          if (verb === 'set')
            expect([await store.set(key, value), entries.set(key, value).size > 0]).toEqual([true, true]);
          else if (verb === 'delete') expect(await store.delete(key)).toBe(entries.delete(key));
          else if (verb === 'clear') await store.clear().then(() => entries.clear());
          else expect(await store.get(key)).toBe(entries.get(key));
        }
        for (const [name, entries] of model) {
          const store = createKeyvStore(cache);
          expect(await mapOf(store.iterator(name ?? ''))).toEqual(entries);
          store.namespace = name;
          expect(await mapOf(store.iterator())).toEqual(entries);
        }
      }),
      { numRuns: runs(100, 28) },
    );
  });

  test('clear leaves other namespaces, and what the cache holds for others', async () => {
    const cache = createShardedCache();
    const [one, two, none] = [createKeyvStore(cache), createKeyvStore(cache), createKeyvStore(cache)];
    one.namespace = 'one';
    two.namespace = 'two';
    cache.set('mine', 0);
    for (const store of [one, two, none]) await store.set('k', 1);
    await one.clear();
    expect([await one.has('k'), await two.has('k'), await none.has('k')]).toEqual([false, true, true]);
    await none.clear();
    expect([await none.has('k'), await two.has('k'), cache.has('mine')]).toEqual([false, true, true]);
  });

  test('a name that is no well-formed string is refused', () => {
    const store = createKeyvStore();
    const setTo = (name: unknown) => () => {
      store.namespace = name as string;
    };
    expect(setTo('\ud800')).toThrow(expect.objectContaining({ code: 'ERR_CACHE_KEY_INVALID' }));
    expect(setTo(7)).toThrow(expect.objectContaining({ code: 'ERR_CACHE_KEY_INVALID' }));
    expect(store.namespace).toBeUndefined();
  });
});

describe('the iterator', () => {
  test('passes over what has expired, and what leaves while it runs', async () => {
    const clock = createFakeClock();
    const store = createKeyvStore(withClock(clock), withShardCount(1));
    for (const key of ['a', 'b', 'c']) await store.set(key, key);
    await store.set('short', 0, 10);
    clock.advance(10);
    const seen: string[] = [];
    for await (const [key] of store.iterator()) {
      seen.push(key);
      for (const other of ['a', 'b', 'c']) if (other !== key) await store.delete(other);
    }
    expect(seen).toHaveLength(1);
  });

  test('lets the event loop have its turn while it passes over many entries', async () => {
    const cache = createShardedCache(withCapacity(5000));
    for (let i = 0; i < 5000; i++) cache.set(`other:${i}`, i);
    const store = createKeyvStore(cache);
    const order: string[] = [];
    setImmediate(() => order.push('the event loop'));
    expect(await store.iterator().next()).toEqual({ done: true, value: undefined });
    order.push('the end');
    expect(order).toEqual(['the event loop', 'the end']);
  });
});

describe('the cache beneath', () => {
  test('one that was handed in outlives the store', async () => {
    const cache = createShardedCache();
    const store = createKeyvStore(cache);
    await store.set('a', 'x');
    await store.disconnect();
    expect([store.cache === cache, await store.get('a'), cache.set('b', 'y')]).toEqual([true, 'x', true]);
  });

  test('one of its own is closed with it: reads miss, a set is false and told, clear rejects', async () => {
    const store = createKeyvStore(withCapacity(10));
    const errors: CacheError[] = [];
    store.on('error', (error) => errors.push(error));
    await store.set('a', 1);
    expect(store.cache.capacity).toBe(10);
    await store.disconnect();
    expect([await store.get('a'), await store.set('a', 1)]).toEqual([undefined, false]);
    expect(errors.map(({ code }) => code)).toEqual(['ERR_CACHE_NOT_STORED']);
    await expect(store.clear()).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });

  test('bad options, or options beside a cache, are one ConfigError', () => {
    expect(() => createKeyvStore(withCapacity(0), withTTL('soon' as never))).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', issues: [expect.anything(), expect.anything()] }),
    );
    const beside: unknown[] = [createShardedCache(), withCapacity(1)];
    expect(() => createKeyvStore(...(beside as never[]))).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }),
    );
  });
});

describe('under Keyv', () => {
  test('instances over one cache keep apart and share its capacity', async () => {
    const cache = createShardedCache(withCapacity(3));
    const users = new Keyv({ store: createKeyvStore(cache), namespace: 'users' });
    const orders = new Keyv({ store: createKeyvStore(cache), namespace: 'orders', useKeyPrefix: false });
    await users.set('1', 'Ada');
    await orders.set('1', 'Book');
    expect([await users.get('1'), await orders.get('1')]).toEqual(['Ada', 'Book']);
    expect(await mapOf(orders.iterator?.(undefined) ?? assert.fail('no iterator'))).toEqual(new Map([['1', 'Book']]));
    await users.clear();
    expect([await users.get('1'), await orders.get('1')]).toEqual([undefined, 'Book']);
    for (let i = 0; i < 10; i++) await users.set(String(i), i);
    expect(cache.size).toBe(3);
  });

  test('without serialisation values are kept by reference', async () => {
    const keyv = new Keyv({ store: createKeyvStore(), serialize: undefined, deserialize: undefined } as object);
    const value = { when: new Date(0), list: new Set([1]) };
    await keyv.set('a', value);
    expect(await keyv.get('a')).toBe(value);
  });

  test('its default ttl reaches the cache', async () => {
    const clock = createFakeClock();
    const keyv = new Keyv({ store: createKeyvStore(withClock(clock), withTTL(0)), ttl: 1000 });
    await keyv.set('a', 1);
    clock.advance(1000);
    expect(await keyv.has('a')).toBe(false);
  });

  test('undefined is a value of its own kind there: present, and undefined', async () => {
    const keyv = new Keyv({ store: createKeyvStore() });
    expect([await keyv.set('a', undefined), await keyv.has('a'), await keyv.get('a')]).toEqual([true, true, undefined]);
  });

  test('a refused set is false and an error event; a malformed key throws where Keyv is told to throw', async () => {
    const store = createKeyvStore(withMaxEntrySize(500));
    const keyv = new Keyv({ store });
    const errors: CacheError[] = [];
    keyv.on('error', (error: CacheError) => errors.push(error));
    expect(await keyv.set('a', 'x'.repeat(1000))).toBe(false);
    expect(await keyv.set('\ud800', 1)).toBe(false);
    expect(errors.map(({ code }) => code)).toEqual(['ERR_CACHE_NOT_STORED', 'ERR_CACHE_KEY_INVALID']);
    keyv.throwOnErrors = true;
    await expect(keyv.set('\ud800', 1)).rejects.toMatchObject({ code: 'ERR_CACHE_KEY_INVALID' });
  });

  test('setMany answers for each entry', async () => {
    const keyv = new Keyv({ store: createKeyvStore(withMaxEntrySize(500)) });
    const entries = [
      { key: 'a', value: 1 },
      { key: 'b', value: 'x'.repeat(1000) },
    ];
    expect(await keyv.setMany(entries)).toEqual([true, false]);
  });

  test('disconnect closes a cache of the store’s own', async () => {
    const store = createKeyvStore();
    const keyv = new Keyv(store);
    await keyv.disconnect();
    await expect(store.cache.cleanup()).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
  });
});
