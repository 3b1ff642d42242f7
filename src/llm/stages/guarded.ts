/**
 * Retries around attempts: retry( breaker( limiter( timeouts( provider )))). Invariant: once a chunk has left there is no
 * second attempt, so no text comes twice.
 */
import type { Clock } from '../../core/clock.js';
import { type AttemptRecord, isProviderError, isSherdError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import { type RetryVerdict, retry } from '../../resilience/retry.js';
import type { RetryBudget } from '../../resilience/retry-budget.js';
import type { ShareBudget } from '../../resilience/share-budget.js';
import { type AttemptParts, attemptCall } from '../attempt.js';
import type { Handler, TargetCall } from '../call.js';
import { codeOf, verdictOf, withAttempts } from '../failures.js';
import type { Reply } from '../reply.js';
import type { ClientEvents } from '../types.js';

export interface GuardedParts extends AttemptParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly budget: RetryBudget;
  readonly hedges: ShareBudget | undefined;
  readonly onRetry: (event: ClientEvents['retry']) => void;
}

/** Garbage once may be an accident; twice it is how this provider answers. */
const MAX_BAD_RESPONSES = 1;

export function guarded(parts: GuardedParts): Handler<TargetCall> {
  return (call) => {
    // A request pays into the budgets once, whoever is asked.
    if (call.turn === 0) {
      parts.budget.deposit();
      parts.hedges?.earn();
    }
    return attempt(parts, call);
  };
}

/** Attempts until one has brought its first chunk. */
async function attempt(parts: GuardedParts, call: TargetCall): Promise<Reply> {
  const { clock, stopwatch, random, budget } = parts;
  const { target, request, settings, signal, deadlineAtMs } = call;
  const place = { provider: target.provider.name, model: request.model };
  const failed: AttemptRecord[] = [];
  let badResponses = 0;

  async function run(number: number): Promise<Reply> {
    const startMs = stopwatch();
    try {
      return await attemptCall(parts, call, number);
    } catch (error) {
      const status = isProviderError(error) ? error.status : undefined;
      failed.push({ ...place, code: codeOf(error), status, durationMs: stopwatch() - startMs });
      throw error;
    }
  }
  function classify(error: unknown): RetryVerdict {
    if (isSherdError(error) && error.code === 'ERR_PROVIDER_BAD_RESPONSE' && ++badResponses > MAX_BAD_RESPONSES) {
      return { retryable: false };
    }
    // An open breaker would refuse the retry: better to tell the real error now.
    return parts.breakers.isOpen(target, request.model) ? { retryable: false } : verdictOf(error);
  }

  try {
    return await retry(run, {
      retries: settings.retryCount,
      delayMs: settings.retryDelayMs,
      clock,
      random,
      classify,
      signal,
      budget,
      deadlineAtMs,
      onRetry({ attempt, delayMs, error }) {
        parts.counters.retries++;
        parts.onRetry({ ...place, attempt, delayMs, code: codeOf(error) });
      },
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw failed.length < 2 ? error : withAttempts(error, failed);
  }
}
