import { describe, expect, test } from 'vitest';
import {
  harmBetween,
  isSteady,
  MIN_LATENCY_SAMPLES,
  MIN_READS,
  WATCHED_INTERVALS,
  watchChange,
} from '../../src/adaptive/change-watch.js';
import type { TrafficInterval } from '../../src/adaptive/traffic-interval.js';
import { recommendForTraffic } from '../../src/adaptive/traffic-tiers.js';
import { createRandom } from '../../src/core/random.js';

const MINUTE_MS = 60_000;
const OLD = { shardCount: 8, cleanupIntervalMs: 300_000 };
const NEW = { shardCount: 16, cleanupIntervalMs: 120_000 };

interface Traits {
  readonly qps?: number;
  readonly hitRate?: number;
  readonly p99?: number;
  readonly reads?: number;
  readonly getSamples?: number;
  readonly durationMs?: number;
}

function interval({
  qps = 5000,
  hitRate = 0.9,
  p99 = 1,
  reads = MIN_READS,
  getSamples = MIN_LATENCY_SAMPLES,
  durationMs = MINUTE_MS,
}: Traits = {}): TrafficInterval {
  return {
    figures: { hitRate, p99GetLatency: p99, requestRate: qps },
    durationMs,
    recommended: recommendForTraffic(qps, 4),
    reads,
    getSamples,
    entries: 500,
    loadFactor: 0.5,
    capacity: 1000,
    ttlMs: 0,
  };
}

describe('harm', () => {
  test.each([
    ['a p99 above 1.5 times the old', { p99: 1.51 }, /p99/],
    ['a p99 of 1.5 times the old', { p99: 1.5 }, /^$/],
    ['a hit ratio lower by more than 2 points and chance', { hitRate: 0.84 }, /hit ratio/],
    ['a hit ratio lower by what chance explains beyond 2 points', { hitRate: 0.86 }, /^$/],
    ['better figures', { hitRate: 0.99, p99: 0.1 }, /^$/],
    ['too few measured reads for the p99', { p99: 9, getSamples: MIN_LATENCY_SAMPLES - 1 }, /^$/],
    ['too few reads for the hit ratio', { hitRate: 0.1, reads: MIN_READS - 1 }, /^$/],
  ])('%s', (_name, after, expected) => {
    expect(harmBetween(interval(), interval(after))).toMatch(expected);
  });

  test('a difference finer than clocks can tell is none', () => {
    expect(harmBetween(interval({ p99: 0.01 }), interval({ p99: 0.05 }))).toBe('');
    expect(harmBetween(interval({ p99: 0.05 }), interval({ p99: 0.1 }))).toMatch(/p99/);
  });

  test('with many reads chance explains less, so a smaller fall is harm; one of 2 points never is', () => {
    const reads = 1_000_000;
    expect(harmBetween(interval({ reads }), interval({ reads, hitRate: 0.875 }))).toMatch(/hit ratio fell/);
    expect(harmBetween(interval({ reads }), interval({ reads, hitRate: 0.88 }))).toBe('');
  });

  test('equal hit ratios measured by chance are harm in fewer than one of a hundred', () => {
    const random = createRandom(7);
    const measured = (): TrafficInterval => {
      let hits = 0;
      for (let i = 0; i < MIN_READS; i++) if (random.next() < 0.5) hits++;
      return interval({ hitRate: hits / MIN_READS });
    };
    const harms = Array.from({ length: 400 }, () => harmBetween(measured(), measured())).filter((harm) => harm !== '');
    expect(harms.length).toBeLessThan(4);
  });

  test('samples count on both sides', () => {
    const few = { reads: 10, getSamples: 10 };
    expect(harmBetween(interval(few), interval({ p99: 9, hitRate: 0 }))).toBeUndefined();
    expect(harmBetween(interval(), interval({ ...few, p99: 9, hitRate: 0 }))).toBeUndefined();
  });
});

