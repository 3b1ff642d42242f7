/** What a metric is and what one series of it holds. Names and labels are the registry's business. */
import { assert } from '../core/assert.js';

export type MetricKind = 'counter' | 'gauge' | 'histogram';
/** A value for each label of the metric, none more and none less. */
export type Labels = Readonly<Record<string, string>>;

export interface MetricOptions {
  /** `[a-zA-Z_:][a-zA-Z0-9_:]*`; unique in the registry. */
  readonly name: string;
  readonly help: string;
  /** `[a-zA-Z_][a-zA-Z0-9_]*`, not beginning with two underscores. Default none. */
  readonly labels?: readonly string[] | undefined;
  /** Per label the values that are told apart; others become `other`. Default: all. */
  readonly allowed?: Readonly<Record<string, readonly string[]>> | undefined;
}
export interface HistogramMetricOptions extends MetricOptions {
  /** Upper bounds, ascending and finite; the bucket of all values is added. */
  readonly buckets: readonly number[];
}

export interface Counter {
  /** Adds `by`, at least 0. Default 1. */
  add(by?: number): void;
}
export interface Gauge {
  set(value: number): void;
  add(by: number): void;
}
export interface HistogramMetric {
  observe(value: number): void;
}

/** A metric whose series are found by labels. Keep the series where it is used often: finding it builds a key. */
export interface Metric<S> {
  with(labels?: Labels): S;
}

/** What a metric holds at one moment. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly kind: MetricKind;
  readonly series: readonly Series[];
}
export interface Series {
  readonly labels: Labels;
  /** Of counters and gauges; of histograms the sum. */
  readonly value: number;
  /** Of histograms: how many values were at or under each bound; the last bound is Infinity. */
  readonly buckets?: readonly { readonly le: number; readonly count: number }[];
}

/** A series that can be read out. */
export interface Readable {
  read(): Omit<Series, 'labels'>;
}

export function createCounter(): Counter & Readable {
  let value = 0;
  return {
    add(by = 1) {
      assert(by >= 0, `a counter only grows, got ${by}`);
      value += by;
    },
    read: () => ({ value }),
  };
}

export function createGauge(): Gauge & Readable {
  let value = 0;
  return {
    set(next) {
      value = next;
    },
    add(by) {
      value += by;
    },
    read: () => ({ value }),
  };
}

/** `bounds` ascending and finite. Observing is O(bounds). */
export function createHistogram(bounds: readonly number[]): HistogramMetric & Readable {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    observe(value) {
      const bucket = bounds.findIndex((bound) => value <= bound);
      const at = bucket < 0 ? bounds.length : bucket;
      counts[at] = (counts[at] ?? 0) + 1;
      sum += value;
    },
    read() {
      let total = 0;
      const buckets = Array.from(counts, (count, index) => {
        total += count;
        return { le: bounds[index] ?? Infinity, count: total };
      });
      return { value: sum, buckets };
    },
  };
}
