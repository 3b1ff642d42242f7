/**
 * Retries around attempts: retry( breaker( limiter( timeouts( provider )))). Invariant: once a chunk has left there is no
 * second attempt, so no text comes twice.
 */
import type { Clock } from '../../core/clock.js';
import { type AttemptRecord, isProviderError, isSherdError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import { isTooLong } from '../../resilience/backoff.js';
import { type RetryVerdict, retry } from '../../resilience/retry.js';
import type { RetryBudget } from '../../resilience/retry-budget.js';
import type { ShareBudget } from '../../resilience/share-budget.js';
import { type AttemptParts, attemptCall } from '../attempt.js';
import type { Handler, TargetCall } from '../call.js';
import type { ClientEvents } from '../event-types.js';
import { codeOf, verdictOf, withAttempts } from '../failures.js';
import { idempotencyKeyOf } from '../idempotency.js';
import type { Reply } from '../reply.js';
import type { Targets } from '../targets.js';
import { type AttemptHandler, type PluggedParts, pluggedAttempt } from './plugged.js';

export interface GuardedParts extends AttemptParts, PluggedParts {
  readonly targets: Targets['list'];
  readonly clock: Clock;
  readonly random: Random;
  readonly budget: RetryBudget;
  readonly hedges: ShareBudget | undefined;
  readonly onRetry: (event: ClientEvents['retry']) => void;
}

/** Garbage once may be an accident; twice it is how this provider answers. */
const MAX_BAD_RESPONSES = 1;

export function guarded(parts: GuardedParts): Handler<TargetCall> {
  const attemptOnce = pluggedAttempt(parts, (call, number) => attemptCall(parts, call, number));
  return (call) => {
    // A request pays into the budgets once, whoever is asked.
    if (call.turn === 0) {
      parts.budget.deposit();
      parts.hedges?.earn();
    }
    return attempt(parts, call, attemptOnce);
  };
}

/** Attempts until one has brought its first chunk. */
async function attempt(parts: GuardedParts, call: TargetCall, attemptOnce: AttemptHandler): Promise<Reply> {
  const { clock, stopwatch, random, budget } = parts;
  const { target, request, settings, signal, deadlineAtMs } = call;
  const idempotencyKey = idempotencyKeyOf(settings.idempotencyKey, request);
  const asked = idempotencyKey === undefined ? call : { ...call, idempotencyKey };
  const place = { provider: target.provider.name, model: request.model };
  const failed: AttemptRecord[] = [];
  const { keys } = target.gate;
  let badResponses = 0;
  let rotations = 0;

  async function run(): Promise<Reply> {
    const startMs = stopwatch();
    try {
      return await attemptOnce(asked, failed.length + 1);
    } catch (error) {
      const status = isProviderError(error) ? error.status : undefined;
      failed.push({ ...place, code: codeOf(error), status, durationMs: stopwatch() - startMs });
      if (!mayRotate(error)) throw error;
      noteRetry(error, 0);
      return run();
    }
  }
  /** Trouble with one key is no reason to wait while another is free; each is tried once at most. */
  function mayRotate(error: unknown): boolean {
    if (rotations + 1 >= keys.size || signal.aborted || !keys.hasNoted(error)) return false;
    if (keys.waitMs(request.model) > 0 || clock.nowMs() >= deadlineAtMs || !budget.tryWithdraw()) return false;
    rotations++;
    return true;
  }
  function noteRetry(error: unknown, delayMs: number): void {
    parts.counters.retries++;
    parts.onRetry({ ...place, attempt: failed.length, delayMs, code: codeOf(error) });
  }
  function classify(error: unknown): RetryVerdict {
    if (isSherdError(error) && error.code === 'ERR_PROVIDER_BAD_RESPONSE' && ++badResponses > MAX_BAD_RESPONSES) {
      return { retryable: false };
    }
    // An open breaker would refuse the retry: better to tell the real error now.
    if (parts.breakers.isOpen(target, request.model)) return { retryable: false };
    const verdict = verdictOf(error);
    const isOfKey = keys.size > 1 && keys.hasNoted(error);
    const retryAfterMs = isOfKey ? keys.waitMs(request.model) || undefined : verdict.retryAfterMs;
    // We would come back before the time, and be sent away again: somebody else may answer now.
    if (parts.targets.length > 1 && isTooLong(retryAfterMs)) return { retryable: false };
    return { retryable: verdict.retryable, retryAfterMs, isFree: keys.hasRefused(error) };
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
      onRetry: ({ error, delayMs }) => noteRetry(error, delayMs),
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw failed.length < 2 ? error : withAttempts(error, failed);
  }
}
