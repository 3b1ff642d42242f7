import { describe, expect, test } from 'vitest';
import type { TrafficInterval } from '../../src/adaptive/traffic-interval.js';
import { recommendForTraffic } from '../../src/adaptive/traffic-tiers.js';
import { adviceFor } from '../../src/adaptive/tuner-advice.js';

function interval(traits: {
  qps?: number;
  hitRate?: number;
  loadFactor?: number;
  ttlMs?: number;
  reads?: number;
}): TrafficInterval {
  const { qps = 1001, hitRate = 0.69, loadFactor = 0.5, ttlMs = 90_000, reads = 1000 } = traits;
  return {
    figures: { hitRate, p99GetLatency: 1, requestRate: qps },
    durationMs: 60_000,
    entries: loadFactor * 1000,
    recommended: recommendForTraffic(qps, 4),
    reads,
    getSamples: 100,
    loadFactor,
    capacity: 1000,
    ttlMs,
  };
}
const given = (traits: Parameters<typeof interval>[0]): string[] =>
  adviceFor(interval(traits)).map(({ id, solution }) => `${id}: ${solution}`);

describe('advice', () => {
  test.each([
    ['low hit ratio above 1,000 requests a second', {}, ["low-hit-ratio: withTTL('3m')"]],
    ['not at 1,000', { qps: 1000 }, []],
    ['not at a hit ratio of 0.7', { hitRate: 0.7 }, []],
    ['not without reads', { hitRate: 0, reads: 0 }, []],
    ['entries that never expire and have room: the keys are new', { ttlMs: 0 }, ['low-hit-ratio: withWarmup(entries)']],
    ['nearly full', { qps: 10, loadFactor: 0.96 }, ['nearly-full: withCapacity(2000)']],
    ['not at 95 %', { qps: 10, loadFactor: 0.95 }, []],
    ['room up to 95 %', { loadFactor: 0.95 }, ["low-hit-ratio: withTTL('3m')"]],
    [
      'a full cache misses by eviction, so capacity is the remedy',
      { loadFactor: 1 },
      ['low-hit-ratio: withCapacity(2000)', 'nearly-full: withCapacity(2000)'],
    ],
  ])('%s', (_name, traits, expected) => {
    expect(given(traits)).toEqual(expected);
  });

  test.each([
    [{}, 'entries may expire before they are read again'],
    [{ loadFactor: 0.95 }, 'entries may expire before they are read again'],
    [{ loadFactor: 0.96 }, 'entries are evicted before they are read again'],
    [{ ttlMs: 0 }, 'few keys repeat so far'],
  ])('with %o, the reason quotes the figures and the likely cause', (traits, cause) => {
    expect(adviceFor(interval(traits))[0]?.reason).toBe(`hit ratio 69 % at 1001 requests/s: ${cause}`);
  });
});
