import { getEventListeners } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import {
  createShardedCache,
  type ShardedCache,
  SherdError,
  withClock,
  withMaxRetries,
  withRetryDelay,
  withTTL,
} from '../../src/cache/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

/** A loader that waits until told. */
function heldLoader<V>() {
  let settle!: { resolve(value: V): void; reject(error: unknown): void };
  const outcome = new Promise<V>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const signals: AbortSignal[] = [];
  const loader = vi.fn((_key: string, { signal }: { signal: AbortSignal }) => {
    signals.push(signal);
    return outcome;
  });
  return { loader, signals, ...settle };
}
const noRetries = (): ShardedCache<string> => createShardedCache<string>(withMaxRetries(0));

describe('getOrLoad', () => {
  test('loads once however many ask, then reads', async () => {
    const cache = noRetries();
    const held = heldLoader<string>();
    const all = Promise.all(Array.from({ length: 1000 }, () => cache.getOrLoad('a', held.loader)));
    held.resolve('v');
    expect(new Set(await all)).toEqual(new Set(['v']));
    expect(held.loader).toHaveBeenCalledTimes(1);
    expect(await cache.getOrLoad('a', held.loader)).toBe('v');
    expect(held.loader).toHaveBeenCalledTimes(1);
  });

  test('a loader may answer at once, and with its own life and tags', async () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withTTL('1h'));
    expect(await cache.getOrLoad('a', () => 5, { ttl: '1s', tags: ['t'] })).toBe(5);
    clock.advance(1000);
    expect(cache.get('a')).toBeUndefined();
    await cache.getOrLoad('a', () => 6, { tags: ['t'] });
    expect(await cache.invalidateByTag('t')).toBe(1);
  });

  test('an error reaches those who wait, is not kept, and the next caller loads anew', async () => {
    const cache = noRetries();
    const held = heldLoader<string>();
    const waiting = Promise.allSettled([cache.getOrLoad('a', held.loader), cache.getOrLoad('a', held.loader)]);
    held.reject(new Error('down'));
    expect((await waiting).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    expect(await cache.getOrLoad('a', () => 'up')).toBe('up');
    expect(cache.metrics()).toMatchObject({ loads: 2, loadFailures: 1 });
  });

  test('an error that says it is final is not tried again', async () => {
    const cache = createShardedCache<string>(withMaxRetries(5));
    const loader = vi.fn(() => {
      throw new SherdError('no', { retryable: false });
    });
    await expect(cache.getOrLoad('a', loader)).rejects.toThrow('no');
    expect(loader).toHaveBeenCalledTimes(1);
  });

  test('undefined from a loader is handed over and not kept', async () => {
    const cache = createShardedCache<string | undefined>();
    expect(await cache.getOrLoad('a', () => undefined)).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test.each([
    ['set', (cache: ShardedCache<string>) => void cache.set('a', 'newer'), 'newer'],
    ['delete', (cache: ShardedCache<string>) => void cache.delete('a'), undefined],
    ['clear', (cache: ShardedCache<string>) => cache.clear(), undefined],
    ['invalidateByTag', (cache: ShardedCache<string>) => cache.invalidateByTag('t'), undefined],
    ['invalidateByPattern', (cache: ShardedCache<string>) => cache.invalidateByPattern('a*'), undefined],
  ])('%s during a load wins: the value is handed over and not stored', async (_name, overtake, kept) => {
    const cache = noRetries();
    const held = heldLoader<string>();
    const waiting = cache.getOrLoad('a', held.loader, { tags: ['t'] });
    await overtake(cache);
    held.resolve('old');
    expect(await waiting).toBe('old');
    expect(cache.get('a')).toBe(kept);
  });

  test('who asks after a delete does not get the load from before it', async () => {
    const cache = noRetries();
    const before = heldLoader<string>();
    const after = heldLoader<string>();
    const first = cache.getOrLoad('a', before.loader);
    cache.delete('a');
    const second = cache.getOrLoad('a', after.loader);
    after.resolve('new');
    expect(await second).toBe('new');
    before.resolve('old');
    expect(await first).toBe('old');
    expect(cache.get('a')).toBe('new');
  });
});

describe('leaving', () => {
  test('an abort takes only its caller; the load is cancelled when the last one leaves', async () => {
    const cache = noRetries();
    const held = heldLoader<string>();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = cache.getOrLoad('a', held.loader, { signal: one.signal });
    const second = cache.getOrLoad('a', held.loader, { signal: two.signal });
    one.abort(new Error('one left'));
    await expect(first).rejects.toThrow('one left');
    expect(held.signals[0]?.aborted).toBe(false);
    two.abort(new Error('two left'));
    await expect(second).rejects.toThrow('two left');
    expect(held.signals[0]?.aborted).toBe(true);
    expect([one, two].flatMap(({ signal }) => getEventListeners(signal, 'abort'))).toEqual([]);
  });

  test('a signal that has aborted already rejects before anything is loaded', async () => {
    const cache = noRetries();
    const loader = vi.fn(() => 'x');
    await expect(cache.getOrLoad('a', loader, { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow(
      'gone',
    );
    expect(loader).not.toHaveBeenCalled();
  });

  test('an abort ends the wait for a retry, and leaves no timer', async () => {
    const clock = createFakeClock();
    const cache = createShardedCache<string>(withClock(clock), withMaxRetries(3), withRetryDelay('1h'));
    const timersBefore = clock.pendingTimers;
    const controller = new AbortController();
    const loader = vi.fn(() => {
      throw new Error('down');
    });
    const waiting = cache.getOrLoad('a', loader, { signal: controller.signal });
    const outcome = expect(waiting).rejects.toThrow('left');
    await clock.advanceAsync(0);
    controller.abort(new Error('left'));
    await outcome;
    await clock.advanceAsync(10 * 3_600_000);
    expect(loader).toHaveBeenCalledTimes(1);
    expect(clock.pendingTimers).toBe(timersBefore);
  });
});

describe('closing', () => {
  test('close lets a running load settle, then refuses new ones, and may be called again', async () => {
    const cache = noRetries();
    const held = heldLoader<string>();
    const waiting = cache.getOrLoad('a', held.loader);
    const closed = Promise.all([cache.close(), cache.close()]);
    held.resolve('v');
    expect(await waiting).toBe('v');
    await closed;
    expect([cache.get('a'), cache.set('a', 'x'), cache.size]).toEqual([undefined, false, 0]);
    await expect(cache.getOrLoad('a', () => 'x')).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
    await expect(cache.resize(8)).rejects.toMatchObject({ code: 'ERR_CACHE_CLOSED' });
    expect(() => cache.tune({ capacity: 5 })).toThrow(/closed/);
  });

  test('close does not wait for ever', async () => {
    const clock = createFakeClock();
    const cache = createShardedCache<string>(withClock(clock), withMaxRetries(0));
    const waiting = expect(cache.getOrLoad('a', heldLoader<string>().loader)).rejects.toThrow(/closed/);
    const closed = cache.close();
    await clock.advanceAsync(5000);
    await Promise.all([closed, waiting]);
    expect(clock.pendingTimers).toBe(0);
  });
});
