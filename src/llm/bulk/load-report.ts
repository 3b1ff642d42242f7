/** What a load test has seen, in fixed memory: quantiles are within 1 % of the truth, counts and extremes exact. */
import { Histogram } from '../../structures/histogram.js';
import type { ChatResponse } from '../types.js';

export interface LoadLatency {
  readonly avgMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface LoadReport {
  /** Calls that the schedule holds, and those that have begun, been answered and failed. */
  readonly planned: number;
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  /** Failures by the code of their error; ERR_UNKNOWN for what is no SherdError. */
  readonly errors: Readonly<Record<string, number>>;
  /** Answers from the cache, and from another's upstream call. */
  readonly cached: number;
  readonly shared: number;
  /** From the start to the last answer, or to now. */
  readonly durationMs: number;
  /** Calls a second: as planned, and as answered over durationMs. */
  readonly offeredRps: number;
  readonly achievedRps: number;
  /** Of answers, from the moment the call should have begun. */
  readonly latency: LoadLatency;
  /** Of failed calls, likewise: what is refused at once does not flatter the answers. */
  readonly failureLatency: LoadLatency;
  /** How much later than planned calls began: the lag of the tester, or the wait for a place. */
  readonly startDelay: LoadLatency;
  readonly maxInFlight: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars of the answers whose price is known, and how many answers have none. */
  readonly cost: number;
  readonly unpriced: number;
}

export class LoadLog {
  readonly #planned: number;
  readonly #offeredRps: number;
  readonly #latency = new Histogram();
  readonly #failureLatency = new Histogram();
  readonly #startDelay = new Histogram();
  readonly #errors = new Map<string, number>();
  #maxInFlight = 0;
  #cached = 0;
  #shared = 0;
  #inputTokens = 0;
  #outputTokens = 0;
  #cost = 0;
  #unpriced = 0;

  constructor(planned: number, offeredRps: number) {
    this.#planned = planned;
    this.#offeredRps = offeredRps;
  }

  began(delayMs: number, inFlight: number): void {
    this.#startDelay.record(Math.max(0, delayMs));
    this.#maxInFlight = Math.max(this.#maxInFlight, inFlight);
  }

  answered(latencyMs: number, { cached, shared, usage, cost }: ChatResponse): void {
    this.#latency.record(Math.max(0, latencyMs));
    if (cached) this.#cached++;
    if (shared) this.#shared++;
    if (cost === undefined) this.#unpriced++;
    this.#cost += cost ?? 0;
    // What another call has paid for is not spent twice.
    if (cached || shared) return;
    this.#inputTokens += usage?.inputTokens ?? 0;
    this.#outputTokens += usage?.outputTokens ?? 0;
  }

  failed(latencyMs: number, code: string): void {
    this.#failureLatency.record(Math.max(0, latencyMs));
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  report(durationMs: number): LoadReport {
    const answered = this.#latency.count;
    return {
      planned: this.#planned,
      sent: this.#startDelay.count,
      answered,
      failed: this.#failureLatency.count,
      errors: Object.fromEntries(this.#errors),
      cached: this.#cached,
      shared: this.#shared,
      durationMs,
      offeredRps: this.#offeredRps,
      achievedRps: durationMs === 0 ? 0 : (answered * 1000) / durationMs,
      latency: latencyOf(this.#latency),
      failureLatency: latencyOf(this.#failureLatency),
      startDelay: latencyOf(this.#startDelay),
      maxInFlight: this.#maxInFlight,
      inputTokens: this.#inputTokens,
      outputTokens: this.#outputTokens,
      cost: this.#cost,
      unpriced: this.#unpriced,
    };
  }
}

function latencyOf(histogram: Histogram): LoadLatency {
  return {
    avgMs: histogram.mean,
    p50Ms: histogram.quantile(0.5),
    p90Ms: histogram.quantile(0.9),
    p95Ms: histogram.quantile(0.95),
    p99Ms: histogram.quantile(0.99),
    maxMs: histogram.max,
  };
}
