import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { AdaptiveLimit } from '../../src/resilience/adaptive-limit.js';

const base = { min: 1, max: 100, initial: 10, decrease: 0.5, latencyTolerance: 2 };

/** A window of successes, each as fast as ever unless said otherwise. */
function succeed(limit: AdaptiveLimit, atMs: number, { times = limit.value, slowness = 1, inUse = limit.value } = {}) {
  for (let i = 0; i < times; i++) limit.succeeded(atMs - 50, slowness, inUse, atMs);
}

describe('an adaptive limit', () => {
  test('grows by one after each window of successes that used it', () => {
    const limit = new AdaptiveLimit(base);
    succeed(limit, 100, { times: 9 });
    expect(limit.value).toBe(10);
    succeed(limit, 100, { times: 1 });
    expect(limit.value).toBe(11);
    succeed(limit, 200);
    expect(limit.value).toBe(12);
  });

  test('does not grow while nobody touches it', () => {
    const limit = new AdaptiveLimit(base);
    succeed(limit, 100, { times: 100, inUse: 3 });
    expect(limit.value).toBe(10);
  });

  test('halves once for a burst of refusals, and again for the next', () => {
    const limit = new AdaptiveLimit(base);
    for (let i = 0; i < 10; i++) limit.overloaded(0, 50);
    expect(limit.value).toBe(5);
    limit.overloaded(51, 60);
    expect(limit.value).toBe(2);
  });

  test('stays between its bounds', () => {
    const limit = new AdaptiveLimit({ ...base, min: 3, max: 11 });
    for (let atMs = 100; atMs < 2000; atMs += 100) succeed(limit, atMs);
    expect(limit.value).toBe(11);
    for (let atMs = 2000; atMs < 3000; atMs += 100) limit.overloaded(atMs, atMs + 1);
    expect(limit.value).toBe(3);
  });

  test('shrinks when even the fastest of a window is slow, and not for one long answer', () => {
    const limit = new AdaptiveLimit(base);
    succeed(limit, 100);
    expect(limit.value).toBe(11);
    succeed(limit, 5000, { times: 10, slowness: 40 });
    succeed(limit, 5000, { times: 1, slowness: 1.5 });
    expect(limit.value).toBe(12);
    succeed(limit, 10_000, { slowness: 2.01 });
    expect(limit.value).toBe(6);
  });
});

test.each([1, 2, 3, 4, 5])('it finds what a server bears and holds near it (seed %i)', (seed) => {
  const random = createRandom(seed);
  const limit = new AdaptiveLimit({ ...base, initial: 1 });
  const capacity = 20 + random.nextInt(30);
  const seen: number[] = [];
  // Rounds of full use: what is above the capacity is refused.
  for (let round = 1; round <= 400; round++) {
    const startedAtMs = round * 1000;
    const inUse = limit.value;
    for (let i = 0; i < Math.min(inUse, capacity); i++)
      limit.succeeded(startedAtMs, 1 + random.next(), inUse, startedAtMs + 200);
    if (inUse > capacity) limit.overloaded(startedAtMs, startedAtMs + 200);
    if (round > 200) seen.push(inUse);
  }
  expect(Math.max(...seen)).toBeLessThanOrEqual(capacity + 2);
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(Math.floor(capacity / 2) - 1);
});
