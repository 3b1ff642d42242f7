import { describe, expect, test } from 'vitest';
import {
  boundedShardCount,
  calculateOptimalShards,
  MAX_SHARD_COUNT,
  recommendForTraffic,
  recommendShardCount,
  TRAFFIC_TIERS,
} from '../../src/adaptive/traffic-tiers.js';
import { isPowerOfTwo } from '../../src/core/bits.js';
import { type ConfigError, isConfigError } from '../../src/core/errors.js';
import { fc } from '../support/property.js';

const MINUTE_MS = 60_000;

describe('traffic tiers', () => {
  test.each([
    [0, 'low', 4, 10, 'fifo', 'low'],
    [99, 'low', 4, 10, 'fifo', 'low'],
    [99.999, 'low', 4, 10, 'fifo', 'low'],
    [100, 'medium', 8, 5, 'lru', 'medium'],
    [999, 'medium', 8, 5, 'lru', 'medium'],
    [1000, 'high', 16, 2, 'lru', 'high'],
    [9999, 'high', 16, 2, 'lru', 'high'],
    [10_000, 'very-high', 32, 1, 'lfu', 'high'],
    [1e9, 'very-high', 32, 1, 'lfu', 'high'],
  ] as const)('%d requests a second on 4 CPUs are %s traffic', (qps, tier, shardCount, minutes, policy, memory) => {
    expect(recommendForTraffic(qps, 4)).toEqual({
      tier,
      shardCount,
      cleanupIntervalMs: minutes * MINUTE_MS,
      evictionPolicy: policy,
      memory,
    });
  });

  test('shards are CPU x 1, 2, 4, 8, rounded up to a power of two', () => {
    expect([50, 500, 5000, 50_000].map((qps) => calculateOptimalShards(qps, 3))).toEqual([4, 8, 16, 32]);
    expect([50, 500, 5000, 50_000].map((qps) => calculateOptimalShards(qps, 1))).toEqual([1, 2, 4, 8]);
  });

  test('the table is frozen, rising, and open at its end', () => {
    expect(Object.isFrozen(TRAFFIC_TIERS) && TRAFFIC_TIERS.every(Object.isFrozen)).toBe(true);
    const bounds = TRAFFIC_TIERS.map((tier) => tier.belowQps);
    expect(bounds).toEqual([100, 1000, 10_000, Number.POSITIVE_INFINITY]);
  });

  test('more traffic never asks for fewer shards, and the count is always a power of two within bounds', () => {
    const qps = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(qps, qps, fc.integer({ min: 1, max: 100_000 }), (a, b, cpus) => {
        const fewer = calculateOptimalShards(Math.min(a, b), cpus);
        const more = calculateOptimalShards(Math.max(a, b), cpus);
        expect(fewer).toBeLessThanOrEqual(more);
        expect(isPowerOfTwo(more)).toBe(true);
        expect(more).toBeLessThanOrEqual(MAX_SHARD_COUNT);
      }),
    );
  });

  test('recommendShardCount leaves every shard at least 64 entries', () => {
    expect(recommendShardCount({ qps: 50_000, cpus: 8, capacity: 100_000 })).toBe(64);
    expect(recommendShardCount({ qps: 50_000, cpus: 8, capacity: 64 * 64 })).toBe(64);
    expect(recommendShardCount({ qps: 50_000, cpus: 8, capacity: 1000 })).toBe(8);
    expect(recommendShardCount({ qps: 50_000, cpus: 8, capacity: 1 })).toBe(1);
  });

  test.each([
    ['as many as the guide says where the size does not matter', 8, 4, 100_000, 200_000, 8],
    ['more, so that none holds more than 32,768 entries', 2, 2, 1_000_000, 2_000_000, 32],
    ['no more for just 32,768 each', 2, 2, 2 * 32_768, 100_000, 2],
    ['on the way down no fewer than leave each 16,384', 2, 32, 100_000, 200_000, 8],
    ['on the way down never more than there are', 2, 32, 600_000, 1_000_000, 32],
    ['on the way down more than there are where these hold too much', 2, 16, 600_000, 1_000_000, 32],
    ['fewer, so that each may hold 64 entries', 512, 32, 10_000, 10_000, 128],
    ['one for a tiny cache', 16, 32, 5, 5, 1],
    ['never more than 4,096', 4096, 4096, 2 ** 31, 2 ** 31, 4096],
  ])('the size of a cache bounds its shards: %s', (_name, wanted, current, entries, capacity, expected) => {
    expect(boundedShardCount(wanted, current, { entries, capacity })).toBe(expected);
  });

  test('a cache whose shards were bounded by its size is left as it is', () => {
    const count = fc.integer({ min: 0, max: 12 }).map((power) => 2 ** power);
    const size = fc.integer({ min: 1, max: 2 ** 31 });
    fc.assert(
      fc.property(count, count, size, size, (wanted, current, a, b) => {
        const sizes = { entries: Math.min(a, b), capacity: Math.max(a, b) };
        const bounded = boundedShardCount(wanted, current, sizes);
        expect(boundedShardCount(wanted, bounded, sizes)).toBe(bounded);
      }),
    );
  });

  test.each([
    ['a negative rate', () => calculateOptimalShards(-1, 4), ['qps']],
    ['a rate that is not a number', () => recommendForTraffic(Number.NaN, 4), ['qps']],
    ['an endless rate', () => recommendForTraffic(Number.POSITIVE_INFINITY, 4), ['qps']],
    ['no CPU', () => calculateOptimalShards(1, 0), ['cpus']],
    ['all of it', () => recommendShardCount({ qps: -1, cpus: 0, capacity: 0 }), ['qps', 'cpus', 'capacity']],
  ])('%s is one ConfigError that names each value', (_name, call, paths) => {
    expect(pathsOf(call)).toEqual(paths);
  });
});

function pathsOf(call: () => unknown): string[] {
  try {
    call();
  } catch (error) {
    if (isConfigError(error)) return (error as ConfigError).issues.map((issue) => issue.path);
  }
  return [];
}
