/** The little of `@opentelemetry/api` 1.x that createOtelListener uses, by shape: the package itself fits. Types only. */

export type OtelAttributes = Record<string, string | number | boolean | string[]>;

export interface OtelSpan {
  setAttributes(attributes: OtelAttributes): unknown;
  setStatus(status: { code: number }): unknown;
  end(endTime?: Date): void;
}

export interface OtelSpanOptions {
  kind?: number;
  attributes?: OtelAttributes;
  startTime?: Date;
}

export interface OtelHistogramOptions {
  unit?: string;
  description?: string;
  advice?: { explicitBucketBoundaries?: number[] };
}

export interface OtelHistogram {
  record(value: number, attributes?: OtelAttributes): void;
}

/** Contexts are the package's own: they are only handed on. */
export interface OtelApi {
  readonly trace: {
    getTracer(name: string): { startSpan(name: string, options?: OtelSpanOptions, context?: unknown): OtelSpan };
    setSpan(context: unknown, span: OtelSpan): unknown;
  };
  readonly context: { active(): unknown };
  readonly metrics: {
    getMeter(name: string): { createHistogram(name: string, options?: OtelHistogramOptions): OtelHistogram };
  };
}
