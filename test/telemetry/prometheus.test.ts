import { expect, test } from 'vitest';
import type { MetricFamily } from '../../src/telemetry/metric.js';
import { joinPrometheus, renderPrometheus } from '../../src/telemetry/prometheus.js';
import { fc } from '../support/property.js';

test('families are printed with help, type, labels and buckets', () => {
  const families: MetricFamily[] = [
    {
      name: 'requests_total',
      help: 'Requests by\nmodel \\ all.',
      kind: 'counter',
      series: [{ labels: { model: 'a"b\\c\nd' }, value: 2 }],
    },
    {
      name: 'seconds',
      help: 'Durations.',
      kind: 'histogram',
      series: [
        {
          labels: { route: '/' },
          value: 0.75,
          buckets: [
            { le: 0.5, count: 0 },
            { le: 1, count: 1 },
            { le: Infinity, count: 1 },
          ],
        },
      ],
    },
    { name: 'ratio', help: 'A ratio.', kind: 'gauge', series: [{ labels: {}, value: Number.NaN }] },
    { name: 'least', help: 'A bound.', kind: 'gauge', series: [{ labels: {}, value: -Infinity }] },
  ];
  expect(renderPrometheus(families)).toBe(
    [
      '# HELP requests_total Requests by\\nmodel \\\\ all.',
      '# TYPE requests_total counter',
      'requests_total{model="a\\"b\\\\c\\nd"} 2',
      '# HELP seconds Durations.',
      '# TYPE seconds histogram',
      'seconds_bucket{route="/",le="0.5"} 0',
      'seconds_bucket{route="/",le="1"} 1',
      'seconds_bucket{route="/",le="+Inf"} 1',
      'seconds_sum{route="/"} 0.75',
      'seconds_count{route="/"} 1',
      '# HELP ratio A ratio.',
      '# TYPE ratio gauge',
      'ratio NaN',
      '# HELP least A bound.',
      '# TYPE least gauge',
      'least -Inf',
      '',
    ].join('\n'),
  );
});

test('no label value can break out of its quotes or its line', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '\n', '}', ' ', 'a', '#') }), (model) => {
      const series = [{ labels: { model }, value: 1 }];
      const families: MetricFamily[] = [{ name: 'requests_total', help: 'Requests.', kind: 'counter', series }];
      const sample = renderPrometheus(families).split('\n')[2] ?? '';
      const quoted = /^requests_total\{model="((?:[^"\\\n]|\\["\\n])*)"\} 1$/.exec(sample)?.[1];
      const unescaped = quoted?.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
      expect(unescaped).toBe(model);
    }),
  );
});

test('joined texts announce a family once, in the order they came, with the samples of all', () => {
  const family = (name: string, client: string): MetricFamily => {
    return { name, help: `Of ${name}.`, kind: 'gauge', series: [{ labels: { client }, value: 1 }] };
  };
  const first = renderPrometheus([family('one', 'a'), family('two', 'a# HELP ')]);
  const second = renderPrometheus([family('two', 'b'), family('three', 'b')]);
  expect(joinPrometheus(first, second)).toBe(
    [
      '# HELP one Of one.\n# TYPE one gauge\none{client="a"} 1',
      '# HELP two Of two.\n# TYPE two gauge\ntwo{client="a# HELP "} 1\ntwo{client="b"} 1',
      '# HELP three Of three.\n# TYPE three gauge\nthree{client="b"} 1\n',
    ].join('\n'),
  );
  expect([joinPrometheus(first), joinPrometheus()]).toEqual([first, '']);
});
