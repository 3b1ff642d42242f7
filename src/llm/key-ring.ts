/**
 * The keys of one target at work: which one goes with the next attempt, and which ones rest because the provider sent
 * them away. Invariant: a key that was told when to come back is not used before, unless that is longer than we follow.
 */
import type { Clock } from '../core/clock.js';
import { ConfigError, isProviderError, isRateLimitError, type ProviderError, RateLimitError } from '../core/errors.js';
import type { Secret } from '../core/secret.js';
import { isSensibleWait, MAX_RETRY_AFTER_MS } from '../resilience/backoff.js';
import { type TurnTaker, takeTurn } from '../resilience/weighted-turns.js';
import { keysFor } from './api-keys.js';
import type { ApiKey } from './config.js';

/** How long one of several keys rests after a 429 that names no time. A lone key has nobody to step in. */
const THROTTLED_REST_MS = 1_000;
/** Longest rest of one of several keys after a 429; a lone one rests no longer than a caller would wait. */
const MAX_THROTTLED_REST_MS = 3_600_000;
/** How long one of several keys rests that was refused, or whose quota is spent: somebody has to do something first. */
const REFUSED_REST_MS = 300_000;
/** Statuses that say: not with this key. */
const REFUSALS: ReadonlySet<number> = new Set([401, 402, 403]);

/** One key, where it is in the rotation, and how long it rests. */
export interface RingKey extends TurnTaker {
  /** Undefined where the provider needs none. */
  readonly secret: Secret | undefined;
  readonly models: readonly string[] | undefined;
  restsUntilMs: number;
  /** It rests because it was refused, not because it was throttled. */
  isRefused: boolean;
}

export class KeyRing {
  readonly #clock: Clock;
  readonly #provider: string;
  readonly #keys: readonly RingKey[];
  /** The one key for everything, which most clients have: taken without looking around. */
  readonly #plain: RingKey | undefined;
  readonly #noted = new WeakSet<object>();
  readonly #refusals = new WeakSet<object>();

  /** No keys: for a provider that needs none. */
  constructor(provider: string, keys: readonly ApiKey[], clock: Clock) {
    this.#clock = clock;
    this.#provider = provider;
    const given = keys.length === 0 ? [{ value: undefined, models: undefined, weight: 1 }] : keys;
    this.#keys = given.map(({ value, models, weight }) => ({
      secret: value,
      models,
      weight,
      credit: 0,
      restsUntilMs: -Infinity,
      isRefused: false,
    }));
    const [first] = this.#keys;
    this.#plain = this.#keys.length === 1 && first?.models === undefined ? first : undefined;
  }

  get size(): number {
    return this.#keys.length;
  }

  /**
   * The key for the next attempt at this model. Throws a RateLimitError while those that may be used rest, with the time
   * until the first comes back; a ConfigError when none is for the model. Where all were refused, the one that rests
   * least is asked again: its refusal says more than ours. O(keys).
   */
  take(model: string): RingKey {
    const nowMs = this.#clock.nowMs();
    const plain = this.#plain;
    if (plain !== undefined && plain.restsUntilMs <= nowMs) return plain;
    const eligible = keysFor(this.#keys, model);
    const free = eligible.filter((key) => key.restsUntilMs <= nowMs);
    const taken = free.length > 1 ? takeTurn(free) : free[0];
    if (taken !== undefined) return taken;
    const throttled = eligible.filter((key) => !key.isRefused);
    const [first] = (throttled.length > 0 ? throttled : eligible).toSorted((a, b) => a.restsUntilMs - b.restsUntilMs);
    if (first === undefined) throw noKeyError(this.#provider, model);
    if (throttled.length === 0) return first;
    const refusal = restingError(this.#provider, first.restsUntilMs - nowMs);
    this.#refusals.add(refusal);
    throw refusal;
  }

  /** Milliseconds until a key for this model is free; 0 when one is. */
  waitMs(model: string): number {
    const nowMs = this.#clock.nowMs();
    const waits = keysFor(this.#keys, model).map((key) => Math.max(0, key.restsUntilMs - nowMs));
    return waits.length === 0 ? 0 : Math.min(...waits);
  }

  /** Lets a key rest when this error of an attempt with it is about the key. True when it does. */
  note(key: RingKey, error: unknown): boolean {
    const restMs = this.#restMsFor(error);
    if (restMs === 0) return false;
    key.restsUntilMs = Math.max(key.restsUntilMs, this.#clock.nowMs() + restMs);
    key.isRefused = isRefusal(error);
    this.#noted.add(error as object);
    return true;
  }

  /** True when this very error sent a key to rest, so that another one may do. */
  hasNoted(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#noted.has(error);
  }

  /** True when this very error came from here, since all keys rest: the provider was not asked. */
  hasRefused(error: unknown): boolean {
    return typeof error === 'object' && error !== null && this.#refusals.has(error);
  }

  #restMsFor(error: unknown): number {
    const isLone = this.#keys.length === 1;
    if (isRefusal(error)) return isLone ? 0 : REFUSED_REST_MS;
    if (!isRateLimitError(error)) return 0;
    const longestMs = isLone ? MAX_RETRY_AFTER_MS : MAX_THROTTLED_REST_MS;
    if (isSensibleWait(error.retryAfterMs)) return Math.min(error.retryAfterMs, longestMs);
    return isLone ? 0 : THROTTLED_REST_MS;
  }
}

/** Refused, or a quota that waiting does not renew. */
function isRefusal(error: unknown): boolean {
  if (isRateLimitError(error)) return !error.retryable;
  return isProviderError(error) && error.status !== undefined && REFUSALS.has(error.status);
}

function restingError(provider: string, retryAfterMs: number): ProviderError {
  const message = `${provider} asked every key to wait; the first may come back in ${Math.ceil(retryAfterMs)} ms`;
  return new RateLimitError(message, { provider, retryAfterMs });
}

function noKeyError(provider: string, model: string): ConfigError {
  const expected = `a model that one of the keys for ${provider} is for`;
  return new ConfigError('this call', [{ path: 'model', expected, received: `'${model}'`, setBy: 'withAPIKey' }]);
}
