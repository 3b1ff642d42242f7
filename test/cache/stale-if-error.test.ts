import { describe, expect, test } from 'vitest';
import {
  type CacheOption,
  createShardedCache,
  type ShardedCache,
  withClock,
  withCompression,
  withMaxRetries,
  withStaleIfError,
  withStaleWhileRevalidate,
  withTTL,
} from '../../src/cache/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';

/** 'a' holds 'old', expired a moment ago: to live 10 s, to be kept 60 s more for errors. */
function scene(...more: readonly CacheOption<string>[]): { clock: FakeClock; cache: ShardedCache<string> } {
  const clock = createFakeClock();
  const cache = createShardedCache<string>(
    withClock(clock),
    withTTL('10s'),
    withStaleIfError('1m'),
    withMaxRetries(0),
    ...more,
  );
  cache.set('a', 'old');
  clock.advance(10_000);
  return { clock, cache };
}
const fail = (): never => {
  throw new Error('down');
};

describe('a load that fails', () => {
  test('is answered with the expired value, and one that succeeds is not', async () => {
    const { cache } = scene();
    expect(await cache.getOrLoad('a', fail)).toBe('old');
    expect(cache.metrics()).toMatchObject({ staleHits: 1, loads: 1, loadFailures: 1, refreshFailures: 0 });
    expect(await cache.getOrLoad('a', () => 'new')).toBe('new');
    expect(cache.get('a')).toBe('new');
  });

  test('is a failure once the window is over, to the millisecond, and for a key that was deleted', async () => {
    const { clock, cache } = scene();
    clock.advance(59_999);
    expect(await cache.getOrLoad('a', fail)).toBe('old');
    clock.advance(1);
    await expect(cache.getOrLoad('a', fail)).rejects.toThrow('down');
    const other = scene();
    other.cache.delete('a');
    await expect(other.cache.getOrLoad('a', fail)).rejects.toThrow('down');
  });

  test('is no affair of a caller who has left', async () => {
    const { cache } = scene();
    const controller = new AbortController();
    const waiting = cache.getOrLoad('a', () => new Promise<string>(() => undefined), { signal: controller.signal });
    controller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
  });

  test('in the background leaves the expired value for the next caller', async () => {
    const { clock, cache } = scene(withStaleWhileRevalidate('5s'));
    expect(await cache.getOrLoad('a', fail)).toBe('old');
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(5_000);
    expect(await cache.getOrLoad('a', fail)).toBe('old');
    expect(cache.metrics()).toMatchObject({ staleHits: 2, loadFailures: 2, refreshFailures: 1 });
  });
});

describe('getStale', () => {
  test('gives an expired value within the window of its use, and no other verb does', () => {
    const { clock, cache } = scene(withStaleWhileRevalidate('5s'));
    expect([cache.get('a'), cache.peek('a'), cache.has('a')]).toEqual([undefined, undefined, false]);
    expect([cache.getStale('a', 'while-revalidate'), cache.getStale('a', 'if-error')]).toEqual(['old', 'old']);
    clock.advance(5_000);
    expect([cache.getStale('a', 'while-revalidate'), cache.getStale('a', 'if-error')]).toEqual([undefined, 'old']);
    clock.advance(55_000);
    expect(cache.getStale('a', 'if-error')).toBeUndefined();
    expect(cache.metrics().staleHits).toBe(3);
  });

  test('gives a fresh copy of a compressed value, and nothing for what is no key', () => {
    const { cache } = scene(withCompression(true));
    expect([cache.getStale('a', 'if-error'), cache.getStale(7 as never, 'if-error')]).toEqual(['old', undefined]);
  });

  test('gives nothing where nothing is kept, and follows tune()', () => {
    const { clock, cache } = scene();
    cache.tune({ staleIfErrorMs: 0 });
    expect(cache.getStale('a', 'if-error')).toBeUndefined();
    cache.tune({ staleIfErrorMs: 1 });
    expect(cache.getStale('a', 'if-error')).toBe('old');
    clock.advance(1);
    expect(cache.getStale('a', 'if-error')).toBeUndefined();
  });

  test('leaves cleanup its work once the window is over', async () => {
    const { clock, cache } = scene();
    expect([await cache.cleanup(), cache.size]).toEqual([0, 1]);
    clock.advance(60_000);
    expect([await cache.cleanup(), cache.size]).toEqual([1, 0]);
  });
});
