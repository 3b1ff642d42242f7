/**
 * Who is asked in one call, and when: the rules of its contest. Sequential asks the next when the one before has failed,
 * a race asks all, a hedge asks one more when the first token is late. A lone target is hedged by itself.
 */
import type { CancelSignal } from '../core/cancel.js';
import type { Clock, Stopwatch } from '../core/clock.js';
import { type AttemptRecord, isConfigError, isProviderError } from '../core/errors.js';
import type { AfterFailure, ContestRules } from '../resilience/contest.js';
import type { RetryBudget } from '../resilience/retry-budget.js';
import type { ShareBudget } from '../resilience/share-budget.js';
import type { Call, TargetCall } from './call.js';
import type { FallbackSettings } from './config.js';
import type { ClientEvents } from './event-types.js';
import { allFailed, codeOf, mayFallBack, withAttempts } from './failures.js';
import { forTarget } from './for-target.js';
import type { Reply } from './reply.js';
import type { Order, Route } from './router.js';
import type { Target } from './target.js';
import type { TargetWatch } from './target-watch.js';

export interface AskingParts {
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly fallback: FallbackSettings | undefined;
  /** Undefined: the targets as they are configured. */
  readonly route: Route | undefined;
  /** Where somebody wants to know. */
  readonly watch: TargetWatch | undefined;
  /** A hedge is paid for twice: it is one of the few extra calls of its own kind, and of the retries'. */
  readonly hedges: ShareBudget | undefined;
  readonly budget: RetryBudget;
  readonly onFallback: (event: ClientEvents['fallback']) => void;
  readonly onHedge: (event: ClientEvents['hedge']) => void;
  readonly onContestWon: (event: ClientEvents['contest-won']) => void;
}

/** Where a target is asked, and whether that would cost anything: the cached stage. */
interface Once {
  ask(call: TargetCall): Promise<Reply>;
  isAtHand(call: TargetCall): boolean;
}

/** A target's reply. */
export interface Answered {
  readonly asked: TargetCall;
  readonly reply: Reply;
}

/** Fewer times say too little of the slowest twentieth. */
const MIN_SAMPLES = 20;

export class Asking implements ContestRules<Answered> {
  readonly clock: Clock;
  readonly signal: CancelSignal;
  readonly together: number;
  readonly #parts: AskingParts;
  readonly #call: Call;
  readonly #order: Order;
  readonly #once: Once;
  /** Those asked, and the one that may be asked next. */
  readonly #calls: TargetCall[] = [];
  #begun = 0;
  readonly #startsMs: number[] = [];
  readonly #attempts: AttemptRecord[] = [];
  /** Those begun beside one that was late. */
  readonly #hedges = new Set<number>();

  constructor(parts: AskingParts, call: Call, order: Order, once: Once) {
    this.clock = parts.clock;
    this.signal = call.signal;
    this.together = parts.fallback?.mode === 'race' ? order.length : 1;
    this.#parts = parts;
    this.#call = call;
    this.#order = order;
    this.#once = once;
  }

