/** Options on time, failure and load: timeouts, retries, connections, fallback. Checks stand in fields.ts. */
import { milliseconds } from '../cache/storage-options.js';
import type { Duration } from '../core/units.js';
import { labelOf, type Option, option } from '../options/option.js';
import type { FallbackSettings, RetryBudgetSettings } from './config.js';
import { type FallbackInput, hideKey } from './target-types.js';

/** Ends an attempt that takes longer. Range 1 ms to 1 day. Default: 60 s. Guide, LLM Tuning 1. */
export function withTimeout(timeout: Duration): Option<'llm', { timeoutMs: number }> {
  return option('llm', labelOf('withTimeout', timeout), { timeoutMs: milliseconds(timeout) });
}

/** Ends a call that takes longer over all its attempts, waits and fallbacks. Range 1 ms to 1 day. Default: none. */
export function withTotalTimeout(timeout: Duration): Option<'llm', { totalTimeoutMs: number }> {
  return option('llm', labelOf('withTotalTimeout', timeout), { totalTimeoutMs: milliseconds(timeout) });
}

/** Ends an attempt whose stream has not brought a first token by then. Range 1 ms to 1 day. Default: none. */
export function withFirstTokenTimeout(timeout: Duration): Option<'llm', { firstTokenTimeoutMs: number }> {
  return option('llm', labelOf('withFirstTokenTimeout', timeout), { firstTokenTimeoutMs: milliseconds(timeout) });
}

/** Ends a stream that brings nothing for this long after its first token. Range 1 ms to 1 day. Default: none. */
export function withStreamIdleTimeout(timeout: Duration): Option<'llm', { streamIdleTimeoutMs: number }> {
  return option('llm', labelOf('withStreamIdleTimeout', timeout), { streamIdleTimeoutMs: milliseconds(timeout) });
}

/**
 * Tries again what can heal: 408, 409, 425, 429, 5xx, network failures, timeouts of an attempt. Never once a chunk has
 * left. `retries` are attempts beyond the first. Range 0 to 100. Default: 0. Guide, LLM Tuning 2.
 */
export function withRetryCount(retries: number): Option<'llm', { retryCount: number }> {
  return option('llm', labelOf('withRetryCount', retries), { retryCount: retries });
}

/**
 * Ceiling of the wait before the first retry; it doubles with each retry up to 30 s, and the wait is drawn evenly below
 * it. A Retry-After of the provider comes on top, up to 60 s. Range 0 to 1 hour. Default: 1 s. Guide, LLM Tuning 4.
 */
export function withRetryDelay(delay: Duration): Option<'llm', { retryDelayMs: number }> {
  return option('llm', labelOf('withRetryDelay', delay), { retryDelayMs: milliseconds(delay) });
}

/**
 * Keeps retries a share of requests over all targets, plus a few a second. `share` 0 to 1, `minPerSecond` 0 to 1000.
 * Default: 0.2 and 3 (Finagle's RetryBudget).
 */
export function withRetryBudget(
  budget: Partial<RetryBudgetSettings>,
): Option<'llm', { retryBudget: RetryBudgetSettings }> {
  return option('llm', 'withRetryBudget({...})', { retryBudget: budget as RetryBudgetSettings });
}

/** Bounds the connections to one origin; more requests wait in line. Range 1 to 10,000. Default: the transport's own, 50. Guide, LLM Tuning 3. */
export function withConnectionPool(connections: number): Option<'llm', { connectionPool: number }> {
  return option('llm', labelOf('withConnectionPool', connections), { connectionPool: connections });
}

/** How the targets of a fallback are asked. */
export type FallbackMode =
  | { readonly mode?: 'sequential' | 'race' }
  | {
      readonly mode: 'hedge';
      /** How long the first token is waited for while its times are not known, 1 ms to 1 day. Default 2 s. */
      readonly hedgeDelay?: Duration;
      /** Most hedges, as a share of the calls, 0.001 to 1. Default 0.05. */
      readonly hedgeShare?: number;
    };

/**
 * Asks these too, always before the first chunk of an answer has left. 'sequential': in order, when the one before has
 * failed. 'race': all at once; the first to answer wins and the others are cancelled, what they cost is paid. 'hedge': one
 * more when the first token takes longer than 19 of 20 did (of the last 256 of that target, model and kind of call), and
 * the next when one has failed; without targets the primary is asked once more beside itself. Hedges are bounded by
 * `hedgeShare` and by the retry budget. A request that is itself at fault (400, 422) is not passed on. Default: none.
 * Dean and Barroso, The Tail at Scale; document 001 for the race.
 */
export function withFallback(
  targets: readonly FallbackInput[],
  mode: FallbackMode = {},
): Option<'llm', { fallback: FallbackSettings }> {
  const { hedgeDelay, ...rest } = mode as { hedgeDelay?: Duration };
  const delay = hedgeDelay === undefined ? {} : { hedgeDelayMs: milliseconds(hedgeDelay) };
  const settings = { ...rest, ...delay, targets: targets.map(hideKey) };
  // The field completes the settings.
  return option('llm', labelOf('withFallback', targets), { fallback: settings as unknown as FallbackSettings });
}
