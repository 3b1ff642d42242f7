/**
 * What the client counts: calls as their callers saw them, upstream calls as they were made. Knows no prompt and no answer.
 * Invariant: every call is counted once as success, failure or abort; money is counted where it is spent, upstream.
 */
import { getHeapStatistics } from 'node:v8';
import type { LlmAlertSample } from '../adaptive/alert-figures.js';
import type { Clock } from '../core/clock.js';
import { isDeadlineError, isRateLimitError } from '../core/errors.js';
import type { Usage } from '../protocol/chat.js';
import { AllocationMeter } from '../telemetry/allocation-meter.js';
import { BucketCounts } from '../telemetry/bucket-counts.js';
import { LatencyWindow } from '../telemetry/latency-window.js';
import type { Labels } from '../telemetry/metric.js';
import { RateWindow } from '../telemetry/rate-window.js';
import type { ClientEvents } from './event-types.js';
import type { LlmMetrics } from './metric-types.js';
import { type AnswerSource, prometheusText, SELECTION_BOUNDS } from './prometheus-text.js';
import { DURATION_BOUNDS, type UpstreamFigures } from './upstream-figures.js';

/** A look at the heap costs about a microsecond: at every eighth call it is nothing, and little escapes it. */
const LOOK_EVERY = 8;

/** Counters that stages raise directly. */
export interface ClientCounters {
  cacheHits: number;
  cacheMisses: number;
  staleHits: number;
  refreshFailures: number;
  semanticHits: number;
  semanticVetoes: number;
  semanticErrors: number;
  refusalHits: number;
  cacheErrors: number;
  stored: number;
  joined: number;
  retries: number;
  fallbacks: number;
  hedges: number;
  hedgeWins: number;
  invalidAnswers: number;
  breakerOpenings: number;
  budgetRejected: number;
  queueDropped: number;
  keyCooldowns: number;
  savedCost: number;
  /** Errors of the caller's callbacks that were contained. */
  containedErrors: number;
}

/** A figure that only others know when metrics are read. */
export type MetricsContext = Pick<
  LlmMetrics,
  'breakers' | 'alerts' | 'active' | 'containedErrors' | 'concurrencyLimit' | 'p99EventLoopLag' | 'maxEventLoopLag'
>;

export class ClientLog {
  readonly counters: ClientCounters = {
    cacheHits: 0,
    cacheMisses: 0,
    staleHits: 0,
    refreshFailures: 0,
    semanticHits: 0,
    semanticVetoes: 0,
    semanticErrors: 0,
    refusalHits: 0,
    cacheErrors: 0,
    stored: 0,
    joined: 0,
    retries: 0,
    fallbacks: 0,
    hedges: 0,
    hedgeWins: 0,
    invalidAnswers: 0,
    breakerOpenings: 0,
    budgetRejected: 0,
    queueDropped: 0,
    keyCooldowns: 0,
    savedCost: 0,
    containedErrors: 0,
  };
  readonly #clock: Clock;
  readonly #isOn: boolean;
  readonly #latency: LatencyWindow = new LatencyWindow();
  readonly #firstToken: LatencyWindow = new LatencyWindow();
  readonly #selection: LatencyWindow = new LatencyWindow();
  readonly #rate: RateWindow;
  #successes = 0;
  #failures = 0;
  #aborts = 0;
  #upstreamCalls = 0;
  #upstreamFailures = 0;
  #upstreamAborts = 0;
  #rateLimited = 0;
  #timeouts = 0;
  /** Of upstream calls whose providers told their usage. */
  readonly #told: UsageSum = new UsageSum();
  #inputTokens = 0;
  #outputTokens = 0;
  readonly #durations: Record<AnswerSource, BucketCounts> = createCounts();
  readonly #firstTokens: Record<AnswerSource, BucketCounts> = createCounts();
  readonly #selections: BucketCounts = new BucketCounts(SELECTION_BOUNDS);
  readonly #allocation: AllocationMeter | undefined;
  /** What upstream answers took whose tokens are known. */
  #answeringMs = 0;
  #cost = 0;
  #routes = 0;
  #staticRoutes = 0;

  constructor(isOn: boolean, clock: Clock) {
    this.#isOn = isOn;
    this.#allocation = isOn ? new AllocationMeter(() => getHeapStatistics().used_heap_size) : undefined;
    this.#clock = clock;
    this.#rate = new RateWindow(clock.nowMs());
  }

