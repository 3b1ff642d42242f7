/**
 * Counters, gauges and histograms by name and labels, read out as plain data. It formats and sends nothing.
 * Invariant: a metric holds at most `maxSeries` series beside the catch-all one, whatever the label values are, so
 * that names which come with requests cannot fill the memory.
 */
import { assert } from '../core/assert.js';
import {
  type Counter,
  createCounter,
  createGauge,
  createHistogram,
  type Gauge,
  type HistogramMetric,
  type HistogramMetricOptions,
  type Labels,
  type Metric,
  type MetricFamily,
  type MetricKind,
  type MetricOptions,
  type Readable,
  type Series,
} from './metric.js';

export interface RegistryOptions {
  /** Series a metric; later label values become `other`. Default 1,000. */
  readonly maxSeries?: number;
}

/** The value of a label that is not told apart. */
const OTHER = 'other';
/** Longer label values are cut. */
const MAX_LABEL_LENGTH = 128;
/** Half a character, which has no bytes of its own; a cut may leave one. */
const LONE_SURROGATE = /\p{Surrogate}/gu;
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

export class MetricsRegistry {
  readonly #maxSeries: number;
  readonly #families = new Map<string, () => MetricFamily>();
  readonly #collectors = new Set<() => readonly MetricFamily[]>();

  constructor(options: RegistryOptions = {}) {
    this.#maxSeries = options.maxSeries ?? 1_000;
  }

  counter(options: MetricOptions): Metric<Counter> {
    return this.#register('counter', options, createCounter);
  }
  gauge(options: MetricOptions): Metric<Gauge> {
    return this.#register('gauge', options, createGauge);
  }
  histogram(options: HistogramMetricOptions): Metric<HistogramMetric> {
    assert(isAscending(options.buckets), `${options.name}: buckets are finite and ascending`);
    assert(!options.labels?.includes('le'), `${options.name}: the label le belongs to the histogram`);
    return this.#register('histogram', options, () => createHistogram(options.buckets));
  }

  /** Metrics kept elsewhere: `collector` is asked at each collect(). Returns the function that ends this. */
  addCollector(collector: () => readonly MetricFamily[]): () => void {
    this.#collectors.add(collector);
    return () => void this.#collectors.delete(collector);
  }

  /** Everything as it stands now, in order of registration. O(series). */
  collect(): MetricFamily[] {
    const own = Array.from(this.#families.values(), (read) => read());
    return own.concat(...Array.from(this.#collectors, (collector) => collector()));
  }

  #register<S extends Readable>(kind: MetricKind, options: MetricOptions, create: () => S): Metric<S> {
    const { name, help, labels = [] } = options;
    assert(METRIC_NAME.test(name), `a metric is named ${METRIC_NAME}, got ${name}`);
    assert(!this.#families.has(name), `the metric ${name} is registered once`);
    for (const label of labels) assert(LABEL_NAME.test(label), `a label is named ${LABEL_NAME}, got ${label}`);
    const table = new SeriesTable(options, this.#maxSeries, create);
    // A metric without labels has its one series from the start, so that it reads 0 before the first event.
    if (labels.length === 0) table.with();
    this.#families.set(name, () => ({ name, help, kind, series: table.read() }));
    return table;
  }
}

class SeriesTable<S extends Readable> {
  readonly #options: MetricOptions;
  readonly #names: readonly string[];
  readonly #maxSeries: number;
  readonly #create: () => S;
  readonly #series = new Map<string, { readonly labels: Labels; readonly series: S }>();

  constructor(options: MetricOptions, maxSeries: number, create: () => S) {
    this.#options = options;
    this.#names = options.labels ?? [];
    this.#maxSeries = maxSeries;
    this.#create = create;
  }

  with(labels: Labels = {}): S {
    const count = Object.keys(labels).length;
    assert(count === this.#names.length, `${this.#options.name}: takes ${this.#names.length} labels, got ${count}`);
    const values = this.#names.map((name) => this.#valueOf(name, labels[name]));
    const isToldApart = this.#series.has(keyOf(values)) || this.#series.size < this.#maxSeries;
    return this.#seriesOf(isToldApart ? values : values.map(() => OTHER));
  }

  read(): Series[] {
    return Array.from(this.#series.values(), ({ labels, series }) => ({ labels, ...series.read() }));
  }

  #valueOf(name: string, value: string | undefined): string {
    assert(value !== undefined, `${this.#options.name}: the label ${name} has a value`);
    const cut = value.slice(0, MAX_LABEL_LENGTH).replace(LONE_SURROGATE, '\ufffd');
    const allowed = this.#options.allowed?.[name];
    return allowed === undefined || allowed.includes(cut) ? cut : OTHER;
  }

  #seriesOf(values: readonly string[]): S {
    const key = keyOf(values);
    const known = this.#series.get(key);
    if (known !== undefined) return known.series;
    const labels = Object.fromEntries(this.#names.map((name, index) => [name, values[index] ?? OTHER]));
    const series = this.#create();
    this.#series.set(key, { labels, series });
    return series;
  }
}

/** Distinct for distinct lists. */
function keyOf(values: readonly string[]): string {
  return JSON.stringify(values);
}

function isAscending(bounds: readonly number[]): boolean {
  return bounds.every((bound, index) => Number.isFinite(bound) && (index === 0 || bound > (bounds[index - 1] ?? 0)));
}