describe('watch', () => {
  test('one bad interval between good ones undoes nothing', () => {
    const watch = watchChange(OLD, NEW, interval());
    const kinds = [1, 9, 1].map((p99) => watch.look(interval({ p99 }), NEW).kind);
    expect(kinds).toEqual(['watching', 'watching', 'kept']);
  });

  test('harm that begins in the last interval is still followed up', () => {
    const watch = watchChange(OLD, NEW, interval());
    const kinds = [1, 1, 9, 9].map((p99) => watch.look(interval({ p99 }), NEW).kind);
    expect(kinds).toEqual(['watching', 'watching', 'watching', 'undo']);
  });

  test('traffic of another tier ends it without a judgement', () => {
    const watch = watchChange(OLD, NEW, interval());
    expect(watch.look(interval({ p99: 9 }), NEW).kind).toBe('watching');
    expect(watch.look(interval({ p99: 9, qps: 50_000 }), NEW)).toEqual({
      kind: 'kept',
      judged: false,
      reason: 'not judged: the traffic moved to the very-high tier',
    });
  });

  test('settings changed by hand end it without a judgement', () => {
    const watch = watchChange(OLD, NEW, interval());
    expect(watch.look(interval({ p99: 9 }), OLD)).toEqual({
      kind: 'kept',
      judged: false,
      reason: 'not judged: the settings were changed by hand',
    });
  });

  test.each([
    ['too few reads', [1, 1, 1, 1, 1, 1], 1, false, 'not judged: too few reads'],
    ['figures that come and go', [9, 1, 9, 1, 9, 1], MIN_LATENCY_SAMPLES, true, 'nothing stayed worse'],
  ])('%s end it at last', (_name, p99s, getSamples, judged, reason) => {
    const watch = watchChange(OLD, NEW, interval());
    const verdicts = p99s.map((p99) => watch.look(interval({ p99, getSamples, reads: 1 }), NEW));
    const last = verdicts.find((verdict) => verdict.kind !== 'watching');
    expect(last).toEqual({ kind: 'kept', judged, reason });
    expect(verdicts.length).toBeLessThanOrEqual(WATCHED_INTERVALS);
  });

  test('a few judged intervals among silent ones are enough to keep the change', () => {
    const watch = watchChange(OLD, NEW, interval());
    const silent = interval({ reads: 1, getSamples: 1 });
    const looks = [interval(), silent, interval({ p99: 9 }), silent, silent, silent];
    const verdicts = looks.map((next) => watch.look(next, NEW));
    expect(verdicts.slice(0, -1).every((verdict) => verdict.kind === 'watching')).toBe(true);
    expect(verdicts.at(-1)).toEqual({ kind: 'kept', judged: true, reason: 'nothing stayed worse' });
  });

  test('a longer cleanup interval is watched until its first round has come', () => {
    const longer = { ...OLD, cleanupIntervalMs: 10 * MINUTE_MS };
    const watch = watchChange(OLD, longer, interval());
    const kinds = Array.from({ length: 10 }, () => watch.look(interval(), longer).kind);
    expect(kinds).toEqual([...Array(9).fill('watching'), 'kept']);
  });

  test('harm that shows only when dead entries have piled up undoes a longer cleanup interval', () => {
    const longer = { ...OLD, cleanupIntervalMs: 10 * MINUTE_MS };
    const watch = watchChange(OLD, longer, interval());
    const hitRates = [0.9, 0.9, 0.89, 0.88, 0.87, 0.8, 0.79];
    const verdicts = hitRates.map((hitRate) => watch.look(interval({ hitRate }), longer));
    expect(verdicts.map(({ kind }) => kind)).toEqual([...Array(6).fill('watching'), 'undo']);
  });

  test('a fall that no single interval proves is harm when the whole proves it', () => {
    const watch = watchChange(OLD, NEW, interval({ reads: 10 * MIN_READS }));
    const verdicts = [0.867, 0.867, 0.867].map((hitRate) => watch.look(interval({ hitRate }), NEW));
    expect(verdicts.at(-1)).toEqual({ kind: 'undo', reason: 'the hit ratio fell from 90 % to 86.7 %' });
  });
});

describe('steadiness', () => {
  test('a hit ratio that rises or falls is not steady', () => {
    expect(isSteady(interval({ hitRate: 0.5 }), interval({ hitRate: 0.6 }))).toBe(false);
    expect(isSteady(interval({ hitRate: 0.6 }), interval({ hitRate: 0.5 }))).toBe(false);
    expect(isSteady(interval({ hitRate: 0.6 }), interval({ hitRate: 0.61 }))).toBe(true);
  });

  test('too few reads to tell count as steady', () => {
    expect(isSteady(interval({ hitRate: 0.1, reads: MIN_READS - 1 }), interval())).toBe(true);
  });
});