  get #finished(): number {
    return this.#successes + this.#failures;
  }

  callEnded(event: ClientEvents['call-ended']): void {
    if (event.outcome === 'aborted') {
      this.#aborts++;
      return;
    }
    if (event.outcome === 'ok') this.#successes++;
    else this.#failures++;
    if (!this.#isOn) return;
    this.#rate.record(this.#clock.nowMs());
    this.#latency.record(event.durationMs);
    const source = event.cached ? 'cache' : event.shared ? 'shared' : 'upstream';
    this.#durations[source].record(event.durationMs / 1000);
    if (this.#finished % LOOK_EVERY === 0) this.#allocation?.look();
    if (event.firstTokenMs === undefined) return;
    this.#firstToken.record(event.firstTokenMs);
    this.#firstTokens[source].record(event.firstTokenMs / 1000);
  }

  upstreamEnded(event: ClientEvents['upstream-call'], error: unknown): void {
    const { usage } = event;
    this.#upstreamCalls++;
    if (event.outcome === 'failed') this.#upstreamFailures++;
    if (event.outcome === 'aborted') this.#upstreamAborts++;
    if (isRateLimitError(error)) this.#rateLimited++;
    if (isDeadlineError(error)) this.#timeouts++;
    this.#cost += event.cost ?? 0;
    if (usage === undefined) return;
    if (!event.isEstimate) this.#told.add(usage);
    this.#inputTokens += usage.inputTokens;
    this.#outputTokens += usage.outputTokens;
    // Vectors are not written token by token.
    if (usage.outputTokens > 0) this.#answeringMs += event.durationMs;
  }

  routeChosen({ reason, durationMs }: ClientEvents['route-chosen']): void {
    this.#routes++;
    if (reason !== 'ranked' && reason !== 'selected') this.#staticRoutes++;
    if (!this.#isOn) return;
    this.#selection.record(durationMs);
    this.#selections.record(durationMs / 1000);
  }

  read(context: MetricsContext): LlmMetrics {
    const { counters } = this;
    const lookups = counters.cacheHits + counters.cacheMisses;
    const latency = this.#latency.summary();
    const firstToken = this.#firstToken.summary();
    const selection = this.#selection.summary();
    return {
      requestRate: this.#rate.perSecond(this.#clock.nowMs()),
      successRate: ratio(this.#successes, this.#finished),
      avgLatency: latency.avgMs,
      p99Latency: latency.p99Ms,
      tokensPerSecond: ratio(this.#outputTokens, this.#answeringMs / 1000),
      costPerRequest: ratio(this.#cost, this.#finished),
      cacheHitRate: ratio(counters.cacheHits, lookups),
      retryRate: ratio(counters.retries, this.#upstreamCalls),
      p50Latency: latency.p50Ms,
      p90Latency: latency.p90Ms,
      p95Latency: latency.p95Ms,
      p50FirstToken: firstToken.p50Ms,
      p99FirstToken: firstToken.p99Ms,
      requests: this.#finished,
      successes: this.#successes,
      failures: this.#failures,
      aborts: this.#aborts,
      ...counters,
      upstreamCalls: this.#upstreamCalls,
      upstreamFailures: this.#upstreamFailures,
      upstreamAborts: this.#upstreamAborts,
      routes: this.#routes,
      staticRoutes: this.#staticRoutes,
      avgSelection: selection.avgMs,
      p99Selection: selection.p99Ms,
      rateLimited: this.#rateLimited,
      timeouts: this.#timeouts,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      cost: this.#cost,
      ...context,
      containedErrors: counters.containedErrors + context.containedErrors,
    };
  }

  /** Of an upstream call whose provider told its usage; 0 without one. */
  get avgTokens(): { readonly input: number; readonly output: number } {
    const { calls, inputTokens, outputTokens } = this.#told;
    return { input: ratio(inputTokens, calls), output: ratio(outputTokens, calls) };
  }

  /** Bytes the heap was seen to grow by; 0 while nothing is sampled. */
  get allocatedBytes(): number {
    this.#allocation?.look();
    return this.#allocation?.allocatedBytes ?? 0;
  }

  /** Throws a ConfigError for labels that cannot be added. */
  prometheus(metrics: LlmMetrics, upstream: UpstreamFigures, labels: Labels | undefined): string {
    const histograms = { durations: this.#durations, firstTokens: this.#firstTokens, selections: this.#selections };
    return prometheusText({ metrics, upstream, ...histograms }, labels);
  }

  alertSample(cpuUsage: number | undefined): LlmAlertSample {
    const latency = this.#latency.summary();
    return {
      requests: this.#finished,
      failures: this.#failures,
      avgLatency: latency.avgMs,
      p95Latency: latency.p95Ms,
      p99Latency: latency.p99Ms,
      cost: this.#cost,
      cacheHits: this.counters.cacheHits,
      cacheMisses: this.counters.cacheMisses,
      cpuUsage,
    };
  }
}

class UsageSum {
  calls = 0;
  inputTokens = 0;
  outputTokens = 0;

  add(usage: Usage): void {
    this.calls++;
    this.inputTokens += usage.inputTokens;
    this.outputTokens += usage.outputTokens;
  }
}

function createCounts(): Record<AnswerSource, BucketCounts> {
  const create = (): BucketCounts => new BucketCounts(DURATION_BOUNDS);
  return { upstream: create(), cache: create(), shared: create() };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
