/**
 * Circuit breaker over failures in a row, or over their share of the calls. It judges no error: the caller says what a
 * call was.
 *   closed --too many failures--> open --resetTimeoutMs, at the next acquire--> half-open
 *   half-open --successThreshold successes--> closed          half-open --one failure--> open
 * Invariant: a result counts only in the era it was started in (`generation`), so a late one moves nothing; and a
 * half-open breaker has at most one probe out, whose place comes back on every outcome.
 */
import { assertNever } from '../core/assert.js';
import type { Clock } from '../core/clock.js';
import { CircuitOpenError } from '../core/errors.js';
import { FailureRate, FailureRow, type FailureTally, type TallySnapshot } from './failure-tally.js';

export type CircuitState =
  | { readonly kind: 'closed'; readonly generation: number; readonly failures: number }
  | { readonly kind: 'open'; readonly generation: number; readonly untilMs: number }
  | {
      readonly kind: 'half-open';
      readonly generation: number;
      readonly successes: number;
      /** When the probe that is out was started; undefined: none is out. */
      readonly probeSinceMs: number | undefined;
    };

export interface CircuitTransition {
  readonly from: CircuitState['kind'];
  readonly to: CircuitState['kind'];
  readonly atMs: number;
}

/** A state that can leave the process: durations instead of points in time, no generation, no probe. */
export type CircuitSnapshot =
  | (TallySnapshot & { readonly kind: 'closed' })
  | { readonly kind: 'open'; readonly remainingMs: number }
  | { readonly kind: 'half-open'; readonly successes: number };

export interface CircuitBreakerOptions {
  readonly clock: Clock;
  /** What is protected, for messages. Default 'upstream'. */
  readonly name?: string;
  /** What is too much: failures in a row, or a share of the calls. Default 'count'. */
  readonly mode?: 'count' | 'rate';
  /** Mode 'count': failures in a row that open the circuit, at least 1. Default 3. */
  readonly failureThreshold?: number;
  /** Mode 'count': failures are forgotten after this long without another. Default 30 s. */
  readonly resetAfterMs?: number;
  /** Mode 'rate': share of failed calls that opens the circuit, above 0 to 1. Default 0.5. */
  readonly failureRate?: number;
  /** Mode 'rate': with fewer calls in the window it stays closed, at least 1. Default 10. */
  readonly minimumCalls?: number;
  /** Mode 'rate': how long a call counts. Default 60 s. */
  readonly windowMs?: number;
  /** Successful probes that close it again, at least 1. Default 2. */
  readonly successThreshold?: number;
  /** How long it stays open before the first probe. Default 5 s. */
  readonly resetTimeoutMs?: number;
  /** A probe without a result gives up its place after this long; its result no longer counts. Default 5 min. */
  readonly probeTimeoutMs?: number;
  /** Told after each change of kind. Must not throw. */
  readonly onTransition?: (transition: CircuitTransition) => void;
}

/** The right to make one call. The first of the three verbs counts, later ones do nothing. */
export interface CircuitPermit {
  /** False once the circuit has changed since: the result will not count, and who has not called yet has to ask anew. */
  readonly isCurrent: boolean;
  succeed(): void;
  fail(): void;
  /** Neither: the caller left, or the error says nothing about the service's health. */
  release(): void;
}

/** What the breaker remembers of its state: the tally knows the failures. */
type State = Exclude<CircuitState, { kind: 'closed' }> | { readonly kind: 'closed'; readonly generation: number };
type HalfOpen = Extract<CircuitState, { kind: 'half-open' }>;
type Outcome = 'success' | 'failure' | 'neither';

