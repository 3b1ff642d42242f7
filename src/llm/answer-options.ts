/** Options on what becomes of answers: cache, validation, observation; and on time itself. Checks stand in fields.ts. */
import type { AlertSettings } from '../adaptive/alert-settings.js';
import type { Alert } from '../adaptive/alerts.js';
import type { CacheConfig } from '../cache/config.js';
import { milliseconds } from '../cache/storage-options.js';
import type { Clock } from '../core/clock.js';
import type { Duration } from '../core/units.js';
import { labelOf, type Option, option } from '../options/option.js';
import { type AnswerCache, isAnswerCache, type StoredAnswer } from './answer-cache.js';
import type { CacheSetting, ResponseValidator, ShouldCache } from './config.js';

type CacheOption = Option<'cache', Partial<CacheConfig<StoredAnswer>>>;

/**
 * Keeps answers, so that an equal question costs nothing. `withCache(true, ttl)` and `withCache(false)` as in the guide;
 * a ShardedCache of your own, which the client does not close; or the options of the cache that the client makes.
 * Where the cache takes a worth (LRU, the default), an answer of known price comes with its cost: dear ones stay longer.
 * Default: off. Guide, LLM Tuning 1.
 */
export function withCache(enabled: boolean, ttl?: Duration): Option<'llm', { cache: CacheSetting }>;
export function withCache(cache: AnswerCache): Option<'llm', { cache: CacheSetting }>;
export function withCache(...options: readonly CacheOption[]): Option<'llm', { cache: CacheSetting }>;
export function withCache(...values: readonly unknown[]): Option<'llm', { cache: CacheSetting }> {
  const [first, ttl] = values;
  if (typeof first === 'boolean') {
    const lifetime = [option('cache', labelOf('ttl', ttl), { ttlMs: milliseconds(ttl as Duration) })];
    const cache = first && ttl !== undefined ? lifetime : first;
    // The field turns `true` into an empty list of options.
    return option('llm', labelOf('withCache', ...values), { cache: cache as CacheSetting });
  }
  if (isAnswerCache(first)) return option('llm', 'withCache(cache)', { cache: first });
  return option('llm', 'withCache(...)', { cache: values as readonly CacheOption[] });
}

/**
 * Names who may share answers. Clients with a common cache share only under a common name; without one, a client keeps to
 * the answers of its own credentials. Never prints.
 */
export function withCacheScope(scope: string): Option<'llm', { cacheScope: string }> {
  return option('llm', 'withCacheScope(***)', { cacheScope: scope });
}

/**
 * Decides what is stored, instead of the built-in rule: answers that ended with 'stop' or 'tool-calls'. An answer that was
 * not finished is never stored. One that throws counts as no. Default: the built-in rule.
 */
export function withShouldCache(shouldCache: ShouldCache): Option<'llm', { shouldCache: ShouldCache }> {
  return option('llm', 'withShouldCache(fn)', { shouldCache });
}

/**
 * Checks every fresh answer. One that fails is a ProviderError (ERR_PROVIDER_INVALID_ANSWER), may be retried or passed to
 * a fallback, and is not stored; a stream has been handed out by then and ends with the error. Default: none. Guide, LLM Tuning 2.
 */
export function withResponseValidator(
  validator: ResponseValidator,
): Option<'llm', { responseValidator: ResponseValidator }> {
  return option('llm', 'withResponseValidator(fn)', { responseValidator: validator });
}

/** Samples latencies and rates for metrics(). Calls, hits, retries and the other counts are kept in any case. Default: true. */
export function withMetrics(enabled: boolean): Option<'llm', { metrics: boolean }> {
  return option('llm', labelOf('withMetrics', enabled), { metrics: enabled });
}

/**
 * Lists every attempt of a call, with its kind, times, outcome and cost, in `attempts` of the answer, of the
 * `call-ended` event, and of a ProviderError. Default: false; then a ProviderError of several attempts lists the failed ones.
 */
export function withAttemptTrace(enabled: boolean): Option<'llm', { attemptTrace: boolean }> {
  return option('llm', labelOf('withAttemptTrace', enabled), { attemptTrace: enabled });
}

/** Raises alerts at the guide's thresholds, the hub's two levels, or one's own. Default: none. Guide, Monitoring. */
export function withAlerts(
  thresholds: AlertSettings['thresholds'],
  onAlert?: (alert: Alert) => void,
): Option<'llm', { alerts: AlertSettings }> {
  return option('llm', labelOf('withAlerts', thresholds), { alerts: { thresholds, onAlert } });
}

/** Takes time from `clock`: for tests and simulation. Default: the process's. */
export function withClock(clock: Clock): Option<'llm', { clock: Clock }> {
  return option('llm', 'withClock(clock)', { clock });
}

/** Fixes the seed of the jitter between retries, so that a run repeats. Range 0 to 2^53-1. Default: unpredictable. */
export function withSeed(seed: number): Option<'llm', { seed: number }> {
  return option('llm', labelOf('withSeed', seed), { seed });
}
