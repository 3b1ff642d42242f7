import { describe, expect, test } from 'vitest';
import { alertRules, alertSettingsType } from '../../src/adaptive/alert-settings.js';
import { guideCacheAlerts, hubCacheAlerts } from '../../src/adaptive/alert-tables.js';
import { checkThresholds, overrideThresholds } from '../../src/adaptive/alert-thresholds.js';

const TABLES = { guide: guideCacheAlerts, hub: hubCacheAlerts };
const check = (thresholds: Record<string, unknown>): unknown[] =>
  checkThresholds(guideCacheAlerts, thresholds, 'withAlerts');

describe('thresholds of one’s own', () => {
  test('known names within range are no problem', () => {
    expect(check({ minHitRate: 1 })).toEqual([]);
    expect(check({ minHitRate: 0.9, maxGetLatency: 0, maxMemoryUsage: 2 ** 33, maxShardImbalance: 1.5 })).toEqual([]);
  });

  test('an unknown name is a problem with a suggestion', () => {
    expect(check({ minHitrat: 0.9 })).toEqual([
      {
        path: 'minHitrat',
        expected: 'one of minHitRate, maxGetLatency, maxMemoryUsage, maxShardImbalance',
        received: 'an unknown name',
        setBy: 'withAlerts',
        suggestion: 'minHitRate',
      },
    ]);
  });

  test('a name that is like none has no suggestion, nor has one that every object inherits', () => {
    expect(check({ zzz: 1, constructor: 1 })).toEqual([
      expect.not.objectContaining({ suggestion: expect.anything() }),
      expect.not.objectContaining({ suggestion: expect.anything() }),
    ]);
  });

  test.each([
    ['a percentage for a fraction', { minHitRate: 80 }],
    ['a negative number', { maxGetLatency: -1 }],
    ['NaN', { maxGetLatency: Number.NaN }],
    ['an endless number', { maxGetLatency: Number.POSITIVE_INFINITY }],
    ['a string', { maxGetLatency: '1ms' }],
  ])('%s is refused', (_name, thresholds) => {
    expect(check(thresholds)).toHaveLength(1);
  });

  test('all problems are told at once', () => {
    expect(check({ minHitRate: 80, nope: 1, maxGetLatency: -1 })).toHaveLength(3);
  });

  test('they replace the named thresholds and leave the others', () => {
    const rules = overrideThresholds(guideCacheAlerts, { minHitRate: 0.6 });
    expect(rules.map((rule) => rule.warning)).toEqual([0.6, 1, 2 ** 30, 0.2]);
    expect(guideCacheAlerts[0]?.warning).toBe(0.8);
  });
});

describe('alert settings', () => {
  const type = alertSettingsType(TABLES);

  test.each([
    ['guide', guideCacheAlerts],
    ['HUB', hubCacheAlerts],
  ] as const)('%s names a table', (thresholds, table) => {
    const parsed = type.parse({ thresholds });
    expect(parsed.ok && alertRules(parsed.value, TABLES)).toBe(table);
  });

  test('bare thresholds and words are accepted, as JSON has them', () => {
    const parsed = type.parse({ minHitRate: 0.6 });
    expect(parsed.ok && alertRules(parsed.value, TABLES)[0]?.warning).toBe(0.6);
    expect(type.parse('guide').ok).toBe(true);
  });

  test('the listener is kept', () => {
    const onAlert = (): void => {};
    const parsed = type.parse({ thresholds: 'guide', onAlert });
    expect(parsed.ok && parsed.value.onAlert).toBe(onAlert);
  });

  test('problems of thresholds come with their names', () => {
    const parsed = type.parse({ thresholds: { minHitRat: 1, maxGetLatency: -1 } });
    expect(parsed.ok).toBe(false);
    expect(!parsed.ok && parsed.nested?.map((issue) => issue.path)).toEqual(['minHitRat', 'maxGetLatency']);
  });

  test.each([[{ thresholds: 'guide', onAlert: 1 }], ['all'], [1], [null], [[0.8]], [{ thresholds: undefined }]])(
    '%o is refused',
    (value) => {
      expect(type.parse(value).ok).toBe(false);
    },
  );
});
