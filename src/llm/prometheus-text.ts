/**
 * The client's metrics as Prometheus text. `cache_operations_total` and
 * `provider_selection_duration_seconds` are names of source document 001; the others are ours. Labels hold provider, model and target, never a prompt, key or scope, and models only up to a bound.
 */
import { ConfigError } from '../core/errors.js';
import type { BucketCounts } from '../telemetry/bucket-counts.js';
import type { Labels, MetricFamily, MetricKind, Series } from '../telemetry/metric.js';
import { renderPrometheus } from '../telemetry/prometheus.js';
import type { LlmMetrics } from './metric-types.js';
import type { ModelFigures, UpstreamFigures } from './upstream-figures.js';

/** Where an answer came from, as its caller saw it. */
export type AnswerSource = 'upstream' | 'cache' | 'shared';

export interface PrometheusFigures {
  readonly metrics: LlmMetrics;
  readonly upstream: UpstreamFigures;
  /** In seconds. */
  readonly durations: Readonly<Record<AnswerSource, BucketCounts>>;
  readonly firstTokens: Readonly<Record<AnswerSource, BucketCounts>>;
  readonly selections: BucketCounts;
}

/** Of `provider_selection_duration_seconds`, in source document 001. */
export const SELECTION_BOUNDS: readonly number[] = Object.freeze([0.01, 0.05, 0.1, 0.5, 1]);

type Row<From> = readonly [name: string, kind: MetricKind, help: string, read: (from: From) => number];

const CLIENT_ROWS: readonly Row<LlmMetrics>[] = [
  ['active_calls', 'gauge', 'Calls under way.', (metrics) => metrics.active],
  [
    'event_loop_lag_p99_seconds',
    'gauge',
    'How late the event loop ran a timer, over the newest 1024 looks.',
    (metrics) => metrics.p99EventLoopLag / 1000,
  ],
  ['event_loop_lag_max_seconds', 'gauge', 'The latest of these.', (metrics) => metrics.maxEventLoopLag / 1000],
  ['requests_per_second', 'gauge', 'Finished calls a second over the last minute.', (metrics) => metrics.requestRate],
  ['refusal_hits_total', 'counter', 'Calls answered with a remembered refusal.', (metrics) => metrics.refusalHits],
  ['stored_total', 'counter', 'Answers stored.', (metrics) => metrics.stored],
  ['joined_total', 'counter', "Calls that joined another's upstream call.", (metrics) => metrics.joined],
  ['retries_total', 'counter', 'Attempts made again.', (metrics) => metrics.retries],
  ['fallbacks_total', 'counter', 'Calls passed on to the next target.', (metrics) => metrics.fallbacks],
  ['hedges_total', 'counter', 'Asked beside a target that was late.', (metrics) => metrics.hedges],
  ['hedge_wins_total', 'counter', 'Hedges that were the first to answer.', (metrics) => metrics.hedgeWins],
  ['routes_total', 'counter', 'Choices of withRouter.', (metrics) => metrics.routes],
  [
    'static_routes_total',
    'counter',
    'Of these, those that kept the configured order.',
    (metrics) => metrics.staticRoutes,
  ],
  ['stale_hits_total', 'counter', 'Calls answered with an expired answer.', (metrics) => metrics.staleHits],
  [
    'refresh_failures_total',
    'counter',
    'Expired answers that could not be replaced.',
    (metrics) => metrics.refreshFailures,
  ],
  ['invalid_answers_total', 'counter', 'Answers that the validator refused.', (metrics) => metrics.invalidAnswers],
  ['rate_limited_total', 'counter', 'Attempts that a rate limit refused.', (metrics) => metrics.rateLimited],
  ['budget_rejected_total', 'counter', 'Attempts that withBudget refused.', (metrics) => metrics.budgetRejected],
  ['queue_dropped_total', 'counter', 'Attempts that found no place in the queue.', (metrics) => metrics.queueDropped],
  ['key_cooldowns_total', 'counter', 'Times that a key was sent to rest.', (metrics) => metrics.keyCooldowns],
  [
    'concurrency_limit',
    'gauge',
    'Upstream calls the primary may have at once; 0 for any number.',
    (metrics) => metrics.concurrencyLimit,
  ],
  ['timeouts_total', 'counter', 'Attempts that ended in a timeout.', (metrics) => metrics.timeouts],
  ['breaker_openings_total', 'counter', 'Times that a circuit breaker opened.', (metrics) => metrics.breakerOpenings],
  [
    'contained_errors_total',
    'counter',
    'Errors of callbacks that were contained.',
    (metrics) => metrics.containedErrors,
  ],
  [
    'saved_cost_dollars_total',
    'counter',
    'What cached and shared answers would have cost.',
    (metrics) => metrics.savedCost,
  ],
];

const MODEL_ROWS: readonly Row<ModelFigures>[] = [
  ['input_tokens_total', 'counter', 'Tokens read.', (figures) => figures.inputTokens],
  [
    'cached_input_tokens_total',
    'counter',
    "Of the tokens read, those from the vendor's cache.",
    (figures) => figures.cachedInputTokens,
  ],
  [
    'cache_write_input_tokens_total',
    'counter',
    "Of the tokens read, those put into the vendor's cache.",
    (figures) => figures.cacheWriteInputTokens,
  ],
  ['output_tokens_total', 'counter', 'Tokens written, reasoning included.', (figures) => figures.outputTokens],
  ['reasoning_tokens_total', 'counter', 'Of the tokens written, reasoning.', (figures) => figures.reasoningTokens],
  ['cost_dollars_total', 'counter', 'US dollars at list price.', (figures) => figures.cost],
];

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const OWN_LABELS: ReadonlySet<string> = new Set([
  ...['le', 'level', 'model', 'operation', 'outcome', 'provider', 'source', 'state', 'target'],
]);

