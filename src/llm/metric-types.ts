/** What a client counts and measures of itself. Types only. */
import type { Alert } from '../adaptive/alerts.js';
import type { CircuitState } from '../resilience/circuit-breaker.js';

/** Rates are fractions, times milliseconds, money US dollars at list price. 0 without data. */
export interface LlmMetrics {
  /** Finished calls a second over the last minute. */
  readonly requestRate: number;
  /** Calls that ended well, of those that ended well or failed; a caller's abort is neither. */
  readonly successRate: number;
  readonly avgLatency: number;
  readonly p99Latency: number;
  /** Output tokens of fresh answers over the time they took. */
  readonly tokensPerSecond: number;
  readonly costPerRequest: number;
  /** Hits of the answer cache, of the calls that asked it. */
  readonly cacheHitRate: number;
  /** Retries, of the upstream calls. */
  readonly retryRate: number;

  readonly p50Latency: number;
  readonly p90Latency: number;
  readonly p95Latency: number;
  readonly p50FirstToken: number;
  readonly p99FirstToken: number;
  readonly requests: number;
  readonly successes: number;
  readonly failures: number;
  /** Calls that their caller left. */
  readonly aborts: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Misses that an expired answer stood in for. */
  readonly staleHits: number;
  /** Fresh answers in place of expired ones that could not be made. */
  readonly refreshFailures: number;
  /** Hits by another question that means the same; they are among cacheHits. */
  readonly semanticHits: number;
  /** Questions near enough that said something else. */
  readonly semanticVetoes: number;
  /** Vectors that were not to be had, each a miss. */
  readonly semanticErrors: number;
  /** Calls that failed at once, since the provider had refused the same before (withNegativeCache). */
  readonly refusalHits: number;
  /** Reads and writes of the cache that failed, each a miss or an answer not stored. */
  readonly cacheErrors: number;
  /** Answers stored. */
  readonly stored: number;
  /** Calls that joined another's upstream call. */
  readonly joined: number;
  readonly upstreamCalls: number;
  readonly upstreamFailures: number;
  /**
   * Upstream calls cancelled before their end: those that lost a race or a hedge, and those that everybody left. Their
   * tokens are in the figures: as the provider told them, or else by estimate, as of all calls that were cut.
   */
  readonly upstreamAborts: number;
  readonly retries: number;
  /** Calls passed on to the next target. */
  readonly fallbacks: number;
  /** Asked beside a target whose first token was late; and those of them that were the first to answer. */
  readonly hedges: number;
  readonly hedgeWins: number;
  /** Calls that the router was asked about, and those of them that were asked in the configured order. */
  readonly routes: number;
  readonly staticRoutes: number;
  /** How long the router took. */
  readonly avgSelection: number;
  readonly p99Selection: number;
  /** Answers that the validator refused. */
  readonly invalidAnswers: number;
  /** Upstream calls that the provider answered with too many requests. */
  readonly rateLimited: number;
  /** Attempts that withBudget refused, and those that found no place in the queue or none in time. */
  readonly budgetRejected: number;
  readonly queueDropped: number;
  /** Times that a key was sent to rest, because the provider throttled or refused it. */
  readonly keyCooldowns: number;
  /** Upstream calls the primary may have at once now; 0 without withAdaptiveConcurrency or withQueue. */
  readonly concurrencyLimit: number;
  readonly timeouts: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: number;
  /** What the answers from the cache and from shared calls would have cost. */
  readonly savedCost: number;
  readonly breakerOpenings: number;
  readonly breakers: readonly BreakerStatus[];
  /** Alerts that stand; none without withAlerts. */
  readonly alerts: readonly Alert[];
  /**
   * How late the event loop ran a timer, over the newest 1024 looks: one each 50 ms while calls are under way. A loop that
   * stands still for long makes timeouts late and answers slow. 0 with withMetrics(false) or an injected clock.
   */
  readonly p99EventLoopLag: number;
  readonly maxEventLoopLag: number;
  /** Calls under way now. */
  readonly active: number;
  /** Errors of listeners and callbacks that were contained. */
  readonly containedErrors: number;
}

/** A breaker guards one model at one target. */
export interface BreakerStatus {
  readonly provider: string;
  readonly model: string;
  readonly target: number;
  readonly state: CircuitState['kind'];
}

/** The figures of source document 000, under its names; of LlmMetrics and the process. 0 without data. */
export interface PerformanceMetrics {
  /** Finished calls a second over the last minute. */
  readonly requestRate: number;
  /** Milliseconds, over the newest 1024 finished calls, as are the percentiles. */
  readonly averageLatency: number;
  readonly p50Latency: number;
  readonly p90Latency: number;
  readonly p99Latency: number;
  /** Hits of the answer cache, of the calls that asked it: 0..1, as all ratios here. */
  readonly cacheHitRatio: number;
  /**
   * Bytes the JavaScript heap of the whole process grew by, over the finished calls. A lower bound, sampled at every
   * eighth call: what was allocated and collected in between does not show. 0 with withMetrics(false).
   */
  readonly allocationRate: number;
  /** What goroutines are there: calls under way. */
  readonly goroutineCount: number;
  /** Connections open now to the origins of the targets; other clients of the same origins share them. */
  readonly connectionCount: number;
}
