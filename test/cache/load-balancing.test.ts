import { describe, expect, test } from 'vitest';
import {
  createShardedCache,
  isConfigError,
  withCapacity,
  withEvictionPolicy,
  withLoadBalancing,
  withSeed,
  withShardCount,
  withTTL,
} from '../../src/cache/index.js';
import { consistentLayout } from '../../src/cache/shard-layout.js';
import { createRandom, createSeed } from '../../src/core/random.js';
import { createHeapStore } from '../../src/engine/heap-store.js';
import { verifyHeapStore } from '../../src/engine/verify.js';
import { operations } from '../support/deep.js';
import { POLICIES } from '../support/policies.js';

const KEYS = Array.from({ length: 20_000 }, (_, i) => `user:${i}`);

describe('consistent hashing', () => {
  test.each([1, 3, 24, 33, 100])('takes %i shards as they are asked for, and fills them evenly', (count) => {
    const cache = createShardedCache<number>(
      withLoadBalancing('consistent-hash'),
      withShardCount(count),
      withCapacity(KEYS.length),
    );
    for (const key of KEYS) cache.set(key, 1);
    const { shardBalance } = cache.metrics();
    const mean = KEYS.length / count;
    expect([cache.shardCount, shardBalance.length]).toEqual([count, count]);
    // Five standard deviations of an even spread.
    for (const size of shardBalance) expect(Math.abs(size - mean)).toBeLessThan(5 * Math.sqrt(mean) + 1);
    expect(KEYS.every((key) => cache.has(key))).toBe(true);
  });

  test.each([
    [32, 33],
    [33, 32],
    [8, 12],
    [16, 32],
  ])('moves from %i shards to %i only the keys of the shards that come or go', (from, to) => {
    const store = createHeapStore<number>({
      shardCount: from,
      capacity: KEYS.length,
      policy: 'lru',
      seed: 7,
      layout: consistentLayout,
    });
    for (const key of KEYS) store.set(key, 1, 1, Number.POSITIVE_INFINITY, 0);
    const before = KEYS.map((key) => store.shardOf(key));
    store.beginResize(to);
    for (const [i, key] of KEYS.entries()) {
      const [old, now] = [before[i] as number, store.shardOf(key)];
      if (old !== now) expect(Math.max(old, now)).toBeGreaterThanOrEqual(Math.min(from, to));
    }
    const moved = KEYS.filter((key, i) => store.shardOf(key) !== before[i]).length / KEYS.length;
    expect(Math.abs(moved - Math.abs(to - from) / Math.max(from, to))).toBeLessThan(0.02);
    while (!store.resizeStep(4000)) verifyHeapStore(store);
    verifyHeapStore(store);
    expect(KEYS.every((key) => store.has(key, 0))).toBe(true);
  });

  test.each(POLICIES)('with %s, resizes at once lose nothing but what was evicted', async (policy) => {
    const seed = createSeed();
    const random = createRandom(seed);
    const cache = createShardedCache<number>(
      withLoadBalancing('consistent-hash'),
      withCapacity(800),
      withShardCount(5),
      withTTL(0),
      withEvictionPolicy(policy),
      withSeed(seed),
    );
    const model = new Map<string, number>();
    cache.on('entry-evicted', ({ key }) => void model.delete(key));
    const resizes: Promise<void>[] = [];
    for (let i = 0; i < operations(4000); i++) {
      const key = `k${random.nextInt(1500)}`;
      if (random.nextInt(3) === 0) {
        model.set(key, i);
        cache.set(key, i);
      } else expect([seed, key, cache.get(key)]).toEqual([seed, key, model.get(key)]);
      if (i % 40 === 0) resizes.push(cache.resize(1 + random.nextInt(100)));
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await cache.resize(37);
    await Promise.all(resizes);
    expect(new Map(cache.entries())).toEqual(model);
    expect(cache.shardCount).toBe(37);
  });
});

describe('the strategies that choose without the key', () => {
  test.each(['round-robin', 'least-loaded', 'random', 'ROUND-ROBIN'])('%s is refused, with the reason', (strategy) => {
    try {
      createShardedCache(withLoadBalancing(strategy as 'hash'), withCapacity(0));
      expect.unreachable();
    } catch (error) {
      if (!isConfigError(error)) throw error;
      expect(error.issues).toHaveLength(2);
      expect(error.issues[0]).toMatchObject({ path: 'loadBalancing', setBy: `withLoadBalancing('${strategy}')` });
      expect(error.issues[0]?.expected).toMatch(/'hash', 'consistent-hash'.*no read could find it again/);
    }
  });
});
