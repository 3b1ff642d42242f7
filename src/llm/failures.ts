/** What becomes of a failed attempt: its record, whether to try again, whether to ask somebody else. */
import {
  type AttemptRecord,
  isBudgetError,
  isCacheError,
  isCircuitOpenError,
  isClosedError,
  isConfigError,
  isDeadlineError,
  isProviderError,
  isQueueFullError,
  isRateLimitError,
  isSherdError,
  isStreamTruncatedError,
  ProviderError,
  RateLimitError,
  StreamTruncatedError,
} from '../core/errors.js';
import type { RetryVerdict } from '../resilience/retry.js';

/** The request itself is at fault: nobody else would take it. */
const FAULTY_REQUEST: ReadonlySet<number> = new Set([400, 422]);

/** Our errors as they are; whatever else a provider throws as a ProviderError. */
export function toTypedError(error: unknown, provider: string): Error {
  if (isSherdError(error)) return error;
  return new ProviderError(`${provider} failed`, { code: 'ERR_PROVIDER', provider, cause: error });
}

export function codeOf(error: unknown): string {
  return isSherdError(error) ? error.code : 'ERR_UNKNOWN';
}

export function verdictOf(error: unknown): RetryVerdict {
  // Who was sent away by our own queue would only come back to it.
  if (isQueueFullError(error)) return { retryable: false };
  const retryAfterMs = isProviderError(error) ? error.retryAfterMs : undefined;
  return { retryable: isSherdError(error) && error.retryable, retryAfterMs };
}

/** May another target do better? Not for our own refusals, nor when the time of the whole call is up. */
export function mayFallBack(error: unknown): boolean {
  if (isConfigError(error) || isCacheError(error) || isClosedError(error)) return false;
  if (isDeadlineError(error)) return error.kind !== 'total';
  return !(isProviderError(error) && error.status !== undefined && FAULTY_REQUEST.has(error.status));
}

/** Could upstream not be asked, or not answer, so that it may answer again later? A refusal is an answer. */
export function isOutage(error: unknown): boolean {
  if (isBudgetError(error) || isQueueFullError(error)) return true;
  if (isCircuitOpenError(error) || isDeadlineError(error)) return true;
  if (!isProviderError(error)) return false;
  return error.retryable || (error.code === 'ERR_PROVIDER_ALL_FAILED' && error.attempts.some(wasOutage));
}

function wasOutage({ status }: AttemptRecord): boolean {
  return status === undefined || status < 300 || status >= 500 || status === 408 || status === 429;
}

/** The same error, telling of every attempt. Errors that carry no attempts stay as they are. */
export function withAttempts(error: unknown, attempts: readonly AttemptRecord[]): unknown {
  if (!isProviderError(error) || attempts.length === 0) return error;
  const { message, code, cause, retryable, provider, status, requestId, retryAfterMs } = error;
  const options = { code, cause, retryable, provider, status, requestId, retryAfterMs, attempts };
  if (isRateLimitError(error)) return new RateLimitError(message, options);
  if (isStreamTruncatedError(error)) return new StreamTruncatedError(message, options);
  return new ProviderError(message, options);
}

/** What all targets together failed of; the last error is its cause. */
export function allFailed(last: unknown, attempts: readonly AttemptRecord[]): ProviderError {
  const targets = new Set(attempts.map(({ provider, model }) => `${provider} ${model}`));
  const detail = isProviderError(last) ? { status: last.status, retryAfterMs: last.retryAfterMs } : {};
  return new ProviderError(`every target failed (${[...targets].join(', ')})`, {
    ...detail,
    code: 'ERR_PROVIDER_ALL_FAILED',
    provider: attempts.at(-1)?.provider,
    retryable: isSherdError(last) && last.retryable,
    attempts,
    cause: last,
  });
}
