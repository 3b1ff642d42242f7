import { expect, test } from 'vitest';
import { LatencyWindow } from '../../src/telemetry/latency-window.js';
import { fc } from '../support/property.js';

test('an empty window is all zero', () => {
  const window = new LatencyWindow();
  expect(window.summary()).toEqual({ count: 0, avgMs: 0, p50Ms: 0, p90Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 });
  expect(window.quantileMs(0.5)).toBe(0);
});

test('1 to 100 ms have their nearest ranks as quantiles', () => {
  const window = new LatencyWindow();
  for (let ms = 100; ms >= 1; ms--) window.record(ms);
  expect(window.summary()).toEqual({ count: 100, avgMs: 50.5, p50Ms: 50, p90Ms: 90, p95Ms: 95, p99Ms: 99, maxMs: 100 });
});

test('only the newest values count', () => {
  const window = new LatencyWindow(3);
  for (const ms of [1_000, 1_000, 1, 2, 3]) window.record(ms);
  expect(window.summary()).toMatchObject({ count: 3, avgMs: 2, maxMs: 3 });
});

test('a quantile is the smallest value that enough of the newest do not exceed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.nat(10_000), { minLength: 1, maxLength: 120 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      (capacity, latencies, share) => {
        const window = new LatencyWindow(capacity);
        for (const latencyMs of latencies) window.record(latencyMs);
        const kept = latencies.slice(-capacity);
        const enough = kept.filter((value) => kept.filter((other) => other <= value).length >= share * kept.length);
        expect(window.quantileMs(share)).toBe(Math.min(...enough));
      },
    ),
  );
});
