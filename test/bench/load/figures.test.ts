/** What the load suites make of what they measured. */
import { describe, expect, test } from 'vitest';
import { assertOpenFiles } from '../../../bench/load/limits/open-files.mjs';
import { mostInAnyWindow, mostInFixedWindow } from '../../../bench/load/limits/windows.mjs';
import { findKnee } from '../../../bench/load/saturation/knee.mjs';
import { judgeSoak } from '../../../bench/load/soak/goals.mjs';
import { fitLine } from '../../../bench/load/soak/slope.mjs';
import { fc } from '../../support/property.js';

describe('the knee', () => {
  const step = (load: number, answeredShare: number, p99Ms: number) => ({ load, offeredRps: 0, answeredShare, p99Ms });

  test('is the heaviest step whose answers come in time, whatever disturbed a lighter one', () => {
    expect(findKnee([step(0.5, 1, 90), step(0.75, 1, 40), step(1, 1, 80), step(1.5, 1, 81)])?.load).toBe(1);
  });

  test('is the heaviest step whose calls are answered', () => {
    expect(findKnee([step(0.5, 1, 40), step(1, 0.95, 40), step(1.5, 0.94, 40)])?.load).toBe(1);
  });

  test('is held against calm steps, not against those whose calls are refused', () => {
    expect(findKnee([step(0.5, 1, 40), step(1, 1, 45), step(2, 0.5, 10)])?.load).toBe(1);
  });

  test('is none where no step keeps up', () => {
    expect(findKnee([step(0.5, 0.5, 40), step(1, 0.4, 40)])).toBeUndefined();
    expect(findKnee([])).toBeUndefined();
  });
});

describe('least squares', () => {
  test('finds the line that points lie on', () => {
    const points = [1, 2, 5, 9].map((x) => ({ x, y: 3 * x - 2 }));
    const { slope, intercept } = fitLine(points);
    expect(slope).toBeCloseTo(3, 10);
    expect(intercept).toBeCloseTo(-2, 10);
  });

  test('what swings around a level has no slope', () => {
    expect(fitLine([0, 1, 2, 3].map((x) => ({ x, y: x % 3 === 0 ? 5 : 7 }))).slope).toBeCloseTo(0, 10);
  });

  test('of a single point there is none', () => {
    expect(fitLine([{ x: 1, y: 1 }]).slope).toBeNaN();
  });
});

describe('a soak', () => {
  const MIB = 2 ** 20;
  const slice = (minute: number, heapMiB: number) => ({
    minute,
    sent: 100,
    answered: 90,
    left: 10,
    broken: 0,
    failed: 0,
    codes: { ERR_UNKNOWN: 10 },
    p50Ms: 1,
    p99Ms: 1,
    hits: 1,
    upstreamCalls: 1,
    heapBytes: heapMiB * MIB,
    rssBytes: 0,
    upstreamFaults: 0,
  });
  const end = { left: { sockets: 0, timers: 0, descriptors: 0 }, listeners: 0, active: 0, wrong: 0 };
  const growthOf = (slices: ReturnType<typeof slice>[]) =>
    judgeSoak({ slices, end: { ...end, upstreamSockets: 0, upstreamAtWork: 0 } }).filter(({ area }) =>
      area.includes('heap growth'),
    );

  test('is judged by what the heap does after the warm-up', () => {
    const minutes = Array.from({ length: 20 }, (_, i) => (i + 1) / 2);
    const [share, growth] = growthOf(minutes.map((minute) => slice(minute, minute < 2 ? 50 * minute : 100 + minute)));
    expect(share?.measured).toBeCloseTo(100 / 102, 5);
    expect(growth?.measured).toBeCloseTo(10, 5);
    expect([share?.isReached, growth?.isReached]).toEqual([true, false]);
  });

  test('of a minute proves nothing, and says so', () => {
    const verdicts = growthOf([0.2, 0.4, 0.6, 0.8, 1].map((minute) => slice(minute, 10)));
    expect(verdicts.map(({ measured }) => measured)).toEqual([null, null]);
    expect(verdicts[0]?.note).toContain('too short to tell');
  });
});

describe('the most within a window', () => {
  const takenOf = (times: readonly number[]) => times.map((atMs) => ({ atMs, amount: 1 }));

  test('is that of the fullest one, wherever it begins', () => {
    expect(mostInAnyWindow(takenOf([0, 90, 95, 100, 105, 250]), 100)).toBe(4);
    // A window holds one of its two ends.
    expect(mostInAnyWindow(takenOf([0, 100]), 100)).toBe(1);
    expect(mostInAnyWindow([], 100)).toBe(0);
  });

  test('is what counting each window anew finds', () => {
    const times = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 40 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 120 }), (drawn, windowMs) => {
        const sorted = drawn.toSorted((a, b) => a - b);
        const counted = sorted.map((end) => sorted.filter((atMs) => atMs > end - windowMs && atMs <= end).length);
        expect(mostInAnyWindow(takenOf(sorted), windowMs)).toBe(Math.max(0, ...counted));
      }),
    );
  });

  test('is counted by amounts', () => {
    const taken = [
      { atMs: 10, amount: 40 },
      { atMs: 20, amount: 2 },
    ];
    expect(mostInAnyWindow(taken, 100)).toBe(42);
    expect(mostInFixedWindow(taken, 100, 0)).toBe(42);
  });

  test('of fixed windows leaves out what may have been let through before its begin', () => {
    expect(mostInFixedWindow(takenOf([50, 60, 100, 101, 103, 110, 120]), 100, 5)).toBe(2);
  });
});

test('too few open files are told before anything else, with what to do', () => {
  expect(() => assertOpenFiles(1_000, 1_024)).toThrow(
    "1000 connections need 1200 open files a process, and 1024 are allowed here; run 'ulimit -n 1200' in this shell first",
  );
  expect(() => assertOpenFiles(1_000, 1_200)).not.toThrow();
});
