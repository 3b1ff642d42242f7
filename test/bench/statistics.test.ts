/** The arithmetic of the bench: medians, ratios of paired rounds, worst steps. */
import { describe, expect, test } from 'vitest';
import { normalizedCosts, speedRatio } from '../../bench/lib/ratio.mjs';
import { mean, median, quantile, standardDeviation, summarize } from '../../bench/lib/statistics.mjs';
import { StepTimes } from '../../bench/lib/worst-step.mjs';

/** One round that took `cpuNs` for ten operations, beside a calibration loop of `calibrationNs`. */
function sample(launch: number, round: number, cpuNs: number, calibrationNs = 100) {
  return { launch, round, cpuNs, operations: 10, calibrationNs };
}

describe('quantiles', () => {
  test('the median of an odd count is the middle, of an even count the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  test('a quantile lies between its neighbours', () => {
    expect(quantile([10, 20, 30], 0)).toBe(10);
    expect(quantile([10, 20, 30], 1)).toBe(30);
    expect(quantile([10, 20, 30], 0.75)).toBe(25);
  });

  test('no samples have no median', () => {
    expect(median([])).toBeNaN();
    expect(summarize([]).samples).toBe(0);
  });
});

test('the deviation of a sample is that of the population it stands for', () => {
  expect(mean([2, 4, 4, 6])).toBe(4);
  expect(standardDeviation([2, 4, 4, 6])).toBeCloseTo(Math.sqrt(8 / 3));
});

describe('ratios', () => {
  test('a subject that needs half the time is twice as fast', () => {
    const yardstick = [sample(0, 0, 400), sample(0, 1, 420), sample(0, 2, 380)];
    const subject = [sample(0, 0, 200), sample(0, 1, 210), sample(0, 2, 190)];
    expect(speedRatio(subject, yardstick).median).toBeCloseTo(2);
  });

  test('a process whose calibration loop runs slower is not blamed for it', () => {
    const yardstick = [sample(0, 0, 400), sample(0, 1, 400)];
    const subject = [sample(0, 0, 800, 200), sample(0, 1, 800, 200)];
    expect(speedRatio(subject, yardstick).median).toBeCloseTo(1);
  });

  test('the calibration of one launch says nothing about another', () => {
    const costs = normalizedCosts([sample(0, 0, 100, 100), sample(1, 0, 100, 50)]);
    expect(costs).toEqual([0.1, 0.2]);
  });

  test('rounds are compared with the round beside them', () => {
    // The machine was three times slower in the second round, for both.
    const yardstick = [sample(0, 0, 100), sample(0, 1, 300)];
    const subject = [sample(0, 1, 300), sample(0, 0, 100)];
    expect(speedRatio(subject, yardstick)).toMatchObject({ median: 1, low: 1, high: 1, samples: 2 });
  });

  test('a round without a partner does not count', () => {
    expect(speedRatio([sample(0, 0, 100), sample(1, 0, 1)], [sample(0, 0, 100)]).samples).toBe(1);
  });

  test('another figure can be compared than CPU time', () => {
    const [slow, quick] = [
      { ...sample(0, 0, 100), p99Ns: 30 },
      { ...sample(0, 0, 100), p99Ns: 10 },
    ];
    expect(speedRatio([quick], [slow], (each) => each['p99Ns']).median).toBeCloseTo(3);
  });
});

describe('worst steps', () => {
  /** A run of three steps that lasts as long as said. */
  function marks(...lengths: number[]): Float64Array {
    let at = 0;
    return Float64Array.from([0, ...lengths.map((length) => (at += length))]);
  }

  test('a step counts with its least time over the runs, and the largest of those is the worst', () => {
    const times = new StepTimes(3);
    times.addRun(marks(1, 9, 2), []);
    times.addRun(marks(8, 3, 2), []);
    expect(times.worst()).toMatchObject({ worstMs: 3, worstIndex: 1, worstRawMs: 9, excluded: 0 });
  });

  test('a step that overlapped a collection does not count in that run, and is counted as left out', () => {
    const times = new StepTimes(3);
    times.addRun(marks(1, 9, 2), [{ startMs: 4, endMs: 5 }]);
    times.addRun(marks(1, 4, 2), []);
    expect(times.worst()).toMatchObject({ worstMs: 4, excluded: 1, alwaysExcluded: 0 });
  });

  test('a step that overlapped a collection in every run counts without the collection', () => {
    const times = new StepTimes(3);
    times.addRun(marks(1, 9, 2), [{ startMs: 1.5, endMs: 4 }]);
    times.addRun(marks(1, 8, 2), [{ startMs: 0.5, endMs: 2 }]);
    expect(times.worst()).toMatchObject({ worstMs: 6.5, worstIndex: 1, excluded: 3, alwaysExcluded: 1 });
  });

  test('a collection between two steps belongs to neither', () => {
    const times = new StepTimes(2);
    times.addSpans(Float64Array.of(0, 10), Float64Array.of(1, 12), [{ startMs: 2, endMs: 9 }]);
    expect(times.worst()).toMatchObject({ worstMs: 2, excluded: 0 });
  });

  test('a run with fewer steps leaves the others as they are', () => {
    const times = new StepTimes(3);
    times.addRun(marks(1, 2, 7), []);
    times.addRun(marks(1, 1), []);
    expect(times.worst()).toMatchObject({ worstMs: 7, worstIndex: 2, steps: 3 });
  });
});
