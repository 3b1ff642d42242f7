import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderPrometheus } from '../../src/telemetry/prometheus.js';
import { MetricsRegistry } from '../../src/telemetry/registry.js';

describe('metrics', () => {
  test('a counter counts per series and never shrinks', () => {
    const registry = new MetricsRegistry();
    const requests = registry.counter({ name: 'requests_total', help: 'Requests.', labels: ['model'] });
    requests.with({ model: 'a' }).add();
    requests.with({ model: 'a' }).add(2);
    requests.with({ model: 'b' }).add();
    expect(registry.collect()[0]?.series).toEqual([
      { labels: { model: 'a' }, value: 3 },
      { labels: { model: 'b' }, value: 1 },
    ]);
    expect(() => requests.with({ model: 'a' }).add(-1)).toThrow(/only grows/);
  });

  test('a metric without labels reads 0 before its first event', () => {
    const registry = new MetricsRegistry();
    registry.counter({ name: 'requests_total', help: 'Requests.' });
    expect(registry.collect()[0]?.series).toEqual([{ labels: {}, value: 0 }]);
  });

  test('a gauge is set and moved', () => {
    const registry = new MetricsRegistry();
    const gauge = registry.gauge({ name: 'in_flight', help: 'Requests under way.' }).with();
    gauge.set(5);
    gauge.add(-2);
    expect(registry.collect()[0]?.series[0]?.value).toBe(3);
  });

  test('a histogram counts the values at or under each bound', () => {
    const registry = new MetricsRegistry();
    const histogram = registry.histogram({ name: 'seconds', help: 'Durations.', buckets: [0.1, 1] }).with();
    for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value);
    expect(registry.collect()[0]?.series[0]).toEqual({
      labels: {},
      value: 7.65,
      buckets: [
        { le: 0.1, count: 2 },
        { le: 1, count: 3 },
        { le: Infinity, count: 4 },
      ],
    });
  });

  test('a collector adds families until it is taken away', () => {
    const registry = new MetricsRegistry();
    const remove = registry.addCollector(() => [{ name: 'size', help: 'Entries.', kind: 'gauge', series: [] }]);
    expect(registry.collect().map((family) => family.name)).toEqual(['size']);
    remove();
    expect(registry.collect()).toEqual([]);
  });
});

describe('mistakes of the programmer throw', () => {
  const help = 'Help.';
  test.each([
    ['a bad name', (registry: MetricsRegistry) => registry.counter({ name: '1st', help })],
    ['a bad label', (registry: MetricsRegistry) => registry.counter({ name: 'a', help, labels: ['model-name'] })],
    ['a reserved label', (registry: MetricsRegistry) => registry.counter({ name: 'a', help, labels: ['__name__'] })],
    [
      'the label le',
      (registry: MetricsRegistry) => registry.histogram({ name: 'a', help, labels: ['le'], buckets: [1] }),
    ],
    ['unsorted buckets', (registry: MetricsRegistry) => registry.histogram({ name: 'a', help, buckets: [2, 1] })],
    ['an endless bucket', (registry: MetricsRegistry) => registry.histogram({ name: 'a', help, buckets: [Infinity] })],
    ['a missing label', (registry: MetricsRegistry) => registry.counter({ name: 'a', help, labels: ['b'] }).with()],
    ['an unknown label', (registry: MetricsRegistry) => registry.counter({ name: 'a', help }).with({ b: '1' })],
    [
      'a wrong label',
      (registry: MetricsRegistry) => registry.counter({ name: 'a', help, labels: ['b'] }).with({ c: '1' }),
    ],
  ])('%s', (_name, mistake) => {
    expect(() => mistake(new MetricsRegistry())).toThrow(/broken invariant/);
  });

  test('a name registered twice', () => {
    const registry = new MetricsRegistry();
    registry.counter({ name: 'a', help });
    expect(() => registry.gauge({ name: 'a', help })).toThrow(/registered once/);
  });
});

describe('label values from requests', () => {
  test('values off the allow-list become other', () => {
    const registry = new MetricsRegistry();
    const requests = registry.counter({
      name: 'requests_total',
      help: 'Requests.',
      labels: ['model', 'status'],
      allowed: { model: ['a', 'b'] },
    });
    requests.with({ model: 'a', status: '200' }).add();
    requests.with({ model: 'evil', status: '200' }).add();
    requests.with({ model: 'worse', status: '200' }).add();
    expect(registry.collect()[0]?.series).toEqual([
      { labels: { model: 'a', status: '200' }, value: 1 },
      { labels: { model: 'other', status: '200' }, value: 2 },
    ]);
  });

  test('beyond the cap new series become other, and known ones go on', () => {
    const registry = new MetricsRegistry({ maxSeries: 2 });
    const requests = registry.counter({ name: 'requests_total', help: 'Requests.', labels: ['model'] });
    for (const model of ['a', 'b', 'c', 'd', 'a']) requests.with({ model }).add();
    expect(registry.collect()[0]?.series).toEqual([
      { labels: { model: 'a' }, value: 2 },
      { labels: { model: 'b' }, value: 1 },
      { labels: { model: 'other' }, value: 2 },
    ]);
  });

  test('100,000 random models give at most 1,001 series in less than a mebibyte', () => {
    const registry = new MetricsRegistry();
    const requests = registry.counter({ name: 'requests_total', help: 'Requests.', labels: ['model'] });
    for (let i = 0; i < 100_000; i++) requests.with({ model: `${i}-${'"\\\n'.repeat(500)}` }).add();
    const family = registry.collect()[0];
    expect(family?.series.length).toBe(1_001);
    expect(family?.series.reduce((sum, series) => sum + series.value, 0)).toBe(100_000);
    expect(Buffer.byteLength(renderPrometheus(registry.collect()))).toBeLessThan(2 ** 20);
  });

  test('any label values give distinct, well-formed series that keep the total', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyText, anyText), { maxLength: 60 }), (pairs) => {
        const registry = new MetricsRegistry({ maxSeries: 20 });
        const requests = registry.counter({ name: 'requests_total', help: 'Requests.', labels: ['a', 'b'] });
        for (const [a, b] of pairs) requests.with({ a, b }).add();
        const series = registry.collect()[0]?.series ?? [];
        const asBytes = series.map(({ labels }) => Buffer.from(JSON.stringify([labels['a'], labels['b']])).toString());
        expect(series.length).toBeLessThanOrEqual(21);
        expect(new Set(asBytes).size).toBe(series.length);
        expect(series.reduce((sum, { value }) => sum + value, 0)).toBe(pairs.length);
      }),
    );
  });
});

/** Also halves of characters, which have no bytes. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 })
  .map((units) => String.fromCharCode(...units));
