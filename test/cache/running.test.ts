import { spawnSync } from 'node:child_process';
import { describe, expect, test, vi } from 'vitest';
import {
  createShardedCache,
  isConfigError,
  type ShardedCache,
  withAutoTuneInterval,
  withAutoTuning,
  withCapacity,
  withCleanupInterval,
  withClock,
  withHashFunction,
  withShardCount,
  withTTL,
} from '../../src/cache/index.js';
import { SliceQueue } from '../../src/cache/slices.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

describe('resize', () => {
  test('no key is lost or brought back while reads, writes and deletes go on', async () => {
    const cache = createShardedCache<number>(withCapacity(10_000), withShardCount(1), withTTL(0));
    const model = new Map<string, number>();
    for (let i = 0; i < 4000; i++) {
      cache.set(`k${i}`, i);
      model.set(`k${i}`, i);
    }
    for (const target of [64, 2, 16]) {
      const done = cache.resize(target);
      for (let i = 0; i < 2000; i++) {
        const key = `k${(i * 31) % 5000}`;
        if (i % 3 === 0) {
          model.set(key, i);
          cache.set(key, i);
        } else if (i % 3 === 1) expect(cache.delete(key)).toBe(model.delete(key));
        else expect(cache.get(key)).toBe(model.get(key));
        if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await done;
      expect(cache.metrics().shardBalance).toHaveLength(target);
      expect(new Map(cache.entries())).toEqual(model);
    }
  });

  test('a second resize supersedes the first, and both resolve', async () => {
    const cache = createShardedCache<number>(withCapacity(10_000));
    for (let i = 0; i < 5000; i++) cache.set(`k${i}`, i);
    const events: object[] = [];
    cache.on('shards-resized', ({ from, to }) => events.push({ from, to }));
    await Promise.all([cache.resize(4), cache.resize(128)]);
    expect([cache.shardCount, cache.size]).toEqual([128, 5000]);
    expect(events).toEqual([{ from: 32, to: 128 }]);
  });

  test('a count is rounded up, and a bad one is a ConfigError', async () => {
    const cache = createShardedCache();
    await cache.resize(33);
    expect(cache.shardCount).toBe(64);
    await expect(cache.resize(-1)).rejects.toThrow(expect.objectContaining({ code: 'ERR_CONFIG_INVALID' }) as Error);
    expect(cache.explain().find((row) => row.key === 'shardCount')?.changes).toMatchObject([
      { value: 64, setBy: 'resize(33)' },
    ]);
  });
});

describe('long work', () => {
  /** How often the event loop had its turn while `work` ran. */
  async function turnsDuring(work: Promise<unknown>): Promise<number> {
    let turns = 0;
    let isRunning = true;
    const count = (): void => {
      turns++;
      if (isRunning) setImmediate(count);
    };
    setImmediate(count);
    await work;
    isRunning = false;
    return turns;
  }

  test.each([
    ['resize', (cache: ShardedCache<number>) => cache.resize(64)],
    ['invalidateByTag', (cache: ShardedCache<number>) => cache.invalidateByTag('t')],
    ['invalidateByPattern', (cache: ShardedCache<number>) => cache.invalidateByPattern('k*')],
    ['cleanup', (cache: ShardedCache<number>) => cache.cleanup()],
  ])('%s gives the event loop its turn at least every thousand entries', async (_verb, start) => {
    const cache = createShardedCache<number>(withShardCount(1));
    for (let i = 0; i < 10_000; i++) cache.set(`k${i}`, i, { tags: ['t'] });
    expect(await turnsDuring(start(cache))).toBeGreaterThanOrEqual(10);
  });

  test('jobs that wait for each other all take place, also after one that failed', async () => {
    const queue = new SliceQueue();
    const order: number[] = [];
    const failed = queue.run(() => Promise.reject(new Error('job')));
    const later = [1, 2].map((job) => queue.run(async () => void order.push(job)));
    await expect(failed).rejects.toThrow('job');
    await Promise.all(later);
    expect(order).toEqual([1, 2]);
  });
});

describe('tune', () => {
  test('live settings take effect at once and are written into the story', () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withShardCount(1));
    for (let i = 0; i < 10; i++) cache.set(`k${i}`, i);
    cache.tune({ capacity: 3, ttlMs: 1000 });
    expect(cache.size).toBe(3);
    cache.set('new', 1);
    clock.advance(1000);
    expect(cache.get('new')).toBeUndefined();
    const row = cache.explain().find((one) => one.key === 'capacity');
    expect(row).toMatchObject({ value: 3, changes: [{ value: 3, setBy: 'tune()', atMs: clock.wallMs() - 1000 }] });
  });

  test('a fixed setting is refused and nothing changes', () => {
    const cache = createShardedCache();
    expect(() => cache.tune({ evictionPolicy: 'lfu', capacity: 5 })).toThrow(/can change while running/);
    expect(cache.capacity).toBe(10_000);
  });
});

