/** The circuit breakers of a client: one for each model at each target, made at the first call. None when they are off. */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.js';
import { isProviderError, isRateLimitError, isSherdError } from '../core/errors.js';
import { CircuitBreaker, type CircuitPermit, type CircuitTransition } from '../resilience/circuit-breaker.js';
import type { CircuitBreakerSettings } from './config.js';
import type { BreakerStatus } from './metric-types.js';
import type { Target } from './target.js';

/** Models may be named per call, so there is a bound; the least used breaker is forgotten. */
const MAX_BREAKERS = 256;

type Identity = Omit<BreakerStatus, 'state'>;
interface Guard extends Identity {
  readonly breaker: CircuitBreaker;
}

export interface BreakersOptions {
  readonly settings: CircuitBreakerSettings | undefined;
  readonly clock: Clock;
  readonly onTransition: (guarded: Identity, transition: CircuitTransition) => void;
}

export class Breakers {
  readonly #options: BreakersOptions;
  readonly #guards: LRUCache<string, Guard> = new LRUCache({ max: MAX_BREAKERS });

  constructor(options: BreakersOptions) {
    this.#options = options;
  }

  /** The right to make one call; undefined when breakers are off. Throws a CircuitOpenError. */
  acquire(target: Target, model: string): CircuitPermit | undefined {
    return this.#guard(target, model)?.breaker.acquire();
  }

  isOpen(target: Target, model: string): boolean {
    return this.#guard(target, model)?.breaker.state.kind === 'open';
  }

  /** True: it would refuse a call now. Once it has cooled down it would take a probe. */
  isRefusing(target: Target, model: string, nowMs: number): boolean {
    const state = this.#guard(target, model)?.breaker.state;
    return state?.kind === 'open' && nowMs < state.untilMs;
  }

  status(): readonly BreakerStatus[] {
    return Array.from(this.#guards.values(), ({ provider, model, target, breaker }) => ({
      provider,
      model,
      target,
      state: breaker.state.kind,
    }));
  }

  #guard(target: Target, model: string): Guard | undefined {
    const { settings, clock, onTransition } = this.#options;
    if (settings === undefined) return undefined;
    const key = `${target.index} ${model}`;
    const known = this.#guards.get(key);
    if (known !== undefined) return known;
    const identity: Identity = { provider: target.provider.name, model, target: target.index };
    const breaker = new CircuitBreaker({
      ...settings,
      clock,
      name: `${identity.provider} ${model}`,
      onTransition: (transition) => onTransition(identity, transition),
    });
    const guard = { ...identity, breaker };
    this.#guards.set(key, guard);
    return guard;
  }
}

/**
 * Does the error say that the provider is unwell? A refusal does not: too many requests, a bad key, a bad question. Nor
 * does an answer that only our validator dislikes.
 */
export function isHealthFailure(error: unknown): boolean {
  if (!isSherdError(error) || isRateLimitError(error) || error.code === 'ERR_PROVIDER_INVALID_ANSWER') return false;
  if (!isProviderError(error)) return error.name === 'DeadlineError';
  const { status } = error;
  return status === undefined || status < 300 || status === 408 || status >= 500;
}
