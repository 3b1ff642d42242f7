/** Found by review: what creating and tuning a cache did to its surroundings, and what it let pass. */
import { expect, test } from 'vitest';
import {
  type CacheOption,
  createShardedCache,
  isConfigError,
  withAutoTuning,
  withCapacity,
  withClock,
  withCompression,
  withMaxMemoryMB,
  withMemoryLimit,
  withSerializer,
  withSettings,
  withTTL,
  withWarmup,
  withWeigher,
} from '../../src/cache/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

function issuesOf(run: () => unknown): readonly { path: string; setBy: string; expected: string; received: string }[] {
  try {
    run();
  } catch (error) {
    if (isConfigError(error)) return error.issues;
    throw error;
  }
  return expect.unreachable();
}

test('every bad entry of a warm-up is named in one ConfigError, and nothing stays behind', async () => {
  const clock = createFakeClock();
  const entries = [['a', 1], ['bad\ud800', 2], 7, ['c', undefined], ['d', 4]] as unknown as [string, number][];
  const issues = issuesOf(() => createShardedCache(withClock(clock), withAutoTuning(true), withWarmup(entries)));
  expect(issues.map(({ path, setBy }) => [path, setBy])).toEqual([
    ['warmup[1]', 'withWarmup(entries)'],
    ['warmup[2]', 'withWarmup(entries)'],
    ['warmup[3]', 'withWarmup(entries)'],
  ]);
  await clock.advanceAsync(0);
  expect(clock.pendingTimers).toBe(0);
});

test('a warm-up whose iterator throws leaves nothing behind', async () => {
  const clock = createFakeClock();
  function* broken(): Generator<[string, number]> {
    yield ['a', 1];
    throw new RangeError('source of the entries');
  }
  expect(() => createShardedCache(withClock(clock), withWarmup(broken()))).toThrow('source of the entries');
  await clock.advanceAsync(0);
  expect(clock.pendingTimers).toBe(0);
});

test('a warm-up is let go once it is stored, and explain() still says who gave it', () => {
  const cache = createShardedCache(withWarmup(new Map([['a', 1]])), withCapacity(5));
  const expected = { key: 'warmup', value: undefined, setBy: 'withWarmup(entries)', note: 'stored, then let go' };
  for (const changed of [5, 6]) {
    cache.tune({ capacity: changed });
    expect(cache.explain().find((row) => row.key === 'warmup')).toMatchObject(expected);
  }
  expect(
    createShardedCache()
      .explain()
      .find((row) => row.key === 'warmup')?.note,
  ).toBeUndefined();
  expect(cache.get('a')).toBe(1);
});

test('the objects handed to withSettings and tune stay the property of the caller', () => {
  const settings = { capacity: 5 };
  const cache = createShardedCache(withSettings(settings));
  settings.capacity = 6;
  cache.tune(settings);
  settings.capacity = 7;
  expect(cache.capacity).toBe(6);
});

test('a memory limit set by tune() weighs objects by their serialised length, as one set at creation', () => {
  const cache = createShardedCache<object>();
  cache.tune({ maxBytes: 20_000 });
  expect(cache.set('a', { text: 'x'.repeat(30_000) })).toBe(false);
  expect(cache.set('b', { text: 'x'.repeat(10_000) })).toBe(true);
  expect(cache.bytes).toBeGreaterThan(10_000);
});

test('a weight counts for the value: key and overhead come on top, as with a weigher', () => {
  const byWeigher = createShardedCache(withWeigher((_value: string) => 12_345));
  const byWeight = createShardedCache<string>();
  byWeigher.set('key', 'x');
  byWeight.set('key', 'x', { weight: 12_345 });
  expect(byWeight.bytes).toBe(byWeigher.bytes);
});

test('entries said to weigh nothing cannot exceed the memory limit', () => {
  const cache = createShardedCache<number>(withMemoryLimit(1024), withCapacity(10_000));
  for (let i = 0; i < 1000; i++) cache.set(`k${i}`, i, { weight: 0 });
  expect(cache.size).toBeLessThan(12);
});

test('an entry of two strings weighs their characters and 88 bytes', () => {
  const cache = createShardedCache<string>();
  cache.set('key', 'value');
  cache.set('ключ', 'value');
  expect(cache.bytes).toBe(88 + 3 + 5 + (88 + 2 * 4 + 5));
});

test.each([[null], [true], [[]], ['5']])('a weigher that answers %j makes the set fail', (answer) => {
  const cache = createShardedCache(withWeigher((_value: number) => answer as unknown as number));
  expect(cache.set('a', 1)).toBe(false);
});

test('a serializer that gives no bytes makes the set fail, counted, instead of a frame nobody can read', () => {
  const json = { serialize: JSON.stringify as never, deserialize: JSON.parse as never };
  const cache = createShardedCache<object>(withCompression(true), withSerializer(json));
  expect(cache.set('a', { b: 1 })).toBe(false);
  expect([cache.has('a'), cache.metrics().containedErrors]).toEqual([false, 1]);
});

test('a keys iterator stands for the moment of the call', () => {
  const cache = createShardedCache<number>();
  cache.set('a', 1);
  const [keys, entries] = [cache.keys(), cache.entries()];
  cache.set('late', 2);
  expect([...keys]).toEqual(['a']);
  expect([...entries]).toEqual([['a', 1]]);
});

test.each([
  ['a plain object of settings', { capacity: 5 }, /withSettings/],
  ['an option that was not called', withTTL, /an option of cache/],
  ['undefined', undefined, /an option of cache/],
  ['null', null, /an option of cache/],
  ['a forged option without a patch', { scope: 'cache', label: 'mine' }, /an option of cache/],
  ['a forged option of null settings', { scope: 'cache', label: 'mine', patch: null }, /an option of cache/],
  ['a bundle of such', { scope: 'cache', label: 'mine', patch: {}, parts: [5] }, /an option of cache/],
])('%s in the list of options is a ConfigError', (_name, forged, expected) => {
  const issues = issuesOf(() => createShardedCache(withCapacity(0), forged as unknown as CacheOption));
  expect(issues).toHaveLength(2);
  expect(issues[1]?.expected).toMatch(expected);
  expect(issues[1]?.setBy).toMatch(/option 2|mine/);
});

test.each([null, undefined, 5, 'capacity'])('tune(%j) and withSettings(%j) are ConfigErrors', (settings) => {
  const cache = createShardedCache();
  expect(issuesOf(() => cache.tune(settings as never))).toHaveLength(1);
  expect(issuesOf(() => createShardedCache(withSettings(settings as never)))).toHaveLength(1);
});

test.each([[Object.create(null)], [['cpu x 4']], [Symbol('x')]])(
  'a shard count of a strange type is a ConfigError',
  (value) => {
    expect(issuesOf(() => createShardedCache(withSettings({ shardCount: value as number })))).toHaveLength(1);
  },
);

test('withMaxMemoryMB takes a number', () => {
  expect(issuesOf(() => createShardedCache(withMaxMemoryMB('64' as never)))[0]?.received).toBe("'64'");
});

test('bad options of a set are told without failing over their spelling', () => {
  const cache = createShardedCache<number>();
  expect(() => cache.set('a', 1, { ttl: Object.create(null) as never })).toThrow(/ttl is/);
  expect(() => cache.set('a', 1, { weight: Object.create(null) as never })).toThrow(/weight is/);
});
