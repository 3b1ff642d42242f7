import { describe, expect, test } from 'vitest';
import { type Alert, type AlertRule, type AlertWatch, createAlertWatch } from '../../src/adaptive/alerts.js';
import { fc } from '../support/property.js';

const HIT_RATIO: AlertRule<'hitRate'> = {
  name: 'minHitRate',
  metric: 'hitRate',
  direction: 'below',
  warning: 0.5,
  critical: 0.3,
  minSamples: 100,
  unit: 'fraction',
  subject: 'hit ratio',
};
const LATENCY: AlertRule<'latency'> = {
  name: 'maxLatency',
  metric: 'latency',
  direction: 'above',
  warning: 1000,
  minSamples: 1,
  unit: 'milliseconds',
  subject: 'latency',
};

interface Scene {
  readonly told: string[];
  readonly watch: AlertWatch<'hitRate'>;
  see(value: number, samples?: number): void;
}

function scene(rule: AlertRule<'hitRate'> = HIT_RATIO): Scene {
  const told: string[] = [];
  const watch = createAlertWatch([rule], {
    onAlert: (alert) => told.push(`${alert.level} ${alert.value}`),
    onClear: (alert) => told.push(`cleared ${alert.value}`),
  });
  return { told, watch, see: (value, samples = 100) => watch.evaluate({ hitRate: { value, samples } }) };
}

describe('alert watch', () => {
  test('an alert is raised once and cleared once', () => {
    const { told, see } = scene();
    for (const value of [0.9, 0.45, 0.4, 0.45, 0.6, 0.9]) see(value);
    expect(told).toEqual(['warning 0.45', 'cleared 0.6']);
  });

  test('a warning rises to critical, and does not fall back before it is cleared', () => {
    const { told, watch, see } = scene();
    for (const value of [0.45, 0.2, 0.45, 0.2]) see(value);
    expect(told).toEqual(['warning 0.45', 'critical 0.2']);
    expect(watch.active().map((alert) => alert.level)).toEqual(['critical']);
    see(0.9);
    expect(told).toEqual(['warning 0.45', 'critical 0.2', 'cleared 0.9']);
    expect(watch.active()).toEqual([]);
  });

  test('the threshold itself is good', () => {
    const { told, see } = scene();
    see(0.5);
    expect(told).toEqual([]);
    see(0.3);
    expect(told).toEqual(['warning 0.3']);
  });

  test('too few samples, NaN and absent figures neither raise nor clear', () => {
    const { told, watch, see } = scene();
    see(0.1, 99);
    see(Number.NaN);
    expect(told).toEqual([]);
    see(0.4);
    see(0.9, 99);
    see(Number.NaN);
    watch.evaluate({});
    expect(told).toEqual(['warning 0.4']);
    expect(watch.active()).toHaveLength(1);
  });

  test('each rule keeps its own state, in the order of the table', () => {
    const watch = createAlertWatch<'hitRate' | 'latency'>([HIT_RATIO, LATENCY]);
    watch.evaluate({ latency: { value: 1500, samples: 1 } });
    watch.evaluate({ hitRate: { value: 0.2, samples: 100 } });
    expect(watch.active().map((alert) => alert.name)).toEqual(['minHitRate', 'maxLatency']);
  });

  test.each([
    [{ value: 0.45, samples: 100 }, 'hit ratio is 45 %, below 50 %', 0.5],
    [{ value: 0.2, samples: 100 }, 'hit ratio is 20 %, below 30 %', 0.3],
  ])('the message names figure, value and threshold', (hitRate, message, threshold) => {
    const watch = createAlertWatch([HIT_RATIO]);
    watch.evaluate({ hitRate });
    expect(watch.active()).toMatchObject([{ name: 'minHitRate', message, threshold, value: hitRate.value }]);
  });

  test('the message of a clearing tells the level it had', () => {
    const cleared: Alert[] = [];
    const watch = createAlertWatch([LATENCY], { onClear: (alert) => cleared.push(alert) });
    watch.evaluate({ latency: { value: 1500, samples: 1 } });
    watch.evaluate({ latency: { value: 20, samples: 1 } });
    expect(cleared).toMatchObject([
      { level: 'warning', value: 20, message: 'latency is 20ms, no longer above 1s (was warning)' },
    ]);
  });

  test.each([
    ['bytes', 2 ** 31, 'size is 2 GiB, above 1 GiB', 2 ** 30],
    ['dollars', 0.75, 'size is $0.7500, above $0.5000', 0.5],
  ] as const)('%s are spelled for people', (unit, value, message, warning) => {
    const watch = createAlertWatch([{ ...LATENCY, unit, warning, subject: 'size' }]);
    watch.evaluate({ latency: { value, samples: 1 } });
    expect(watch.active()[0]?.message).toBe(message);
  });

  test('errors of listeners are contained and counted, and the alert stands', () => {
    const fail = (): void => {
      throw new Error('listener');
    };
    const watch = createAlertWatch([HIT_RATIO], { onAlert: fail, onClear: fail });
    watch.evaluate({ hitRate: { value: 0.1, samples: 100 } });
    expect(watch.active()).toHaveLength(1);
    watch.evaluate({ hitRate: { value: 0.9, samples: 100 } });
    expect(watch.containedErrors).toBe(2);
  });

  test('whatever the figures do, an episode is one raising, at most one rise, one clearing', () => {
    const value = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const { told, see } = scene();
        for (const each of values) see(each);
        expect(told.map((line) => line.split(' ')[0]).join(' ')).toMatch(
          /^(?:(?:warning critical|warning|critical) cleared ?)*(?:warning critical|warning|critical)?$/,
        );
      }),
    );
  });
});
