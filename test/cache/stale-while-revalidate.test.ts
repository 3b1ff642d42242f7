import { describe, expect, test, vi } from 'vitest';
import {
  type CacheOption,
  createShardedCache,
  type ShardedCache,
  withCapacity,
  withCleanupStrategy,
  withClock,
  withCompression,
  withMaxRetries,
  withMemoryLimit,
  withShardCount,
  withStaleWhileRevalidate,
  withTTL,
} from '../../src/cache/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';

interface Scene {
  readonly clock: FakeClock;
  readonly cache: ShardedCache<string>;
}

/** 'a' holds 'old', expired a moment ago: to live 10 s, to be kept 60 s more. */
function scene(...more: readonly CacheOption<string>[]): Scene {
  const clock = createFakeClock();
  const cache = createShardedCache<string>(
    withClock(clock),
    withTTL('10s'),
    withStaleWhileRevalidate('1m'),
    withMaxRetries(0),
    ...more,
  );
  cache.set('a', 'old', { tags: ['t'] });
  clock.advance(10_000);
  return { clock, cache };
}

/** A loader that waits until told. */
function heldLoader() {
  let settle!: { resolve(value: string): void; reject(error: Error): void };
  const outcome = new Promise<string>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const signals: AbortSignal[] = [];
  const loader = vi.fn((_key: string, { signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return outcome;
  });
  return { loader, signals, ...settle };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const fail = (): never => {
  throw new Error('down');
};

describe('within the window', () => {
  test('getOrLoad gives the expired value at once, and one load replaces it however many ask', async () => {
    const { cache } = scene();
    const held = heldLoader();
    const given = await Promise.all(Array.from({ length: 100 }, () => cache.getOrLoad('a', held.loader)));
    expect(new Set(given)).toEqual(new Set(['old']));
    expect(held.loader).toHaveBeenCalledTimes(1);
    held.resolve('new');
    await turn();
    expect([cache.get('a'), await cache.getOrLoad('a', fail)]).toEqual(['new', 'new']);
    expect(cache.metrics()).toMatchObject({ staleHits: 100, loads: 1, loadFailures: 0, refreshFailures: 0 });
  });

  test('no other verb gives it, and a read of it is a miss', async () => {
    const { cache } = scene();
    expect([cache.get('a'), cache.peek('a'), cache.has('a'), await cache.getAsync('a')]).toEqual([
      undefined,
      undefined,
      false,
      undefined,
    ]);
    expect([[...cache.keys()], [...cache.entries()], [...cache.getMany(['a'])]]).toEqual([[], [], []]);
    expect([cache.addDependency('a', 'source'), cache.metrics().misses, cache.metrics().hits]).toEqual([false, 3, 0]);
    expect(await cache.getOrLoad('a', heldLoader().loader)).toBe('old');
  });

  test('it ends when the window does: to the millisecond', async () => {
    const { clock, cache } = scene();
    clock.advance(59_999);
    expect(await cache.getOrLoad('a', fail)).toBe('old');
    await turn();
    clock.advance(1);
    expect(await cache.getOrLoad('a', () => 'new')).toBe('new');
  });

  test.each([
    ['10s', 'old', 9999],
    [10_000, 'new', 10_000],
    [0, 'new', 0],
  ] as const)('a call that takes %s gets %s after %i ms', async (staleWhileRevalidate, expected, afterMs) => {
    const { clock, cache } = scene();
    clock.advance(afterMs);
    expect(await cache.getOrLoad('a', () => 'new', { staleWhileRevalidate })).toBe(expected);
  });

  test.each(['61s', -1, Number.NaN, 'soon'] as const)(
    'a call cannot take %s: entries are not kept for it',
    async (bad) => {
      const { cache } = scene();
      const loading = cache.getOrLoad('a', fail, { staleWhileRevalidate: bad as never });
      await expect(loading).rejects.toMatchObject({ code: 'ERR_CACHE_STALE_WINDOW_INVALID' });
    },
  );

  test('a caller who does not take it joins the load in the background', async () => {
    const { cache } = scene();
    const held = heldLoader();
    expect(await cache.getOrLoad('a', held.loader)).toBe('old');
    const waiting = cache.getOrLoad('a', fail, { staleWhileRevalidate: 0 });
    held.resolve('new');
    expect(await waiting).toBe('new');
  });

  test('a compressed value is a fresh copy here, too', async () => {
    const { cache } = scene(withCompression(true));
    expect(await cache.getOrLoad('a', heldLoader().loader)).toBe('old');
  });
});

describe('a load in the background that fails', () => {
  test('is counted, leaves the expired value until its window ends, and is tried again by the next who asks', async () => {
    const { clock, cache } = scene();
    for (let i = 0; i < 3; i++) {
      expect(await cache.getOrLoad('a', fail)).toBe('old');
      await turn();
    }
    expect(cache.metrics()).toMatchObject({ staleHits: 3, loads: 3, loadFailures: 3, refreshFailures: 3 });
    clock.advance(60_000);
    await expect(cache.getOrLoad('a', fail)).rejects.toThrow('down');
    expect(cache.metrics()).toMatchObject({ staleHits: 3, loadFailures: 4, refreshFailures: 3 });
  });

  test('is no unhandled rejection when a caller has joined it and left', async () => {
    const { cache } = scene();
    const held = heldLoader();
    expect(await cache.getOrLoad('a', held.loader)).toBe('old');
    const controller = new AbortController();
    const left = expect(
      cache.getOrLoad('a', fail, { staleWhileRevalidate: 0, signal: controller.signal }),
    ).rejects.toThrow('left');
    controller.abort(new Error('left'));
    await left;
    expect(held.signals[0]?.aborted).toBe(false);
    held.reject(new Error('down'));
    await turn();
    expect(cache.metrics().refreshFailures).toBe(1);
  });

  test('a loader that finds no value ends it: the expired one is not given again', async () => {
    const { cache } = scene();
    expect(await cache.getOrLoad('a', () => undefined as never)).toBe('old');
    await turn();
    expect(await cache.getOrLoad('a', () => 'new')).toBe('new');
  });
});

describe('a change', () => {
  const changes: [string, (cache: ShardedCache<string>) => unknown, string | undefined][] = [
    ['set', (cache) => cache.set('a', 'newer'), 'newer'],
    ['delete', (cache) => cache.delete('a'), undefined],
    ['clear', (cache) => cache.clear(), undefined],
    ['a refused set', (cache) => cache.set('a', 'x'.repeat(200_000)), undefined],
    ['invalidateByTag', (cache) => cache.invalidateByTag('t'), undefined],
    ['invalidateByPattern', (cache) => cache.invalidateByPattern('a*'), undefined],
    ['a change of its source', (cache) => cache.delete('source'), undefined],
  ];
  const dependent = (): Scene => {
    const built = scene(withMemoryLimit('100KiB'));
    built.cache.set('a', 'old', { tags: ['t'] });
    built.cache.addDependency('a', 'source');
    built.clock.advance(10_000);
    return built;
  };

  test.each(changes)('%s during the load wins over it', async (_name, change, kept) => {
    const { cache } = dependent();
    const held = heldLoader();
    expect(await cache.getOrLoad('a', held.loader)).toBe('old');
    await change(cache);
    held.resolve('outdated');
    await turn();
    expect(cache.get('a')).toBe(kept);
    expect(await cache.getOrLoad('a', () => 'loaded')).toBe(kept ?? 'loaded');
  });

  test.each(changes)('%s before anybody asks ends the expired value', async (_name, change, kept) => {
    const { cache } = dependent();
    await change(cache);
    expect(await cache.getOrLoad('a', () => 'loaded')).toBe(kept ?? 'loaded');
  });
});

describe('collection', () => {
  test('a round of cleanup leaves what is within its window and takes what is past it', async () => {
    const { clock, cache } = scene();
    const expired = vi.fn();
    cache.on('entry-expired', expired);
    expect([await cache.cleanup(), cache.size]).toEqual([0, 1]);
    clock.advance(59_999);
    expect([await cache.cleanup(), cache.size]).toEqual([0, 1]);
    clock.advance(1);
    expect([await cache.cleanup(), cache.size]).toEqual([1, 0]);
    expect(expired.mock.calls).toEqual([[{ key: 'a', value: 'old' }]]);
  });

  test('without rounds, a read collects what is past its window', () => {
    const { clock, cache } = scene(withCleanupStrategy('lazy'));
    cache.get('a');
    expect(cache.size).toBe(1);
    clock.advance(60_000);
    cache.get('a');
    expect([cache.size, cache.metrics().expirations]).toEqual([0, 1]);
  });

  test('an expired entry makes room like any other', async () => {
    const { cache } = scene(withCapacity(1), withShardCount(1));
    cache.set('b', 'other');
    expect([cache.size, cache.has('b')]).toEqual([1, true]);
    expect(await cache.getOrLoad('a', () => 'loaded')).toBe('loaded');
  });

  test('tune begins and ends it', async () => {
    const { clock, cache } = scene();
    cache.tune({ staleWhileRevalidateMs: 0 });
    expect(cache.get('a')).toBeUndefined();
    expect(cache.size).toBe(0);
    cache.set('b', 'old');
    cache.tune({ staleWhileRevalidateMs: 1000 });
    clock.advance(10_999);
    expect(cache.get('b')).toBeUndefined();
    expect(await cache.getOrLoad('b', () => 'new')).toBe('old');
  });
});

test('close does not wait for a load that nobody waits for', async () => {
  const { clock, cache } = scene();
  const held = heldLoader();
  expect(await cache.getOrLoad('a', held.loader)).toBe('old');
  // No time passes: the patience of close() never ends.
  await cache.close();
  expect([held.signals[0]?.aborted, clock.pendingTimers, cache.metrics().refreshFailures]).toEqual([true, 0, 0]);
});
