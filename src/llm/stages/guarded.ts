/**
 * Retries around attempts: retry( breaker( limiter( timeouts( provider )))). Invariant: once a chunk has left there is no
 * second attempt, so no text comes twice.
 */
import type { Clock } from '../../core/clock.js';
import { type AttemptRecord, isProviderError, isSherdError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import { isTooLong } from '../../resilience/backoff.js';
import { type RetryVerdict, retryAfter } from '../../resilience/retry.js';
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
  const idempotencyKey = idempotencyKeyOf(call.settings.idempotencyKey, call.request);
  const asked = idempotencyKey === undefined ? call : { ...call, idempotencyKey };
  call.signal.throwIfAborted();
  const startMs = parts.stopwatch();
  try {
    return await attemptOnce(asked, 1);
  } catch (error) {
    return new Retries(parts, asked, attemptOnce).after(error, startMs);
  }
}

/** What follows a first attempt that failed. */
class Retries {
  readonly #parts: GuardedParts;
  readonly #call: TargetCall;
  readonly #attemptOnce: AttemptHandler;
  readonly #failed: AttemptRecord[] = [];
  #badResponses = 0;
  #rotations = 0;

  constructor(parts: GuardedParts, call: TargetCall, attemptOnce: AttemptHandler) {
    this.#parts = parts;
    this.#call = call;
    this.#attemptOnce = attemptOnce;
  }

  async after(error: unknown, startMs: number): Promise<Reply> {
    const { clock, random, budget } = this.#parts;
    const { settings, signal, timeLimit } = this.#call;
    let failure = error;
    this.#note(error, startMs);
    try {
      if (this.#mayRotate(error)) {
        this.#noteRetry(error, 0);
        try {
          return await this.#run();
        } catch (last) {
          failure = last;
        }
      }
      return await retryAfter(failure, () => this.#run(), {
        retries: settings.retryCount,
        delayMs: settings.retryDelayMs,
        clock,
        random,
        classify: (judged) => this.#classify(judged),
        signal,
        budget,
        timeLimit,
        onRetry: (event) => this.#noteRetry(event.error, event.delayMs),
      });
    } catch (last) {
      if (signal.aborted) throw signal.reason;
      throw this.#failed.length < 2 ? last : withAttempts(last, this.#failed);
    }
  }

  /** One more attempt, and at once another with another key, where one is free. */
  async #run(): Promise<Reply> {
    const startMs = this.#parts.stopwatch();
    try {
      return await this.#attemptOnce(this.#call, this.#failed.length + 1);
    } catch (error) {
      this.#note(error, startMs);
      if (!this.#mayRotate(error)) throw error;
      this.#noteRetry(error, 0);
      return this.#run();
    }
  }

  #note(error: unknown, startMs: number): void {
    const status = isProviderError(error) ? error.status : undefined;
    const durationMs = this.#parts.stopwatch() - startMs;
    this.#failed.push({ ...this.#place, code: codeOf(error), status, durationMs });
  }

  /** Trouble with one key is no reason to wait while another is free; each is tried once at most. */
  #mayRotate(error: unknown): boolean {
    const { clock, budget } = this.#parts;
    const { target, request, signal, timeLimit } = this.#call;
    const { keys } = target.gate;
    if (this.#rotations + 1 >= keys.size || signal.aborted || !keys.hasNoted(error)) return false;
    if (keys.waitMs(request.model) > 0 || clock.nowMs() >= timeLimit.atMs || !budget.tryWithdraw()) return false;
    this.#rotations++;
    return true;
  }

  #noteRetry(error: unknown, delayMs: number): void {
    this.#parts.counters.retries++;
    this.#parts.onRetry({ ...this.#place, attempt: this.#failed.length, delayMs, code: codeOf(error) });
  }

  #classify(error: unknown): RetryVerdict {
    const { breakers, targets } = this.#parts;
    const { target, request } = this.#call;
    const { keys } = target.gate;
    if (isSherdError(error) && error.code === 'ERR_PROVIDER_BAD_RESPONSE' && ++this.#badResponses > MAX_BAD_RESPONSES) {
      return { retryable: false };
    }
    // An open breaker would refuse the retry: better to tell the real error now.
    if (breakers.isOpen(target, request.model)) return { retryable: false };
    const verdict = verdictOf(error);
    const isOfKey = keys.size > 1 && keys.hasNoted(error);
    const retryAfterMs = isOfKey ? keys.waitMs(request.model) || undefined : verdict.retryAfterMs;
    // We would come back before the time, and be sent away again: somebody else may answer now.
    if (targets.length > 1 && isTooLong(retryAfterMs)) return { retryable: false };
    return { retryable: verdict.retryable, retryAfterMs, isFree: keys.hasRefused(error) };
  }

  get #place(): { readonly provider: string; readonly model: string } {
    const { target, request } = this.#call;
    return { provider: target.provider.name, model: request.model };
  }
}
