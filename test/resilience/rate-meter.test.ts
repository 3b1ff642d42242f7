import { describe, expect, test } from 'vitest';
import { createRateMeter, type RateLimitAlgorithm, type RateMeter } from '../../src/resilience/rate-meter.js';
import { fc } from '../support/property.js';

const OPTIONS = { limit: 6, windowMs: 600, burst: 3 };
const ALGORITHMS: readonly RateLimitAlgorithm[] = ['token-bucket', 'sliding-window', 'fixed-window'];

/** Takes the amounts one after the other, each as soon as it fits; returns when the last one was taken. */
function takeAll(meter: RateMeter, amounts: readonly number[], startMs: number): number {
  let nowMs = startMs;
  for (const amount of amounts) {
    // The windows work on whole milliseconds here, so one look is enough.
    nowMs += meter.waitMs(amount, nowMs);
    meter.take(amount, nowMs);
  }
  return nowMs;
}

interface Past {
  readonly gapMs: number;
  readonly amount: number;
}

/** A meter with a past, and the time it has come to. */
function createUsed(algorithm: RateLimitAlgorithm, past: readonly Past[]): { meter: RateMeter; nowMs: number } {
  const meter = createRateMeter(algorithm, OPTIONS);
  let nowMs = 0;
  for (const { gapMs, amount } of past) nowMs = takeAll(meter, [amount], nowMs + gapMs);
  return { meter, nowMs };
}

const anyAmount = fc.integer({ min: 1, max: OPTIONS.limit });
const anyPast = fc.array(fc.record({ gapMs: fc.nat(300), amount: anyAmount }), { maxLength: 8 });

describe.each(ALGORITHMS)('%s: the wait foretold with others ahead', (algorithm) => {
  test('is exact when all take single units', () => {
    fc.assert(
      fc.property(anyPast, fc.nat(25), (past, ahead) => {
        const { meter, nowMs } = createUsed(algorithm, past);
        const foretoldMs = meter.waitMs(1, nowMs, ahead);
        const takenAtMs = takeAll(meter, Array(ahead + 1).fill(1), nowMs);
        expect(takenAtMs - nowMs).toBeCloseTo(foretoldMs, 3);
      }),
    );
  });

  test('is never longer than the real one, whatever the amounts', () => {
    fc.assert(
      fc.property(anyPast, fc.array(anyAmount, { maxLength: 6 }), anyAmount, (past, aheads, amount) => {
        const { meter, nowMs } = createUsed(algorithm, past);
        const ahead = aheads.reduce((sum, other) => sum + other, 0);
        const foretoldMs = meter.waitMs(amount, nowMs, ahead);
        const realMs = takeAll(meter, [...aheads, amount], nowMs) - nowMs;
        expect(foretoldMs).toBeLessThanOrEqual(realMs + 1e-3);
        if (algorithm === 'token-bucket') expect(foretoldMs).toBeCloseTo(realMs, 3);
      }),
    );
  });
});
