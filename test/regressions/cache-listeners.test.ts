/** Found by review: listeners and collectors that call back, throw or reject. */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import {
  createShardedCache,
  withAlerts,
  withCapacity,
  withClock,
  withMetricsCollector,
  withShardCount,
} from '../../src/cache/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

test('a listener that answers each eviction with a set neither overflows nor runs for ever', () => {
  const cache = createShardedCache<number>(withCapacity(8), withShardCount(2));
  let depth = 0;
  let deepest = 0;
  let next = 0;
  cache.on('entry-evicted', () => {
    deepest = Math.max(deepest, ++depth);
    cache.set(`again-${next++}`, 1);
    depth--;
  });
  for (let i = 0; i < 50; i++) cache.set(`k${i}`, i);
  expect([deepest, cache.size, [...cache.keys()].length]).toEqual([1, 8, 8]);
  expect(cache.metrics().containedErrors).toBeGreaterThan(0);
});

test('departures that listeners cause are told by the call that caused the first', () => {
  const cache = createShardedCache<number>(withCapacity(2), withShardCount(1));
  const told: string[] = [];
  cache.on('entry-evicted', ({ key }) => {
    told.push(key);
    if (key === 'a') cache.set('d', 1);
  });
  for (const key of ['a', 'b', 'c']) cache.set(key, 1);
  expect(told).toEqual(['a', 'b']);
});

test('a collector is not told of what it does to the cache itself', () => {
  const onHit = vi.fn((key: string) => void cache.get(key));
  const onSet = vi.fn((key: string) => void cache.set(`${key}'`, 1));
  const cache = createShardedCache<number>(withMetricsCollector({ onHit, onSet }));
  cache.set('a', 1);
  cache.get('a');
  expect([onHit.mock.calls.length, onSet.mock.calls.length, cache.size]).toEqual([1, 1, 2]);
  expect(cache.metrics().containedErrors).toBe(0);
});

test('what an async collector or alert listener rejects with is contained and counted', async () => {
  const reject = async (): Promise<void> => Promise.reject(new Error('listener'));
  const clock = createFakeClock();
  const cache = createShardedCache<number>(
    withClock(clock),
    withMetricsCollector({ onSet: reject }),
    withAlerts('guide', reject as () => void),
  );
  cache.set('a', 1);
  for (let i = 0; i < 5000; i++) cache.get('absent');
  await clock.advanceAsync(20_000);
  await wait(0);
  expect(cache.metrics().containedErrors).toBeGreaterThanOrEqual(2);
});

test('a closed cache leaves no timer of its alerts behind', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache(withClock(clock), withAlerts('guide'));
  await clock.advanceAsync(20_000);
  await cache.close();
  expect(clock.pendingTimers).toBe(0);
});
