/** What a cache is given or tells, and what throws: serializers, weighers, loaders, collectors and listeners. */
import { describe, expect, test } from 'vitest';
import {
  type CacheOption,
  createShardedCache,
  type ShardedCache,
  withAlerts,
  withCapacity,
  withClock,
  withCompression,
  withCompressionThreshold,
  withHashFunction,
  withMaxRetries,
  withMaxShardConcurrency,
  withMemoryLimit,
  withMetricsCollector,
  withSerializer,
  withShardCount,
  withTTL,
  withWeigher,
} from '../../src/cache/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

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

  test('a serializer or weigher that fails while writing or weighing leaves neither the new value nor the old', () => {
    let isBroken = false;
    const serializer = {
      serialize: (value: object) => (isBroken ? broken() : Buffer.from(JSON.stringify(value))),
      deserialize: (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as object,
    };
    for (const cache of [
      createShardedCache<object>(withSerializer(serializer), withCompression(true)),
      createShardedCache<object>(withSerializer(serializer), withMemoryLimit('1MiB')),
      createShardedCache<object>(withWeigher(() => (isBroken ? broken() : 1))),
    ]) {
      isBroken = false;
      cache.set('a', { n: 1 });
      cache.set('bystander', { n: 2 });
      isBroken = true;
      expect([cache.set('a', { n: 3 }), cache.has('a'), cache.size]).toEqual([false, false, 1]);
      expect(cache.metrics().containedErrors).toBe(1);
    }
  });

  test.each([
    ['throws', broken],
    ['rejects', async () => broken()],
  ])('a loader that %s fails those who wait, and leaves nothing behind: no entry, no slot taken', async (_, loader) => {
    const cache = createShardedCache<number>(withShardCount(1), withMaxShardConcurrency(1), withMaxRetries(0));
    cache.set('bystander', 1);
    const waiting = ['a', 'a', 'b'].map((key) => cache.getOrLoad(key, loader));
    const reason = expect.objectContaining({ message: 'helper' }) as Error;
    expect(await Promise.allSettled(waiting)).toEqual(waiting.map(() => ({ status: 'rejected', reason })));
    expect([...cache.keys()]).toEqual(['bystander']);
    expect(cache.metrics()).toMatchObject({ loads: 2, loadFailures: 2, containedErrors: 0 });
    expect(await cache.getOrLoad('a', () => 2)).toBe(2);
  });
});

describe('those who are told, and throw', () => {
  const HOOKS = ['onHit', 'onMiss', 'onSet', 'onEviction', 'onExpiration'] as const;
  const EVENTS = ['entry-evicted', 'entry-expired', 'shards-resized', 'alert', 'alert-cleared', 'closed'] as const;
  type Create = (settings: CacheOption<number>[], broken: () => never) => ShardedCache<number>;
  const tellers: readonly (readonly [string, Create])[] = [
    ...HOOKS.map((hook): [string, Create] => [
      `a collector in ${hook}`,
      (settings, broken) => createShardedCache<number>(...settings, withMetricsCollector({ [hook]: broken })),
    ]),
    ...EVENTS.map((kind): [string, Create] => [
      `a listener to ${kind}`,
      (settings, broken) => {
        const cache = createShardedCache<number>(...settings);
        cache.on(kind, broken);
        return cache;
      },
    ]),
    [
      'the listener of withAlerts',
      (settings, broken) => createShardedCache<number>(...settings, withAlerts('guide', broken)),
    ],
  ];

  /** All that there is to tell happens to a cache; returns what came of it. */
  async function liveThrough(create: (settings: CacheOption<number>[]) => ShardedCache<number>): Promise<unknown> {
    const clock = createFakeClock();
    const cache = create([
      withClock(clock),
      withTTL('1s'),
      withCapacity(20),
      withShardCount(2),
      withHashFunction(Number),
      withAlerts('guide'),
    ]);
    for (let i = 0; i < 300; i++) {
      cache.set(`k${i % 40}`, i);
      cache.get(`k${(i * 7) % 40}`);
      if (i % 20 === 0) clock.advance(400);
    }
    cache.set('brief', 1, { ttl: 1 });
    clock.advance(1);
    cache.get('brief');
    await cache.cleanup();
    await cache.resize(16);
    const entries = [...cache.entries()].toSorted();
    for (let i = 0; i < 1000; i++) cache.get('absent');
    await clock.advanceAsync(10_000);
    cache.set('asked for', 1, { ttl: 0 });
    for (let i = 0; i < 50_000; i++) cache.get('asked for');
    await clock.advanceAsync(60_000);
    const { hits, misses, evictions, expirations } = cache.metrics();
    await cache.close();
    return { entries, hits, misses, evictions, expirations, errors: cache.metrics().containedErrors };
  }

  test.each(tellers)('%s: the cache does what it would do, and counts each time', async (_, create) => {
    let thrown = 0;
    const broken = (): never => {
      thrown++;
      throw new Error('told');
    };
    const outcome = await liveThrough((settings) => create(settings, broken));
    const calm = await liveThrough((settings) => createShardedCache<number>(...settings));
    expect(thrown).toBeGreaterThan(0);
    expect(outcome).toEqual({ ...(calm as object), errors: thrown });
  });
});
