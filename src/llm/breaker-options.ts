/** The option of the circuit breaker, and its settings as people write them. Checks stand in breaker-type.ts. */
import { milliseconds } from '../cache/storage-options.js';
import type { Duration } from '../core/units.js';
import { labelOf, type Option, option } from '../options/option.js';
import type { BreakerProfileName } from '../profiles/breaker.js';
import type { CircuitBreakerSettings } from './config.js';

interface RecoveryInput {
  /** Successful probes that close it again, 1 to 1000. Default 2. */
  readonly successThreshold?: number;
  /** From opening to the first probe, 1 ms to 1 day. Default 5 s. */
  readonly resetTimeout?: Duration;
}

/** Opens after failures in a row. */
export interface CountBreakerInput extends RecoveryInput {
  readonly mode?: 'count';
  /** Failures in a row that open the circuit, 1 to 1000. Default 3. */
  readonly failureThreshold?: number;
  /** Failures are forgotten after this long without another, 1 ms to 1 day. Default 30 s. */
  readonly resetAfter?: Duration;
}

/** Opens when too large a share of the calls fails. */
export interface RateBreakerInput extends RecoveryInput {
  readonly mode: 'rate';
  /** Share of failed calls that opens the circuit, 0.01 to 1. Default 0.5 (documents 002 and 003). */
  readonly failureRate?: number;
  /** With fewer calls in the window it stays closed, 1 to 100,000. Default 10 (document 003). */
  readonly minimumCalls?: number;
  /** How long a call counts, in ten slices that leave one by one; 1 ms to 1 day. Default 60 s (document 002). */
  readonly window?: Duration;
}

/** What is left out keeps its default. */
export type CircuitBreakerInput = CountBreakerInput | RateBreakerInput;

/**
 * Stops asking a provider and model that keep failing, and tries again with one probe at a time. Takes settings or the
 * name of a profile (profiles/breaker): 'optimized' is the default numbers, 'legacy' and 'wormhole' wait longer. A 429,
 * another 4xx or a caller's abort is no failure. Default: off. Guide, Advanced 4; numbers of document 001.
 */
export function withCircuitBreaker(
  settings: CircuitBreakerInput | BreakerProfileName = {},
): Option<'llm', { circuitBreaker: CircuitBreakerSettings }> {
  const isName = typeof settings === 'string';
  const label = isName ? labelOf('withCircuitBreaker', settings) : 'withCircuitBreaker({...})';
  const circuitBreaker = isName ? settings : breakerSettings(settings);
  // The field completes the settings.
  return option('llm', label, { circuitBreaker: circuitBreaker as CircuitBreakerSettings });
}

/** What is no duration goes on as it came, for the field to refuse. */
export function breakerSettings(input: CircuitBreakerInput): Partial<CircuitBreakerSettings> {
  const durations = { resetTimeout: 'resetTimeoutMs', resetAfter: 'resetAfterMs', window: 'windowMs' } as const;
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const key = Object.hasOwn(durations, name) ? durations[name as keyof typeof durations] : undefined;
    if (value !== undefined) settings[key ?? name] = key === undefined ? value : milliseconds(value as Duration);
  }
  return settings;
}
