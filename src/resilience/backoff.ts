/** How long to wait before a retry: exponential with full jitter, and what the upstream asks for. Waits for nobody itself. */
import type { Random } from '../core/random.js';

/** An upstream's wish is followed up to here; longer ones are cut. */
export const MAX_RETRY_AFTER_MS = 60_000;
/** A wish beyond a day is a clock gone wrong, not a wish. */
const ABSURD_RETRY_AFTER_MS = 86_400_000;

export interface Backoff {
  /** Ceiling of the first wait in milliseconds; it doubles with each retry. */
  readonly delayMs: number;
  /** Ceiling of every wait. */
  readonly maxDelayMs: number;
  readonly random: Random;
}

/**
 * Milliseconds before retry number `retryIndex` (0-based): uniform in [0, min(maxDelayMs, delayMs * 2^retryIndex)),
 * the full jitter of Brooker, "Exponential Backoff and Jitter" (AWS, 2015). With `retryAfterMs` that much comes on top,
 * so that clients told the same time do not come back together; the sum stays within 60 s. Negative and absurd
 * wishes (over a day, not a number) are ignored.
 */
export function backoffDelayMs(backoff: Backoff, retryIndex: number, retryAfterMs?: number): number {
  const ceilingMs = Math.min(backoff.maxDelayMs, backoff.delayMs * 2 ** Math.min(retryIndex, 52));
  const jitteredMs = ceilingMs > 0 ? backoff.random.next() * ceilingMs : 0;
  if (!isSensibleWait(retryAfterMs)) return jitteredMs;
  return Math.max(jitteredMs, Math.min(retryAfterMs + jitteredMs, MAX_RETRY_AFTER_MS));
}

/** False for what no upstream can mean: nothing, a negative time, not a number, more than a day. */
export function isSensibleWait(retryAfterMs: number | undefined): retryAfterMs is number {
  return retryAfterMs !== undefined && retryAfterMs >= 0 && retryAfterMs <= ABSURD_RETRY_AFTER_MS;
}

/** True for a wish that is meant, and longer than we follow. */
export function isTooLong(retryAfterMs: number | undefined): boolean {
  return isSensibleWait(retryAfterMs) && retryAfterMs > MAX_RETRY_AFTER_MS;
}