describe('events', () => {
  test('evictions and expirations are told once the operation is complete', () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withCapacity(1), withTTL('1s'));
    const seen: unknown[] = [];
    cache.on('entry-evicted', (event) => seen.push(['evicted', event, cache.size]));
    const off = cache.on('entry-expired', (event) => seen.push(['expired', event]));
    cache.set('a', 1);
    cache.set('b', 2);
    clock.advance(1000);
    cache.get('b');
    expect(seen).toEqual([
      ['evicted', { key: 'a', value: 1 }, 1],
      ['expired', { key: 'b', value: 2 }],
    ]);
    off();
    cache.set('c', 3);
    clock.advance(1000);
    cache.get('c');
    expect(seen).toHaveLength(2);
  });

  test('a listener may use the cache, and what it throws is contained and counted', () => {
    const cache = createShardedCache<number>(withCapacity(2), withShardCount(1));
    cache.on('entry-evicted', ({ key }) => {
      if (!key.startsWith('again')) cache.set(`again-${key}`, 1);
      throw new Error('listener');
    });
    for (let i = 0; i < 5; i++) expect(cache.set(`k${i}`, i)).toBe(true);
    expect(cache.size).toBe(2);
    expect(cache.metrics().containedErrors).toBeGreaterThan(0);
  });
});

describe('listening', () => {
  const cache = createShardedCache();
  test.each([
    ['entry-evict', /did you mean 'entry-evicted'/],
    ['constructor', /one of entry-evicted/],
    [7, /not 7/],
  ])('to %s is a CacheError that names the events there are', (kind, message) => {
    for (const verb of ['on', 'off'] as const) {
      const listen = (): unknown => cache[verb](kind as 'closed', () => undefined);
      expect(listen).toThrow(expect.objectContaining({ code: 'ERR_CACHE_EVENT_UNKNOWN' }));
      expect(listen).toThrow(message);
    }
  });

  test('without a function is a CacheError', () => {
    expect(() => cache.on('closed', undefined as never)).toThrow(
      expect.objectContaining({ code: 'ERR_CACHE_LISTENER_INVALID' }),
    );
  });

  test('ends with off, and with what on returned', async () => {
    const told: string[] = [];
    const [first, second] = ['first', 'second'].map((name) => () => void told.push(name)) as [() => void, () => void];
    const own = createShardedCache();
    own.on('closed', first);
    own.on('closed', first);
    const end = own.on('closed', second);
    own.off('closed', first);
    end();
    await own.close();
    expect(told).toEqual(['first']);
  });
});

describe('metrics', () => {
  test('the figures of a scripted run are exact', () => {
    const cache = createShardedCache<number>(withCapacity(4), withShardCount(1));
    for (let i = 0; i < 5; i++) cache.set(`k${i}`, i);
    for (let i = 0; i < 5; i++) cache.get(`k${i}`);
    cache.get('absent');
    cache.delete('k4');
    expect(cache.metrics()).toMatchObject({
      hits: 4,
      misses: 2,
      hitRate: 4 / 6,
      missRate: 2 / 6,
      evictionRate: 1 / 5,
      evictions: 1,
      sets: 5,
      deletes: 1,
      itemCount: 3,
      shardBalance: [3],
      containedErrors: 0,
    });
  });

  test('latencies and rates come from the clock', () => {
    const clock = createFakeClock();
    const tick = (): number => {
      clock.advance(0.25);
      return clock.nowMs();
    };
    const ticking = { ...clock, nowMs: tick };
    const cache = createShardedCache<number>(withClock(ticking));
    for (let i = 0; i < 500; i++) cache.get('a');
    const { avgGetLatency, p99GetLatency, requestRate } = cache.metrics();
    expect(avgGetLatency).toBeGreaterThan(0);
    expect(p99GetLatency).toBeGreaterThanOrEqual(avgGetLatency);
    expect(requestRate).toBeGreaterThan(0);
  });

  test('an empty cache has rates of zero', () => {
    expect(createShardedCache().metrics()).toMatchObject({
      hitRate: 0,
      missRate: 0,
      evictionRate: 0,
      avgGetLatency: 0,
    });
  });

  test('Prometheus text names the operations of the source document', () => {
    const cache = createShardedCache<number>();
    cache.get('absent');
    expect(cache.prometheus()).toContain('cache_operations_total{operation="miss"} 1\n');
    expect(cache.prometheus()).toContain('# TYPE sherd_cache_entries gauge');
  });

  test('diagnose names the option to change', () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(withClock(clock), withTTL('1s'));
    for (let i = 0; i < 3000; i++) {
      cache.set(`k${i}`, i);
      clock.advance(1000);
      cache.get(`k${i}`);
    }
    expect(
      cache
        .diagnose()
        .map((finding) => finding.solution)
        .join(),
    ).toContain('withTTL(');
  });
});

