/** withAlerts through the cache's public door; the rules themselves are tested in test/adaptive. */
import { channel } from 'node:diagnostics_channel';
import { describe, expect, test } from 'vitest';
import {
  type Alert,
  createShardedCache,
  type ShardedCache,
  withAlerts,
  withCapacity,
  withClock,
  withHashFunction,
  withMemoryLimit,
  withShardCount,
} from '../../src/cache/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';

const INTERVAL_MS = 10_000;

/** What was told of the alert `name`: the CPU's own depends on the machine. */
function toldOf(name: string, cache: ShardedCache<number>): string[] {
  const told: string[] = [];
  cache.on('alert', (alert) => void (alert.name === name && told.push(alert.level)));
  cache.on('alert-cleared', (alert) => void (alert.name === name && told.push('cleared')));
  return told;
}
/** An interval with `hits` hits in a hundred reads. */
function interval(cache: ShardedCache<number>, clock: FakeClock, hits: number): void {
  cache.set('there', 1);
  for (let i = 0; i < 100; i++) cache.get(i < hits ? 'there' : 'absent');
  clock.advance(INTERVAL_MS);
}
const linesOf = (cache: ShardedCache<number>): string[] =>
  cache
    .prometheus()
    .split('\n')
    .filter((line) => line.startsWith('sherd_cache_alerts'));

describe('the guide', () => {
  test('an alert is told to the listener given, to on() and to the channel, stands in the metrics, and clears', () => {
    const clock = createFakeClock();
    const given: Alert[] = [];
    const onChannel: unknown[] = [];
    const note = (message: unknown): void => void onChannel.push(message);
    channel('sherd:cache:alert').subscribe(note);
    const cache = createShardedCache<number>(
      withClock(clock),
      withAlerts('guide', (alert) => given.push(alert)),
    );
    const told = toldOf('minHitRate', cache);
    expect([cache.metrics().alerts, linesOf(cache)]).toEqual([
      [],
      ['sherd_cache_alerts{level="warning"} 0', 'sherd_cache_alerts{level="critical"} 0'],
    ]);
    for (const hits of [79, 10, 79]) interval(cache, clock, hits);
    expect([told, cache.metrics().alerts]).toEqual([['warning'], given]);
    expect(given).toMatchObject([{ name: 'minHitRate', level: 'warning', value: 0.79, threshold: 0.8 }]);
    expect(linesOf(cache)[0]).toBe('sherd_cache_alerts{level="warning"} 1');
    interval(cache, clock, 80);
    expect([told, cache.metrics().alerts]).toEqual([['warning', 'cleared'], []]);
    channel('sherd:cache:alert').unsubscribe(note);
    expect(onChannel).toEqual(given);
  });

  test('fewer reads than the minimum are not judged', () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withAlerts('guide'));
    for (let i = 0; i < 99; i++) cache.get('absent');
    clock.advance(INTERVAL_MS);
    expect(cache.metrics().alerts).toEqual([]);
  });
});

test('the hub has two levels: a warning rises to critical and clears once', () => {
  const clock = createFakeClock();
  const cache = createShardedCache<number>(withClock(clock), withAlerts('hub'));
  const told = toldOf('minHitRate', cache);
  for (const hits of [50, 49, 30, 29, 45, 50]) interval(cache, clock, hits);
  expect(told).toEqual(['warning', 'critical', 'cleared']);
});

test('the hub holds memory against the limit', () => {
  const clock = createFakeClock();
  const cache = createShardedCache<number>(withClock(clock), withAlerts('hub'), withMemoryLimit(100_000));
  const told = toldOf('maxMemoryShare', cache);
  for (const weight of [70_000, 80_000, 90_000, 10_000]) {
    cache.set('a', 1, { weight });
    clock.advance(INTERVAL_MS);
  }
  expect(told).toEqual(['warning', 'critical', 'cleared']);
});

test('own thresholds lie over those of the guide', () => {
  const clock = createFakeClock();
  const cache = createShardedCache<number>(withClock(clock), withAlerts({ minHitRate: 0.5, maxMemoryUsage: 1000 }));
  const [hits, memory] = [toldOf('minHitRate', cache), toldOf('maxMemoryUsage', cache)];
  cache.set('a', 1, { weight: 1000 });
  interval(cache, clock, 60);
  expect([hits, memory]).toEqual([[], ['warning']]);
  interval(cache, clock, 40);
  expect(hits).toEqual(['warning']);
});

describe('shard imbalance', () => {
  /** Every fourth key, by its number, goes to the second of two shards. */
  const uneven = (clock: FakeClock): ShardedCache<number> =>
    createShardedCache<number>(
      withClock(clock),
      withShardCount(2),
      withCapacity(10_000),
      withHashFunction((key) => (Number(key) % 4 === 0 ? 1 : 0)),
      withAlerts('guide'),
    );

  test('is judged from 400 entries a shard', () => {
    const clock = createFakeClock();
    const cache = uneven(clock);
    const told = toldOf('maxShardImbalance', cache);
    for (let i = 0; i < 799; i++) cache.set(`${i}`, i);
    clock.advance(INTERVAL_MS);
    expect(told).toEqual([]);
    cache.set('799', 1);
    clock.advance(INTERVAL_MS);
    expect(told).toEqual(['warning']);
  });

  test('is not judged while a resize fills the shards one after another', async () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withShardCount(4), withAlerts('guide'));
    const told = toldOf('maxShardImbalance', cache);
    for (let i = 0; i < 4000; i++) cache.set(`${i}`, i);
    const resized = cache.resize(2);
    let looks = 0;
    while (cache.metrics().shardBalance.reduce((sum, size) => sum + size, 0) < 4000 || looks === 0) {
      clock.advance(INTERVAL_MS);
      told.push(...cache.diagnose().map(({ id }) => id));
      looks++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await resized;
    expect([told, looks > 3]).toEqual([[], true]);
  });
});
