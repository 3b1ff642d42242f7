/**
 * What the client counts: calls as their callers saw them, upstream calls as they were made. Knows no prompt and no answer.
 * Invariant: every call is counted once as success, failure or abort; money is counted where it is spent, upstream.
 */
import type { LlmAlertSample } from '../adaptive/alert-figures.js';
import type { Clock } from '../core/clock.js';
import { isDeadlineError, isRateLimitError } from '../core/errors.js';
import type { Usage } from '../protocol/chat.js';
import { LatencyWindow } from '../telemetry/latency-window.js';
import { RateWindow } from '../telemetry/rate-window.js';
import type { ClientEvents, LlmMetrics } from './types.js';

/** Counters that stages raise directly. */
export interface ClientCounters {
  cacheHits: number;
  cacheMisses: number;
  staleHits: number;
  refreshFailures: number;
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
export type MetricsContext = Pick<LlmMetrics, 'breakers' | 'active' | 'containedErrors' | 'concurrencyLimit'>;

export class ClientLog {
  readonly counters: ClientCounters = {
    cacheHits: 0,
    cacheMisses: 0,
    staleHits: 0,
    refreshFailures: 0,
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
  #inputTokens = 0;
  #outputTokens = 0;
  /** What upstream answers took whose tokens are known. */
  #answeringMs = 0;
  #cost = 0;
  #routes = 0;
  #staticRoutes = 0;

  constructor(isOn: boolean, clock: Clock) {
    this.#isOn = isOn;
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
    if (event.firstTokenMs !== undefined) this.#firstToken.record(event.firstTokenMs);
  }

  upstreamEnded(event: ClientEvents['upstream-call'], usage: Usage | undefined, error: unknown): void {
    this.#upstreamCalls++;
    if (event.outcome === 'failed') this.#upstreamFailures++;
    if (event.outcome === 'aborted') this.#upstreamAborts++;
    if (isRateLimitError(error)) this.#rateLimited++;
    if (isDeadlineError(error)) this.#timeouts++;
    this.#cost += event.cost ?? 0;
    if (usage === undefined) return;
    this.#inputTokens += usage.inputTokens;
    this.#outputTokens += usage.outputTokens;
    this.#answeringMs += event.durationMs;
  }

  routeChosen({ reason, durationMs }: ClientEvents['route-chosen']): void {
    this.#routes++;
    if (reason !== 'ranked' && reason !== 'selected') this.#staticRoutes++;
    if (this.#isOn) this.#selection.record(durationMs);
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

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
