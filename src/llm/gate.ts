/**
 * What stands between an attempt and its target, in this order: the budget, a place, the rate, a key. The budget comes
 * first, so that nobody waits for what he may not spend; the key last, so that it is one that is free when it is used.
 * Invariant: what an attempt was given comes back when the attempt ends, however it ends.
 */
import type { Clock } from '../core/clock.js';
import { isBudgetError, isQueueFullError, isRateLimitError } from '../core/errors.js';
import type { Usage } from '../protocol/chat.js';
import { createDeadlineError } from '../resilience/deadline.js';
import type { RateLimiter } from '../resilience/rate-limiter.js';
import type { KeyRing, RingKey } from './key-ring.js';
import type { ClientCounters } from './metrics.js';
import type { AttemptEnd, Entrant, Pass, TakeBack } from './pass.js';
import type { Places } from './places.js';
import type { Spending } from './spending.js';
import { likelyTokens } from './token-estimate.js';

/** Undefined is what nobody asked for. */
export interface GateParts {
  readonly clock: Clock;
  /** The name of the one who is asked. */
  readonly provider: string;
  readonly counters: ClientCounters;
  readonly keys: KeyRing;
  readonly spending: Spending | undefined;
  readonly places: Places | undefined;
  readonly requests: RateLimiter | undefined;
  readonly tokens: RateLimiter | undefined;
}

export const NO_USAGE: Usage = Object.freeze({ inputTokens: 0, outputTokens: 0, totalTokens: 0 });
/** How an attempt ends that was not let through. */
export const UNSENT: AttemptEnd = Object.freeze({ outcome: 'unsent', error: undefined, used: NO_USAGE, latencyMs: 0 });
const NOTHING: readonly TakeBack[] = Object.freeze([]);

export class Gate {
  readonly #parts: GateParts;
  readonly #isOpen: boolean;

  constructor(parts: GateParts) {
    const { spending, places, requests, tokens } = parts;
    this.#parts = parts;
    this.#isOpen = [spending, tokens, places, requests].every((part) => part === undefined);
  }

  get keys(): KeyRing {
    return this.#parts.keys;
  }
  /** Upstream calls allowed at once; 0 without such a limit. */
  get concurrencyLimit(): number {
    return this.#parts.places?.limit ?? 0;
  }

  /**
   * Waits for its turn, where there is something to wait for. Rejects or throws a BudgetError, QueueFullError,
   * RateLimitError, DeadlineError, ClosedError, a ConfigError when no key is for the model, or the signal's reason.
   */
  enter(call: Entrant): Pass | Promise<Pass> {
    return this.#isOpen ? this.#pass(call, NOTHING) : this.#enter(call);
  }

  /** Refuses those who wait and all who come later. Idempotent. */
  close(): void {
    const { places, requests, tokens } = this.#parts;
    for (const part of [places, requests, tokens]) part?.close();
  }

  async #enter(call: Entrant): Promise<Pass> {
    const { clock, provider, spending, places, requests, tokens } = this.#parts;
    const { signal, timeLimit, settings } = call;
    const given: TakeBack[] = [];
    try {
      if (spending !== undefined) given.push(spending.reserve(provider, call.request));
      if (places !== undefined) given.push(await places.enter(call));
      if (requests !== undefined) given.push(requestOf(requests, await requests.acquire(1, signal, timeLimit)));
      if (tokens !== undefined) {
        const { totalTokens } = likelyTokens(call.request);
        given.push(tokensOf(tokens, totalTokens, await tokens.acquire(totalTokens, signal, timeLimit)));
      }
      // A place that comes free at the very end is of no use.
      if (clock.nowMs() >= timeLimit.atMs) throw createDeadlineError('total', settings.totalTimeoutMs ?? 0);
      return this.#pass(call, given);
    } catch (error) {
      if (isBudgetError(error)) this.#parts.counters.budgetRejected++;
      if (isQueueFullError(error)) this.#parts.counters.queueDropped++;
      for (const takeBack of given) takeBack(UNSENT);
      throw error;
    }
  }

  #pass({ request: { model } }: Entrant, given: readonly TakeBack[]): Pass {
    const key = this.#parts.keys.take(model);
    return {
      key,
      end: (end) => {
        if (end.outcome === 'failed') this.#noteFailure(key, model, end.error);
        for (const takeBack of given) takeBack(end);
      },
    };
  }

  #noteFailure(key: RingKey, model: string, error: unknown): void {
    const { keys, counters, clock, requests, tokens } = this.#parts;
    if (!keys.note(key, error)) return;
    counters.keyCooldowns++;
    // Where no other key can step in, the line waits instead of walking into a refusal.
    if (isRateLimitError(error)) (requests ?? tokens)?.pauseUntil(clock.nowMs() + keys.waitMs(model));
  }
}

/** A request counts once it went out, whatever became of it. */
function requestOf(requests: RateLimiter, takenAtMs: number): TakeBack {
  return ({ outcome }) => {
    if (outcome === 'unsent') requests.giveBack(1, takenAtMs);
  };
}

function tokensOf(tokens: RateLimiter, estimate: number, takenAtMs: number): TakeBack {
  return ({ used }) => {
    if (used !== undefined) tokens.giveBack(estimate - used.inputTokens - used.outputTokens, takenAtMs);
  };
}
