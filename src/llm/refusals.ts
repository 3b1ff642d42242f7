/**
 * What providers refused, for a short time: the same request would be refused again. Remembers requests that are at fault
 * themselves, never credentials, limits or outages. Holds errors without prompts, the least used leaves first.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.js';
import { isProviderError, isRateLimitError, ProviderError } from '../core/errors.js';
import type { NegativeCacheSettings } from './config.js';

interface Refusal {
  readonly error: ProviderError;
  readonly untilMs: number;
}

/** Some vendors answer a bad key with 400. */
const CREDENTIAL_WORDS = /\b(api.?key|credential|unauthori[sz]ed|authenticat|permission|billing|quota)/i;

export class Refusals {
  readonly #settings: NegativeCacheSettings;
  readonly #clock: Clock;
  readonly #refusals: LRUCache<string, Refusal>;

  constructor(settings: NegativeCacheSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#refusals = new LRUCache({ max: settings.maxEntries });
  }

  /** The error to throw again: a new one, since errors can be changed by who catches them. */
  get(key: string): ProviderError | undefined {
    const refusal = this.#refusals.get(key);
    if (refusal === undefined) return undefined;
    if (this.#clock.nowMs() < refusal.untilMs) return copyOf(refusal.error);
    this.#refusals.delete(key);
    return undefined;
  }

  /** Remembers the error if it is a refusal that will stand. */
  note(key: string, error: unknown): void {
    if (isRateLimitError(error) || !isProviderError(error)) return;
    const { status, message, retryable } = error;
    if (retryable || status === undefined || !this.#settings.statuses.includes(status)) return;
    if (CREDENTIAL_WORDS.test(message)) return;
    this.#refusals.set(key, { error: copyOf(error), untilMs: this.#clock.nowMs() + this.#settings.ttlMs });
  }
}

/** Without its cause and attempts: they belong to the call that was made. */
function copyOf({ message, code, provider, status, requestId }: ProviderError): ProviderError {
  return new ProviderError(message, { code, provider, status, requestId, retryable: false });
}
