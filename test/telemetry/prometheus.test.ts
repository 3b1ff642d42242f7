import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROMETHEUS_CONTENT_TYPE, renderPrometheus } from '../../src/telemetry/prometheus.js';
import { MetricsRegistry } from '../../src/telemetry/registry.js';

test('the content type names the version of the text format', () => {
  expect(PROMETHEUS_CONTENT_TYPE).toBe('text/plain; version=0.0.4');
});

test('families are printed with help, type, labels and buckets', () => {
  const registry = new MetricsRegistry();
  const requests = registry.counter({ name: 'requests_total', help: 'Requests by\nmodel \\ all.', labels: ['model'] });
  requests.with({ model: 'a"b\\c\nd' }).add(2);
  const seconds = registry.histogram({ name: 'seconds', help: 'Durations.', labels: ['route'], buckets: [0.5, 1] });
  seconds.with({ route: '/' }).observe(0.75);
  registry.gauge({ name: 'ratio', help: 'A ratio.' }).with().set(Number.NaN);
  registry.gauge({ name: 'least', help: 'A bound.' }).with().set(-Infinity);
  expect(renderPrometheus(registry.collect())).toBe(
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
      const registry = new MetricsRegistry();
      registry
        .counter({ name: 'requests_total', help: 'Requests.', labels: ['model'] })
        .with({ model })
        .add();
      const sample = renderPrometheus(registry.collect()).split('\n')[2] ?? '';
      const quoted = /^requests_total\{model="((?:[^"\\\n]|\\["\\n])*)"\} 1$/.exec(sample)?.[1];
      const unescaped = quoted?.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
      expect(unescaped).toBe(model);
    }),
  );
});