export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #name: string;
  readonly #tally: FailureTally;
  readonly #successThreshold: number;
  readonly #resetTimeoutMs: number;
  readonly #probeTimeoutMs: number;
  readonly #onTransition: ((transition: CircuitTransition) => void) | undefined;
  #state: State = { kind: 'closed', generation: 0 };
  /** What permits know of their breaker. */
  readonly #judge: Judge = {
    isCurrent: (generation) => generation === this.#state.generation,
    settle: (generation, outcome) => this.#settle(generation, outcome),
  };

  constructor(options: CircuitBreakerOptions) {
    this.#clock = options.clock;
    this.#name = options.name ?? 'upstream';
    this.#tally = createTally(options);
    this.#successThreshold = options.successThreshold ?? 2;
    this.#resetTimeoutMs = options.resetTimeoutMs ?? 5_000;
    this.#probeTimeoutMs = options.probeTimeoutMs ?? 300_000;
    this.#onTransition = options.onTransition;
  }

  /** The state as it stands now. An open circuit shows as open until somebody acquires. */
  get state(): CircuitState {
    const state = this.#state;
    return state.kind === 'closed' ? { ...state, failures: this.#tally.failures(this.#clock.nowMs()) } : state;
  }

  /** A permit for one call. Throws a CircuitOpenError while open, and while another probe is out. */
  acquire(): CircuitPermit {
    const nowMs = this.#clock.nowMs();
    if (this.#state.kind === 'open') {
      const { untilMs, generation } = this.#state;
      if (nowMs < untilMs) throw this.#refusal(untilMs - nowMs);
      // The same era: an open circuit has no permit out.
      this.#enter({ kind: 'half-open', generation, successes: 0, probeSinceMs: undefined }, nowMs);
    }
    if (this.#state.kind === 'half-open') {
      const { generation, probeSinceMs } = this.#state;
      if (probeSinceMs === undefined) this.#state = { ...this.#state, probeSinceMs: nowMs };
      else if (nowMs - probeSinceMs >= this.#probeTimeoutMs) {
        this.#state = { ...this.#state, generation: generation + 1, probeSinceMs: nowMs };
      } else throw this.#refusal(this.#resetTimeoutMs);
    }
    return new Permit(this.#judge, this.#state.generation);
  }

  /** Counts a failure seen elsewhere, as if a call had just failed. Does not prolong an open circuit. */
  recordFailure(): void {
    this.#settle(this.#state.generation, 'failure');
  }

  /** Closes the circuit and forgets all failures; results of calls still out no longer count. */
  reset(): void {
    this.#close(this.#clock.nowMs());
  }

  snapshot(): CircuitSnapshot {
    const state = this.#state;
    const nowMs = this.#clock.nowMs();
    switch (state.kind) {
      case 'closed':
        return { kind: 'closed', ...this.#tally.snapshot(nowMs) };
      case 'open':
        return { kind: 'open', remainingMs: Math.max(0, state.untilMs - nowMs) };
      case 'half-open':
        return { kind: 'half-open', successes: state.successes };
      default:
        return assertNever(state);
    }
  }

  /** Goes on from a snapshot. An open circuit stays open for at most this breaker's own resetTimeoutMs. */
  restore(snapshot: CircuitSnapshot): void {
    const nowMs = this.#clock.nowMs();
    const generation = this.#state.generation + 1;
    switch (snapshot.kind) {
      case 'closed':
        this.#tally.restore(snapshot, nowMs);
        this.#enter({ kind: 'closed', generation }, nowMs);
        break;
      case 'open':
        this.#open(nowMs, Math.min(snapshot.remainingMs, this.#resetTimeoutMs));
        break;
      case 'half-open': {
        const { successes } = snapshot;
        this.#enter({ kind: 'half-open', generation, successes, probeSinceMs: undefined }, nowMs);
        break;
      }
      default:
        assertNever(snapshot);
    }
  }

  #settle(generation: number, outcome: Outcome): void {
    const nowMs = this.#clock.nowMs();
    const state = this.#state;
    if (generation !== state.generation) return;
    if (state.kind === 'closed') this.#settleClosed(outcome, nowMs);
    else if (state.kind === 'half-open') this.#settleProbe(state, outcome, nowMs);
  }

  #settleClosed(outcome: Outcome, nowMs: number): void {
    if (outcome === 'neither') return;
    if (this.#tally.note(outcome === 'failure', nowMs)) this.#open(nowMs, this.#resetTimeoutMs);
  }

  #settleProbe(state: HalfOpen, outcome: Outcome, nowMs: number): void {
    const successes = state.successes + (outcome === 'success' ? 1 : 0);
    if (outcome === 'failure') this.#open(nowMs, this.#resetTimeoutMs);
    else if (successes >= this.#successThreshold) this.#close(nowMs);
    else this.#state = { ...state, successes, probeSinceMs: undefined };
  }

  #open(nowMs: number, durationMs: number): void {
    this.#enter({ kind: 'open', generation: this.#state.generation + 1, untilMs: nowMs + durationMs }, nowMs);
  }

  #close(nowMs: number): void {
    this.#tally.clear();
    this.#enter({ kind: 'closed', generation: this.#state.generation + 1 }, nowMs);
  }

  #enter(next: State, atMs: number): void {
    const from = this.#state.kind;
    this.#state = next;
    if (from !== next.kind) this.#onTransition?.({ from, to: next.kind, atMs });
  }

  #refusal(retryAfterMs: number): CircuitOpenError {
    return new CircuitOpenError(`the circuit of ${this.#name} is open`, { retryAfterMs });
  }
}

interface Judge {
  isCurrent(generation: number): boolean;
  settle(generation: number, outcome: Outcome): void;
}

class Permit implements CircuitPermit {
  readonly #judge: Judge;
  readonly #generation: number;
  #isSettled = false;

  constructor(judge: Judge, generation: number) {
    this.#judge = judge;
    this.#generation = generation;
  }

  get isCurrent(): boolean {
    return this.#judge.isCurrent(this.#generation);
  }

  succeed(): void {
    this.#settle('success');
  }

  fail(): void {
    this.#settle('failure');
  }

  release(): void {
    this.#settle('neither');
  }

  #settle(outcome: Outcome): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#judge.settle(this.#generation, outcome);
  }
}

function createTally(options: CircuitBreakerOptions): FailureTally {
  const { mode = 'count', failureThreshold = 3, resetAfterMs = 30_000 } = options;
  const { failureRate = 0.5, minimumCalls = 10, windowMs = 60_000 } = options;
  switch (mode) {
    case 'count':
      return new FailureRow(failureThreshold, resetAfterMs);
    case 'rate':
      return new FailureRate(failureRate, minimumCalls, windowMs);
    default:
      return assertNever(mode);
  }
}