test('diagnose blames shard imbalance on the hash function that was given', () => {
  const cache = createShardedCache<number>(
    withShardCount(2),
    withHashFunction(() => 0),
  );
  for (let i = 0; i < 2000; i++) cache.set(`k${i}`, i);
  expect(cache.diagnose().find(({ id }) => id === 'uneven-shards')?.cause).toMatch(/hash function given/);
});

describe('the auto-tuner', () => {
  test('follows the traffic and its decisions stand in the history and in explain()', async () => {
    const clock = createFakeClock();
    const cache = createShardedCache<number>(
      withClock(clock),
      withAutoTuning(true),
      withAutoTuneInterval('1s'),
      withShardCount(1),
    );
    const decided = vi.fn();
    cache.on('tuner-decided', decided);
    for (let i = 0; i < 4000; i++) {
      cache.get('x');
      clock.advance(1);
    }
    await new Promise((resolve) => setImmediate(resolve));
    const applied = cache.tunerHistory().filter((decision) => decision.action === 'applied');
    expect(applied).toHaveLength(1);
    expect(applied[0]?.after.shardCount).toBe(cache.shardCount);
    expect(decided).toHaveBeenCalled();
    const row = cache.explain().find((one) => one.key === 'shardCount');
    expect(row?.changes[0]?.setBy).toMatch(/^auto-tuner/);
    await cache.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('cannot run without metrics, and says so', () => {
    try {
      createShardedCache(withAutoTuning(true), {
        scope: 'cache',
        label: 'withMetrics(false)',
        patch: { metrics: false },
      });
      expect.unreachable();
    } catch (error) {
      if (!isConfigError(error)) throw error;
      expect(error.issues[0]).toMatchObject({ path: 'metrics', setBy: 'withMetrics(false)' });
    }
  });
});

test('F56: a cache that is never closed does not keep the process open', () => {
  const script = `
    const { createShardedCache, withAutoTuning, withAlerts } = await import('./dist/cache/index.js');
    const cache = createShardedCache(withAutoTuning(true), withAlerts('guide'));
    cache.set('a', 1);
    await cache.cleanup();
    await cache.resize(64);
    console.log(await cache.getOrLoad('b', async () => 'loaded'));
  `;
  const child = spawnSync(
    process.execPath,
    ['--input-type=module', '--unhandled-rejections=strict', '--eval', script],
    { encoding: 'utf8', timeout: 20_000 },
  );
  expect([child.status, child.stdout.trim(), child.stderr]).toEqual([0, 'loaded', '']);
});

test('a load in the background does not keep the process open, until somebody waits for it', () => {
  const script = `
    const { createShardedCache, withClock, withStaleWhileRevalidate, withTTL } = await import('./dist/cache/index.js');
    let nowMs = 0;
    const clock = { nowMs: () => nowMs, wallMs: () => nowMs, setTimer: () => () => undefined };
    const cache = createShardedCache(withClock(clock), withTTL(1), withStaleWhileRevalidate('1h'));
    cache.set('a', 'old');
    cache.set('b', 'old');
    nowMs = 1;
    const later = () => new Promise((resolve) => setTimeout(resolve, 1, 'new').unref());
    await cache.getOrLoad('a', later);
    console.log(await cache.getOrLoad('a', later, { staleWhileRevalidate: 0 }));
    console.log(await cache.getOrLoad('b', () => new Promise(() => undefined)));
  `;
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect([child.status, child.stdout, child.stderr]).toEqual([0, 'new\nold\n', '']);
});

test('the auto-tuner leaves a cleanup interval that was set explicitly', async () => {
  const clock = createFakeClock();
  const cache = createShardedCache<number>(
    withClock(clock),
    withAutoTuning(true),
    withAutoTuneInterval('1s'),
    withShardCount(1),
    withCleanupInterval('7m'),
  );
  for (let i = 0; i < 4000; i++) {
    cache.get('x');
    clock.advance(1);
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(cache.shardCount).toBeGreaterThan(1);
  expect(cache.explain().find((row) => row.key === 'cleanupIntervalMs')).toMatchObject({ value: 420_000, changes: [] });
});
