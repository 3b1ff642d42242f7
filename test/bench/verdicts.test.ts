/** What a run comes to: goals reached or missed, and the null comparison that voids it. */
import { describe, expect, test } from 'vitest';
import { describeVerdict, formatCount, formatFigure, judge } from '../../bench/lib/goal.mjs';
import { judgeNull } from '../../bench/lib/null-comparison.mjs';
import { EXIT, exitCodeOf, isVoidRun } from '../../bench/lib/outcome.mjs';

const FASTER = { area: 'get', text: '>= 2x', bound: 2, sense: 'least', unit: 'x' } as const;
const SHORTER = { area: 'set', text: '<= 10 ms', bound: 10, sense: 'most', unit: 'ms' } as const;

describe('verdicts', () => {
  test('a figure at the bound reaches the goal', () => {
    expect(describeVerdict(judge(FASTER, 2))).toBe('reached');
    expect(describeVerdict(judge(SHORTER, 10))).toBe('reached');
  });

  test('a figure beyond the bound misses by the factor between them', () => {
    expect(describeVerdict(judge(FASTER, 0.5))).toBe('missed by 4.00x');
    expect(describeVerdict(judge(SHORTER, 25))).toBe('missed by 2.50x');
  });

  test('what was not measured is not reached', () => {
    expect(judge(FASTER, undefined)).toMatchObject({ isReached: false, measured: null });
    expect(describeVerdict(judge(SHORTER, Number.NaN))).toBe('not measured');
  });

  test('a verdict on void figures says so first', () => {
    expect(describeVerdict(judge(FASTER, 3, { isVoid: true }))).toBe('void (reached)');
  });
});

describe('the null comparison', () => {
  const steady = judgeNull('lru-cache', 'get', 1.03);
  const strayed = judgeNull('lru-cache', 'set', 0.93);

  test.each([0.953, 1, 1.049])('a rival that measures %f times itself is the same', (ratio) => {
    expect(judgeNull('map', 'get', ratio).isVoid).toBe(false);
  });

  test.each([0.5, 0.94, 1.06, 3, Number.NaN])('a rival that measures %f times itself voids', (ratio) => {
    expect(judgeNull('map', 'get', ratio).isVoid).toBe(true);
  });

  test('one that strays voids the run, whatever the others say', () => {
    expect(isVoidRun('full', [steady, strayed])).toBe(true);
    expect(isVoidRun('quick', [steady, strayed])).toBe(true);
    expect(isVoidRun('full', [steady, steady])).toBe(false);
  });

  test('a smoke run is no measurement, so nothing voids it', () => {
    expect(isVoidRun('smoke', [strayed])).toBe(false);
  });

  test('a void suite decides the exit code, a missed goal does not', () => {
    const missed = { isVoid: false, verdicts: [judge(FASTER, 1)] };
    expect(exitCodeOf([missed])).toBe(EXIT.measured);
    expect(exitCodeOf([missed, { isVoid: true }])).toBe(EXIT.void);
  });

  test('a strict run fails over a missed goal, not over one that was not measured', () => {
    const outcome = (measured: number | undefined) => [{ isVoid: false, verdicts: [judge(FASTER, measured)] }];
    expect(exitCodeOf(outcome(1), true)).toBe(EXIT.error);
    expect(exitCodeOf(outcome(2), true)).toBe(EXIT.measured);
    expect(exitCodeOf(outcome(undefined), true)).toBe(EXIT.measured);
  });
});

describe('figures in words', () => {
  test('a figure keeps three digits that matter', () => {
    expect([0.456, 12.34, 1234.5].map(formatFigure)).toEqual(['0.46', '12.3', '1235']);
  });

  test('a count is short', () => {
    expect([600, 10_000, 100_000, 4_000_000].map(formatCount)).toEqual(['600', '10k', '100k', '4M']);
  });
});
