import { describe, expect, test } from 'vitest';
import { cleanupPlan, nextCleanupInterval } from '../../src/adaptive/cleanup-planner.js';
import { fc } from '../support/property.js';

const CAPACITY = 1000;
const SECOND_MS = 1000;

describe('cleanup plan', () => {
  test.each([
    ['periodic', { runsRounds: true, startsEarly: false, movesInterval: false }],
    ['lazy', { runsRounds: false, startsEarly: false, movesInterval: false }],
    ['adaptive', { runsRounds: true, startsEarly: true, movesInterval: true }],
    ['hybrid', { runsRounds: true, startsEarly: true, movesInterval: false }],
  ] as const)('%s decides as documented', (strategy, plan) => {
    expect(cleanupPlan(strategy)).toEqual(plan);
  });
});

describe('adaptive interval', () => {
  test.each([
    ['above 90 % full it halves', 0.91, 0, 30],
    ['at 90 % full it stays', 0.9, 0, 60],
    ['above 10 % removed it halves', 0.3, 101, 30],
    ['at 10 % removed it stays', 0.3, 100, 60],
    ['below 50 % full and 1 % removed it doubles', 0.49, 9, 120],
    ['at 50 % full it stays', 0.5, 0, 60],
    ['at 1 % removed it stays', 0.2, 10, 60],
  ])('%s', (_name, loadFactor, removed, seconds) => {
    const outcome = { loadFactor, removed, capacity: CAPACITY };
    expect(nextCleanupInterval(60 * SECOND_MS, 60 * SECOND_MS, outcome)).toBe(seconds * SECOND_MS);
  });

  test('it stays between 10 s and 10 min whatever the rounds find', () => {
    const outcome = fc.record({
      loadFactor: fc.double({ min: 0, max: 1, noNaN: true }),
      removed: fc.integer({ min: 0, max: CAPACITY }),
      capacity: fc.constant(CAPACITY),
    });
    fc.assert(
      fc.property(fc.integer({ min: 10_000, max: 600_000 }), fc.array(outcome), (configuredMs, outcomes) => {
        let intervalMs = configuredMs;
        for (const found of outcomes) {
          intervalMs = nextCleanupInterval(intervalMs, configuredMs, found);
          expect(intervalMs).toBeGreaterThanOrEqual(10_000);
          expect(intervalMs).toBeLessThanOrEqual(600_000);
        }
      }),
    );
  });

  test('pressure never lengthens an interval configured below 10 s, quiet never shortens one above 10 min', () => {
    const full = { loadFactor: 1, removed: 0, capacity: CAPACITY };
    const quiet = { loadFactor: 0, removed: 0, capacity: CAPACITY };
    expect(nextCleanupInterval(2000, 2000, full)).toBe(2000);
    expect(nextCleanupInterval(2000, 2000, quiet)).toBe(4000);
    expect(nextCleanupInterval(1_200_000, 1_200_000, quiet)).toBe(1_200_000);
  });
});
