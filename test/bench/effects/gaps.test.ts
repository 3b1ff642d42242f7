/** What the hit-ratio cells are said to mean. */
import { describe, expect, test } from 'vitest';
import { bestFixed, gapToBest, roomyCells, shardingLoss } from '../../../bench/effects/hit-ratio/gaps.mjs';
import { judgeHitRatios } from '../../../bench/effects/hit-ratio/verdicts.mjs';

type Cell = Parameters<typeof gapToBest>[0][number];

function cell(traits: Partial<Cell>): Cell {
  return {
    trace: 'a',
    group: 'chosen',
    isLlm: false,
    sizePercent: 10,
    capacity: 10_000,
    shardCount: 1,
    accesses: 100_000,
    uniqueKeys: 100_000,
    opt: 90,
    hitRatios: { lru: 50, lfu: 60, adaptive: 59 },
    ...traits,
  };
}

describe('gaps', () => {
  test('the best fixed policy is the best of those that do not choose', () => {
    expect(bestFixed(cell({ hitRatios: { lru: 50, lfu: 60, adaptive: 70 } }))).toBe(60);
    expect(bestFixed(cell({ hitRatios: { adaptive: 70 } }))).toBeUndefined();
  });

  test('a gap is the mean and the worst over the cells, with its place', () => {
    const cells = [cell({}), cell({ trace: 'b', hitRatios: { lru: 70, adaptive: 65 } })];
    expect(gapToBest(cells, 'adaptive')).toEqual({ cells: 2, mean: 3, worst: 5, where: 'b 10 %, 1 shard(s)' });
  });

  test('a policy that was not measured has none', () => {
    expect(gapToBest([cell({})], 'sieve')).toBeUndefined();
  });

  test('the loss by shards compares cells of the same trace and size', () => {
    const cells = [
      cell({}),
      cell({ shardCount: 32, hitRatios: { lru: 49.5 } }),
      cell({ trace: 'b', hitRatios: { lru: 30 } }),
      cell({ trace: 'b', shardCount: 32, hitRatios: { lru: 31 } }),
    ];
    expect(shardingLoss(cells, 'lru', 32)).toMatchObject({ cells: 2, mean: -0.25, worst: 0.5 });
  });

  test('a roomy cell leaves each shard 64 entries', () => {
    const cells = [cell({ capacity: 2048 }), cell({ capacity: 2047 })];
    expect(roomyCells(cells, 32)).toEqual([cells[0]]);
  });
});

describe('verdicts', () => {
  const named = (cells: readonly Cell[], area: string) =>
    judgeHitRatios(cells, 'lru').find((verdict) => verdict.area.startsWith(area));

  test('without the policy that chooses, its goals are not measured', () => {
    expect(named([cell({ hitRatios: { lru: 50 } })], 'adaptive, mean gap')?.measured).toBeNull();
  });

  test('groups of traces are judged apart', () => {
    const cells = [cell({}), cell({ trace: 'b', group: 'untouched', hitRatios: { lru: 60, adaptive: 50 } })];
    expect(named(cells, 'adaptive, mean gap to the best fixed policy, traces')?.measured).toBe(1);
    expect(named(cells, 'adaptive, worst gap, untouched')).toMatchObject({ measured: 10, isReached: false });
  });

  test('on the LLM trace only LRU is the yardstick', () => {
    const cells = [cell({ isLlm: true, hitRatios: { lru: 60, lfu: 90, adaptive: 59.5 } })];
    expect(named(cells, 'adaptive under LRU')).toMatchObject({ measured: 0.5, isReached: true });
  });
});