/** Throws a ConfigError for labels that cannot be added. */
export function prometheusText(figures: PrometheusFigures, labels: Labels = {}): string {
  checkLabels(labels);
  const families = [
    ...familiesOfCalls(figures),
    ...familiesOfModels(figures.upstream),
    ...familiesOfStates(figures.metrics),
  ];
  return renderPrometheus(
    families.map((family) => ({ ...family, series: family.series.map((one) => labelled(one, labels)) })),
  );
}

function familiesOfCalls({ metrics, durations, firstTokens, selections }: PrometheusFigures): readonly MetricFamily[] {
  const outcomes = { ok: metrics.successes, failed: metrics.failures, aborted: metrics.aborts };
  const operations = { hit: metrics.cacheHits, miss: metrics.cacheMisses, error: metrics.cacheErrors };
  return [
    {
      name: 'cache_operations_total',
      help: 'Reads of the answer cache by outcome; errors are those of reads and writes.',
      kind: 'counter',
      series: byLabel('operation', operations),
    },
    {
      name: 'provider_selection_duration_seconds',
      help: 'Time withRouter took to choose who is asked.',
      kind: 'histogram',
      series: [selections.series({})],
    },
    { name: 'sherd_llm_calls_total', help: 'Calls by outcome.', kind: 'counter', series: byLabel('outcome', outcomes) },
    {
      name: 'sherd_llm_call_duration_seconds',
      help: 'From the call to its end, by where the answer came from.',
      kind: 'histogram',
      series: bySource(durations),
    },
    {
      name: 'sherd_llm_call_first_token_seconds',
      help: 'From the call to the first content, by where the answer came from.',
      kind: 'histogram',
      series: bySource(firstTokens),
    },
    ...CLIENT_ROWS.map(([name, kind, help, read]): MetricFamily => {
      return { name: `sherd_llm_${name}`, help, kind, series: [{ labels: {}, value: read(metrics) }] };
    }),
  ];
}

function familiesOfModels(upstream: UpstreamFigures): readonly MetricFamily[] {
  const all = upstream.list();
  return [
    {
      name: 'sherd_llm_upstream_calls_total',
      help: 'Upstream calls by outcome.',
      kind: 'counter',
      series: all.flatMap(({ labels, figures }) =>
        byLabel('outcome', figures.calls).map((series) => labelled(series, labels)),
      ),
    },
    {
      name: 'sherd_llm_upstream_duration_seconds',
      help: 'Time an upstream call took, unless it was left.',
      kind: 'histogram',
      series: all.map(({ labels, figures }) => figures.durations.series(labels)),
    },
    {
      name: 'sherd_llm_upstream_first_token_seconds',
      help: 'Time to the first content of an upstream call, unless it was left.',
      kind: 'histogram',
      series: all.map(({ labels, figures }) => figures.firstTokens.series(labels)),
    },
    ...MODEL_ROWS.map(([name, kind, help, read]): MetricFamily => {
      const series = all.map(({ labels, figures }) => ({ labels, value: read(figures) }));
      return { name: `sherd_llm_${name}`, help, kind, series };
    }),
  ];
}

function familiesOfStates({ breakers, alerts }: LlmMetrics): readonly MetricFamily[] {
  const states = { closed: 0, open: 0, 'half-open': 0 };
  for (const { state } of breakers) states[state]++;
  const levels = { warning: 0, critical: 0 };
  for (const { level } of alerts) levels[level]++;
  return [
    { name: 'sherd_llm_breakers', help: 'Circuit breakers by state.', kind: 'gauge', series: byLabel('state', states) },
    { name: 'sherd_llm_alerts', help: 'Alerts that stand, by level.', kind: 'gauge', series: byLabel('level', levels) },
  ];
}

function byLabel(name: string, values: Readonly<Record<string, number>>): readonly Series[] {
  return Object.entries(values).map(([label, value]) => ({ labels: { [name]: label }, value }));
}

function bySource(counts: Readonly<Record<AnswerSource, BucketCounts>>): readonly Series[] {
  return Object.entries(counts).map(([source, one]) => one.series({ source }));
}

function labelled(series: Series, labels: Labels): Series {
  return { ...series, labels: { ...labels, ...series.labels } };
}

function checkLabels(labels: Labels): void {
  const bad = Object.entries(labels).filter(
    ([name, value]) =>
      !LABEL_NAME.test(name) || name.startsWith('__') || OWN_LABELS.has(name) || typeof value !== 'string',
  );
  if (bad.length === 0) return;
  const expected = `a text under a label name of Prometheus that is none of ${[...OWN_LABELS].join(', ')}`;
  throw new ConfigError(
    'these labels',
    bad.map(([path, value]) => ({ path, expected, received: `a ${typeof value}`, setBy: 'prometheus()' })),
  );
}
