import { describe, expect, test } from 'vitest';
import {
  pooled,
  type TrafficInterval,
  type TrafficSample,
  trafficBetween,
} from '../../src/adaptive/traffic-interval.js';

const FROM: TrafficSample = {
  requests: 1000,
  hits: 600,
  misses: 200,
  p99GetLatencyMs: 1,
  getSamples: 10,
  entries: 100,
  capacity: 1000,
  ttlMs: 5000,
};
const TO: TrafficSample = { ...FROM, requests: 2000, hits: 900, misses: 300, p99GetLatencyMs: 2, entries: 250 };

describe('trafficBetween', () => {
  test('rates are differences over the time that passed, states are the later ones', () => {
    expect(trafficBetween(FROM, TO, 2000, 4)).toEqual({
      figures: { hitRate: 0.75, p99GetLatency: 2, requestRate: 500 },
      durationMs: 2000,
      recommended: expect.objectContaining({ tier: 'medium', shardCount: 8 }),
      reads: 400,
      getSamples: 10,
      entries: 250,
      loadFactor: 0.25,
      capacity: 1000,
      ttlMs: 5000,
    });
  });

  test('an interval without traffic is one of rate 0', () => {
    expect(trafficBetween(FROM, FROM, 2000, 4)).toMatchObject({
      figures: { hitRate: 0, requestRate: 0 },
      recommended: { tier: 'low' },
      reads: 0,
    });
  });

  test.each([
    ['no time passed', TO, 0],
    ['requests went back', { ...TO, requests: 999 }, 1000],
    ['hits went back', { ...TO, hits: 599 }, 1000],
    ['misses went back', { ...TO, misses: 199 }, 1000],
  ])('%s: nothing can be said', (_name, to, elapsedMs) => {
    expect(trafficBetween(FROM, to, elapsedMs, 4)).toBeUndefined();
  });
});

describe('pooled', () => {
  const first = trafficBetween(FROM, TO, 2000, 4) as TrafficInterval;
  const last: TrafficInterval = {
    ...first,
    figures: { hitRate: 0.25, p99GetLatency: 5, requestRate: 800 },
    durationMs: 1000,
    reads: 1200,
    getSamples: 30,
    entries: 300,
  };

  test('reads, samples and time add up, rates are those of the whole, the state is the last one', () => {
    expect(pooled([first, last])).toEqual({
      ...last,
      figures: { hitRate: 600 / 1600, p99GetLatency: (2 * 10 + 5 * 30) / 40, requestRate: 600 },
      durationMs: 3000,
      reads: 1600,
      getSamples: 40,
    });
  });

  test('one interval is itself, also without reads', () => {
    expect(pooled([last])).toEqual(last);
    const silent = trafficBetween(FROM, FROM, 2000, 4) as TrafficInterval;
    expect(pooled([{ ...silent, getSamples: 0 }]).figures).toEqual({ hitRate: 0, p99GetLatency: 0, requestRate: 0 });
  });
});
