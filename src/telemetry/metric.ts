/** What a metric holds at one moment. Types only; who counts is elsewhere. */

export type MetricKind = 'counter' | 'gauge' | 'histogram';
export type Labels = Readonly<Record<string, string>>;

export interface MetricFamily {
  /** `[a-zA-Z_:][a-zA-Z0-9_:]*` */
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
