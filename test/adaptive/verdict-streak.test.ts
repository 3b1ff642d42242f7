import { describe, expect, test } from 'vitest';
import { type TrafficInterval, type TrafficSample, trafficBetween } from '../../src/adaptive/traffic-interval.js';
import { VerdictStreak } from '../../src/adaptive/verdict-streak.js';

const START: TrafficSample = {
  requests: 0,
  hits: 0,
  misses: 0,
  p99GetLatencyMs: 0.1,
  getSamples: 1000,
  entries: 10,
  capacity: 100,
  ttlMs: 0,
};

/** A second of so many reads. */
function interval(reads: number, hitRate: number): TrafficInterval {
  const hits = reads * hitRate;
  const end = { ...START, requests: reads, hits, misses: reads - hits };
  return trafficBetween(START, end, 1000, 4) as TrafficInterval;
}

function streakOf(...intervals: readonly TrafficInterval[]): VerdictStreak {
  const streak = new VerdictStreak();
  for (const one of intervals) streak.add(one);
  return streak;
}

describe('a row of verdicts', () => {
  test('grows with intervals of one tier and begins anew with another', () => {
    const streak = streakOf(interval(5000, 0.5), interval(6000, 0.5));
    expect(streak.length).toBe(2);
    streak.add(interval(50_000, 0.5));
    expect(streak.length).toBe(1);
    streak.clear();
    expect(streak.length).toBe(0);
  });

  test('keeps no more than it can use', () => {
    const streak = streakOf(...Array.from({ length: 1000 }, () => interval(5000, 0.5)));
    expect(streak.length).toBe(64);
  });

  test('one interval is steady, two are when their hit ratios agree', () => {
    expect(streakOf(interval(5000, 0.5)).isSteady).toBe(true);
    expect(streakOf(interval(5000, 0.5), interval(5000, 0.51)).isSteady).toBe(true);
    expect(streakOf(interval(5000, 0.5), interval(5000, 0.6)).isSteady).toBe(false);
  });
});

describe('the baseline', () => {
  test('of a steady row is its last two intervals: what came before was on the way', () => {
    const streak = streakOf(interval(5000, 0.1), interval(5000, 0.5), interval(5000, 0.52));
    expect(streak.baseline().figures.hitRate).toBeCloseTo(0.51);
  });

  test('of a row that keeps moving is the whole of it', () => {
    const streak = streakOf(interval(5000, 0.4), interval(5000, 0.6), interval(5000, 0.4), interval(5000, 0.6));
    expect(streak.baseline().figures.hitRate).toBeCloseTo(0.5);
  });
});
