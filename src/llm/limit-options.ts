/** Options on how much may be asked: rates, budgets, concurrency, the queue before it. Checks stand in limit-types.ts. */
import { type AnyCase, milliseconds } from '../cache/storage-options.js';
import type { Duration } from '../core/units.js';
import { compose, labelOf, type Option, option } from '../options/option.js';
import type { RateLimitAlgorithm } from '../resilience/rate-meter.js';
import type { AdaptiveConcurrencySettings, BudgetSettings, IdempotencyKeySetting, QueueSettings } from './config.js';

/** Limits of a minute; either may be left out. A burst goes with its limit. */
export interface RateLimits {
  /** 1 to 10,000,000. */
  readonly requestsPerMinute?: number;
  /** 1 to `requestsPerMinute`, which is the default. */
  readonly requestBurst?: number;
  /** 1 to 10^12, in and out together. */
  readonly tokensPerMinute?: number;
  /** 1 to `tokensPerMinute`, which is the default. A call of more waits until as much is there, and is paid off after it. */
  readonly tokenBurst?: number;
}

type RatePatch = { -readonly [K in keyof RateLimits]: number };

/**
 * Bounds upstream requests a minute, and tokens a minute if given, for each target; more wait in line. Tokens are
 * estimated before a call, a quarter of its characters and its `maxTokens`, and corrected by the provider's count after
 * it. Takes `(requestsPerMinute, tokensPerMinute?)` or an object, which may also say how much of a limit may come at once
 * after a quiet time (`requestBurst`, `tokenBurst`; by default all of it). Default: none. Guide, LLM Tuning 3.
 */
export function withRateLimiting(requestsPerMinute: number, tokensPerMinute?: number): Option<'llm', RatePatch>;
export function withRateLimiting(limits: RateLimits): Option<'llm', RatePatch>;
export function withRateLimiting(...values: readonly unknown[]): Option<'llm', RatePatch> {
  const [first, tokensPerMinute] = values;
  const isObject = typeof first === 'object' && first !== null;
  const limits = isObject ? first : { requestsPerMinute: first, tokensPerMinute };
  const label = labelOf('withRateLimiting', ...values);
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  // The fields refuse what is no limit, nothing at all included.
  const [one = ['requestsPerMinute', undefined], ...more] = given;
  const partOf = ([key, value]: [string, unknown]): Option<'llm', RatePatch> => option('llm', label, { [key]: value });
  return more.length === 0 ? partOf(one) : compose(label, ...given.map(partOf));
}

/** How the rate limit counts. Default: 'token-bucket'. */
export function withRateLimitAlgorithm(
  algorithm: AnyCase<RateLimitAlgorithm>,
): Option<'llm', { rateLimitAlgorithm: RateLimitAlgorithm }> {
  return option('llm', labelOf('withRateLimitAlgorithm', algorithm), {
    rateLimitAlgorithm: algorithm as RateLimitAlgorithm,
  });
}

/** A budget as people write it: money or tokens, not both. */
export interface BudgetInput {
  /** US dollars at list price (profiles/models.json), 0.000001 to 10^9. */
  readonly money?: number;
  /** In and out together, from 1. */
  readonly tokens?: number;
  /** How long it is for, from the client's creation on; up to 366 days. */
  readonly per: 'hour' | 'day' | Duration;
}

/**
 * Bounds what all targets together may spend. Before each attempt, a retry or a hedge included, what it can cost at most
 * is reserved, a token for each byte of the request and all of `maxTokens`, so that calls made at the same time cannot
 * overspend together; after it the real cost is settled. An attempt that fails before its answer began costs nothing. What
 * does not fit is a BudgetError that says when the budget is renewed. Answers from the cache cost nothing. Default: none.
 */
export function withBudget({ per, ...limits }: BudgetInput): Option<'llm', { budget: BudgetSettings }> {
  const perMs = per === 'hour' || per === 'day' ? per : milliseconds(per);
  // The field completes it.
  return option('llm', 'withBudget({...})', { budget: { ...limits, perMs } as unknown as BudgetSettings });
}

/**
 * Finds, for each target, how many upstream calls it bears at once: one more after each window of successes that used the
 * limit, and `decrease` (0.1 to 0.99, default 0.5) of it after a 429, a 503, a 529, a timeout, or a window in which even
 * the fastest first token took `latencyTolerance` times (default 3) the best of the last minutes. `min` (default 1) to
 * `max` (default 200), starting at `initial` (default 20). More wait as withQueue says. Default: off.
 */
export function withAdaptiveConcurrency(
  settings: Partial<AdaptiveConcurrencySettings> = {},
): Option<'llm', { adaptiveConcurrency: AdaptiveConcurrencySettings }> {
  // The field completes it.
  return option('llm', 'withAdaptiveConcurrency({...})', {
    adaptiveConcurrency: settings as AdaptiveConcurrencySettings,
  });
}

/** A queue as people write it. */
export interface QueueInput {
  /** How many may wait for a place, 0 to 1,000,000. Default 1000. */
  readonly maxSize?: number;
  /** Who finds it full gets a QueueFullError at once ('drop', the default), or waits as well ('wait'). */
  readonly mode?: QueueSettings['mode'];
  /** Longest wait of one attempt, up to 1 day. Default: up to the deadline of its call. */
  readonly maxWait?: Duration;
}

/**
 * Bounds the upstream calls of each target at once and lets more wait in line, first come first served; who aborts leaves
 * the line. The places are those of withAdaptiveConcurrency, else as many as withConnectionPool or the transport have
 * connections to one origin. Default: off; calls then wait for a connection inside the transport.
 */
export function withQueue({ maxWait, ...settings }: QueueInput = {}): Option<'llm', { queue: QueueSettings }> {
  const queue = { ...settings, ...(maxWait === undefined ? {} : { maxWaitMs: milliseconds(maxWait) }) };
  // The field completes it.
  return option('llm', 'withQueue({...})', { queue: queue as QueueSettings });
}

/**
 * Sends an `idempotency-key` header: one for a call and all its attempts at one target, so that a provider that knows the
 * header does the work once. `true` makes random keys of 128 bits; a function makes them from the request. Default: off.
 */
export function withIdempotencyKey(
  key: IdempotencyKeySetting,
): Option<'llm', { idempotencyKey: IdempotencyKeySetting }> {
  return option('llm', labelOf('withIdempotencyKey', key), { idempotencyKey: key });
}
