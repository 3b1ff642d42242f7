/** Found by review: orders of events in which a cache lied, lost a request, or did not come to rest. */
import { describe, expect, test, vi } from 'vitest';
import {
  createShardedCache,
  type ShardedCache,
  withClock,
  withMaxRetries,
  withMaxShardConcurrency,
  withRetryDelay,
  withShardCount,
} from '../../src/cache/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

/** A loader that ends when told, whatever its signal says. */
function deafLoader<V>(): { readonly loader: () => Promise<V>; readonly resolve: (value: V) => void } {
  let resolve!: (value: V) => void;
  const outcome = new Promise<V>((settle) => {
    resolve = settle;
  });
  return { loader: () => outcome, resolve };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('loads', () => {
  test('null is a value: getOrLoad reads it and does not load again', async () => {
    const cache = createShardedCache<string | null>();
    const loader = vi.fn(() => null);
    expect(await cache.getOrLoad('nobody', loader)).toBeNull();
    expect(await cache.getOrLoad('nobody', loader)).toBeNull();
    expect(loader).toHaveBeenCalledTimes(1);
  });

  test.each(['delete', 'nothing'])(
    'a load that everybody left is not stored over what came later (%s)',
    async (later) => {
      const cache = createShardedCache<string>(withMaxRetries(0));
      const [abandoned, next] = [deafLoader<string>(), deafLoader<string>()];
      const controller = new AbortController();
      const left = expect(cache.getOrLoad('a', abandoned.loader, { signal: controller.signal })).rejects.toThrow();
      controller.abort();
      await left;
      const waiting = cache.getOrLoad('a', next.loader);
      if (later === 'delete') cache.delete('a');
      next.resolve('new');
      expect(await waiting).toBe('new');
      abandoned.resolve('old');
      await turn();
      expect(cache.get('a')).toBe(later === 'delete' ? undefined : 'new');
    },
  );

  test.each([
    [{ tags: 'red' }, 'ERR_CACHE_TAGS_INVALID'],
    [{ tags: 5 }, 'ERR_CACHE_TAGS_INVALID'],
    [{ weight: -1 }, 'ERR_CACHE_WEIGHT_INVALID'],
    [{ ttl: 'soon' }, 'ERR_CACHE_TTL_INVALID'],
  ])('bad options %j are refused before anything is loaded', async (options, code) => {
    const cache = createShardedCache<string>();
    const loader = vi.fn(() => 'x');
    await expect(cache.getOrLoad('a', loader, options as never)).rejects.toMatchObject({ code });
    expect(loader).not.toHaveBeenCalled();
  });

  test('options that change while the load runs do not count', async () => {
    const cache = createShardedCache<string>();
    const held = deafLoader<string>();
    const options = { tags: ['t'], weight: 7 };
    const waiting = cache.getOrLoad('a', held.loader, options);
    options.tags.push(5 as never);
    options.weight = -1;
    held.resolve('v');
    expect(await waiting).toBe('v');
    expect(await cache.invalidateByTag('t')).toBe(1);
  });

  test('a waiting load that is admitted after everybody left never starts', async () => {
    const cache = createShardedCache<string>(withShardCount(1), withMaxShardConcurrency(1), withMaxRetries(0));
    const first = deafLoader<string>();
    const waiting = cache.getOrLoad('a', first.loader);
    const controller = new AbortController();
    const loader = vi.fn(() => 'x');
    const left = expect(cache.getOrLoad('b', loader, { signal: controller.signal })).rejects.toThrow();
    first.resolve('v');
    await waiting;
    controller.abort();
    await left;
    await turn();
    expect(await cache.getOrLoad('c', () => 'c')).toBe('c');
  });
});

describe('resize', () => {
  test('one asked for by a listener of shards-resized takes place', async () => {
    const cache = createShardedCache<number>(withShardCount(2));
    for (let i = 0; i < 2000; i++) cache.set(`k${i}`, i);
    let second: Promise<void> | undefined;
    cache.on('shards-resized', ({ to }) => {
      if (to === 16) second = cache.resize(4);
    });
    await cache.resize(16);
    await second;
    expect([cache.shardCount, cache.size]).toEqual([4, 2000]);
  });

  test.each([1, 2, 3, 4, 5])('one asked for %i microtasks after the last step takes place', async (count) => {
    const cache = createShardedCache<number>(withShardCount(2));
    let second: Promise<void> | undefined;
    const resizeAfter = async (microtasks: number): Promise<void> => {
      for (let i = 0; i < microtasks; i++) await undefined;
      second ??= cache.resize(4);
    };
    cache.on('shards-resized', () => void resizeAfter(count));
    await cache.resize(16);
    for (let i = 0; i < 5; i++) await turn();
    await second;
    expect(cache.shardCount).toBe(4);
  });
});

describe('closing', () => {
  const holding = (): { cache: ShardedCache<string>; clock: ReturnType<typeof createFakeClock> } => {
    const clock = createFakeClock();
    return { cache: createShardedCache<string>(withClock(clock), withMaxRetries(3), withRetryDelay('1h')), clock };
  };

  test('a set that is refused while the cache closes leaves no old value to be read', async () => {
    const { cache, clock } = holding();
    cache.set('a', 'old');
    const held = deafLoader<string>();
    const waiting = cache.getOrLoad('b', held.loader);
    const closed = cache.close();
    expect(cache.set('a', 'new')).toBe(false);
    expect(cache.get('a')).toBeUndefined();
    held.resolve('v');
    expect(await waiting).toBe('v');
    await closed;
    expect(clock.pendingTimers).toBe(0);
  });

  test.each(['a loader that never ends', 'a wait for a retry'])('ends %s once its patience is over', async (kind) => {
    const { cache, clock } = holding();
    const signals: AbortSignal[] = [];
    const loader = (_key: string, { signal }: { signal: AbortSignal }): Promise<string> => {
      signals.push(signal);
      return kind === 'a wait for a retry' ? Promise.reject(new Error('down')) : new Promise(() => undefined);
    };
    const outcome = expect(cache.getOrLoad('a', loader)).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
    await clock.advanceAsync(0);
    const closed = cache.close();
    await clock.advanceAsync(5000);
    await Promise.all([closed, outcome]);
    expect([signals.length, signals[0]?.aborted, clock.pendingTimers]).toEqual([1, true, 0]);
  });

  test('a resize, an invalidation and a cleanup round under way all end', async () => {
    const cache = createShardedCache<number>(withShardCount(1));
    for (let i = 0; i < 5000; i++) cache.set(`k${i}`, i, { tags: ['t'] });
    const running = [cache.resize(64), cache.invalidateByTag('t'), cache.invalidateByPattern('*'), cache.cleanup()];
    await turn();
    const onClosed = vi.fn();
    cache.on('closed', onClosed);
    await Promise.all([cache.close(), cache.close()]);
    expect(onClosed).toHaveBeenCalledTimes(1);
    expect((await Promise.allSettled(running)).map(({ status }) => status)).toEqual(running.map(() => 'fulfilled'));
    expect(cache.size).toBe(0);
  });
});