  async enter(entrant: number, signal: CancelSignal): Promise<Answered> {
    const { watch, stopwatch } = this.#parts;
    const asked = { ...this.#callOf(entrant), signal, begunAs: this.#begunAs(entrant) };
    this.#call.trace.origin = asked.origin;
    this.#begun = entrant + 1;
    const startMs = stopwatch();
    this.#startsMs[entrant] = startMs;
    try {
      const reply = await this.#once.ask(asked);
      if (!asked.origin.cached && !asked.origin.shared) watch?.opened(asked, stopwatch() - startMs);
      return { asked, reply };
    } catch (error) {
      const durationMs = stopwatch() - startMs;
      this.#attempts.push(...attemptsOf(error, asked, durationMs));
      if (!signal.aborted && mayFallBack(error)) watch?.failed(asked);
      else if (signal.aborted && !this.signal.aborted) watch?.lost(asked, durationMs);
      throw error;
    }
  }

  patienceMs(entrant: number): number | undefined {
    const { fallback, watch } = this.#parts;
    if (fallback?.mode !== 'hedge' || this.#after(entrant) === undefined) return undefined;
    const openings = watch?.openings(this.#callOf(entrant));
    return openings === undefined || openings.count < MIN_SAMPLES ? fallback.hedgeDelayMs : openings.p95Ms;
  }

  onSlow(entrant: number): boolean {
    const { hedges, budget, onHedge } = this.#parts;
    if (!this.#once.isAtHand(this.#callOf(entrant + 1))) {
      if (hedges?.canTake !== true || !budget.tryWithdraw()) return false;
      hedges.take();
    }
    this.#hedges.add(entrant + 1);
    onHedge({ ...this.#step(entrant), afterMs: this.#parts.stopwatch() - (this.#startsMs[entrant] ?? 0) });
    return true;
  }

  onFailure(entrant: number, error: unknown, running: number): AfterFailure {
    const isLater = entrant > 0;
    // One that we chose, or a later one, that cannot say the request has failed like any other; and one that dislikes it
    // ends nobody else's try. But the first one's word is final where the caller has put it first.
    const isOurChoice = isLater || this.#parts.route !== undefined;
    const mayGoOn = mayFallBack(error) || (isOurChoice && isConfigError(error)) || (isLater && running > 0);
    if (this.signal.aborted || !mayGoOn) return { error };
    if (running > 0) return 'wait';
    const last = this.#begun - 1;
    if (this.#order.length > this.#begun) {
      this.#parts.onFallback({ ...this.#step(last), code: codeOf(error) });
      return 'next';
    }
    // A lone target's errors stay as they are.
    if (this.#order.length > 1) return { error: allFailed(error, this.#attempts) };
    return { error: last === 0 ? error : withAttempts(error, this.#attempts) };
  }

  discard({ reply }: Answered): void {
    reply.rest?.return().catch(() => undefined);
  }

  /** The reply that goes to the caller. */
  won({ asked, reply }: Answered): Reply {
    this.#call.trace.origin = asked.origin;
    const isHedge = this.#hedges.has(asked.turn);
    if (this.together > 1 || this.#hedges.size > 0) {
      this.#parts.onContestWon({ ...placeOf(asked), target: asked.target.index, asked: this.#begun, isHedge });
    }
    return reply;
  }

  /** Who is asked after this one, or beside it: a lone target is itself asked once more. */
  #after(entrant: number): Target | undefined {
    const isAlone = this.#order.length === 1 && entrant === 0;
    return isAlone ? this.#order[0] : this.#order[entrant + 1];
  }

  #begunAs(entrant: number): TargetCall['begunAs'] {
    if (this.#hedges.has(entrant)) return 'hedge';
    if (entrant === 0) return 'first';
    return this.together > 1 ? 'race' : 'fallback';
  }

  #step(entrant: number): Pick<ClientEvents['fallback'], 'from' | 'to'> {
    return { from: placeOf(this.#callOf(entrant)), to: placeOf(this.#callOf(entrant + 1)) };
  }

  #callOf(entrant: number): TargetCall {
    const isRepeat = entrant >= this.#order.length;
    const target = this.#order[isRepeat ? 0 : entrant] as Target;
    this.#calls[entrant] ??= { ...forTarget(this.#call, target), turn: entrant, isRepeat };
    return this.#calls[entrant];
  }
}

function placeOf({ target, request }: TargetCall): { readonly provider: string; readonly model: string } {
  return { provider: target.provider.name, model: request.model };
}

function attemptsOf(error: unknown, asked: TargetCall, durationMs: number): readonly AttemptRecord[] {
  if (isProviderError(error) && error.attempts.length > 0) return error.attempts;
  const status = isProviderError(error) ? error.status : undefined;
  return [{ ...placeOf(asked), code: codeOf(error), status, durationMs }];
}
