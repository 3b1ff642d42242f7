/**
 * Retry loop on p-retry: tries again what can heal, within attempts, budget and deadline. It judges no error itself. The
 * first attempt stands before it: most calls need no loop, so none is set up for them.
 * p-retry counts the attempts; the wait is ours, so that it runs on the given clock, jitter and signal.
 * Invariant: after an abort no attempt starts, and neither timer nor listener is left.
 */

import pRetry from 'p-retry';
import type { CancelSignal } from '../core/cancel.js';
import type { Clock } from '../core/clock.js';
import type { Random } from '../core/random.js';
import { backoffDelayMs } from './backoff.js';
import { NO_TIME_LIMIT, type TimeLimit } from './deadline.js';
import type { RetryBudget } from './retry-budget.js';
import { sleep } from './timer.js';

/** What a caller knows of an error. */
export interface RetryVerdict {
  /** May the same call heal? */
  readonly retryable: boolean;
  /** Milliseconds the upstream asked us to wait. */
  readonly retryAfterMs?: number | undefined;
  /** Nothing was sent, so that another attempt multiplies nothing: the budget is not asked. Default false. */
  readonly isFree?: boolean | undefined;
}

/** Told before the wait of a retry that will be made unless it is aborted. */
export interface RetryEvent {
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: unknown;
}

export interface RetryOptions {
  /** Attempts beyond the first; 0 for none. */
  readonly retries: number;
  /** Ceiling of the first wait; doubles with each retry. */
  readonly delayMs: number;
  /** Ceiling of every wait. Default 30 s. */
  readonly maxDelayMs?: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly classify: (error: unknown) => RetryVerdict;
  readonly signal?: CancelSignal | undefined;
  /** Asked for each retry. The deposit for the request is its owner's business, since a budget spans more than one loop. */
  readonly budget?: RetryBudget | undefined;
  /** On the clock's nowMs: a wait that would end at or after it is not begun. */
  readonly timeLimit?: TimeLimit | undefined;
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
}

/**
 * Carries a failure through p-retry, which gives up on TypeErrors and replaces what is not an Error. Seen by nobody:
 * what was thrown comes out as it was.
 */
class FailedAttempt extends Error {
  override readonly name = 'FailedAttempt';
}

/**
 * What follows a first attempt that failed with `error`: calls `run(attempt)`, attempt counting from 2, until it succeeds.
 * Rejects with the last error when that is not retryable, or when attempts, budget or time are used up; with the signal's
 * reason on abort.
 */
export async function retryAfter<T>(
  error: unknown,
  run: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  if (options.retries === 0 || !(await waitForRetry(error, 1, options))) throw error;
  return retryOn(run, options);
}

async function retryOn<T>(run: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const runAttempt = async (attempt: number): Promise<T> => {
    try {
      return await run(attempt + 1);
    } catch (error) {
      return Promise.reject(new FailedAttempt('attempt failed', { cause: error }));
    }
  };
  try {
    return await pRetry(runAttempt, {
      retries: options.retries - 1,
      minTimeout: 0,
      shouldRetry: ({ error, attemptNumber }) => waitForRetry(error.cause, attemptNumber + 1, options),
    });
  } catch (error) {
    throw error instanceof FailedAttempt ? error.cause : error;
  }
}

/** True after the wait; false when there shall be no retry; rejects on abort. */
async function waitForRetry(error: unknown, attempt: number, options: RetryOptions): Promise<boolean> {
  options.signal?.throwIfAborted();
  const { retryable, retryAfterMs, isFree = false } = options.classify(error);
  if (!retryable) return false;
  const backoff = { delayMs: options.delayMs, maxDelayMs: options.maxDelayMs ?? 30_000, random: options.random };
  const delayMs = backoffDelayMs(backoff, attempt - 1, retryAfterMs);
  if (options.clock.nowMs() + delayMs >= (options.timeLimit ?? NO_TIME_LIMIT).atMs) return false;
  if (!isFree && options.budget?.tryWithdraw() === false) return false;
  options.onRetry?.({ attempt, delayMs, error });
  await sleep(options.clock, delayMs, options.signal);
  return true;
}
