/**
 * When has a closed circuit seen too many failures? Two answers: so many in a row, or a share of the calls of a sliding
 * window. Knows no states: the breaker asks after each result and clears the tally when it opens or closes.
 */
import { OutcomeWindow } from './outcome-window.js';

export interface FailureTally {
  /** Counts a result. True: that is too many. */
  note(isFailure: boolean, nowMs: number): boolean;
  /** Failures that count now. */
  failures(nowMs: number): number;
  clear(): void;
  snapshot(nowMs: number): TallySnapshot;
  restore(snapshot: TallySnapshot, nowMs: number): void;
}

export interface TallySnapshot {
  readonly failures: number;
  /** Counted by a share only. */
  readonly successes?: number;
  /** Since the last failure. */
  readonly quietMs: number;
}

/** Too many is `threshold` in a row; a success, or `resetAfterMs` without another failure, ends the row. */
export class FailureRow implements FailureTally {
  readonly #threshold: number;
  readonly #resetAfterMs: number;
  #failures = 0;
  #lastAtMs = 0;

  constructor(threshold: number, resetAfterMs: number) {
    this.#threshold = threshold;
    this.#resetAfterMs = resetAfterMs;
  }

  note(isFailure: boolean, nowMs: number): boolean {
    this.#failures = isFailure ? this.failures(nowMs) + 1 : 0;
    if (isFailure) this.#lastAtMs = nowMs;
    return this.#failures >= this.#threshold;
  }

  failures(nowMs: number): number {
    return nowMs - this.#lastAtMs < this.#resetAfterMs ? this.#failures : 0;
  }

  clear(): void {
    this.#failures = 0;
  }

  snapshot(nowMs: number): TallySnapshot {
    return { failures: this.failures(nowMs), quietMs: nowMs - this.#lastAtMs };
  }

  restore({ failures, quietMs }: TallySnapshot, nowMs: number): void {
    this.#failures = failures;
    this.#lastAtMs = nowMs - quietMs;
  }
}

/** Too many is the share `rate` of at least `minimumCalls` calls in the window, found at a failure: no success opens. */
export class FailureRate implements FailureTally {
  readonly #rate: number;
  readonly #minimumCalls: number;
  readonly #window: OutcomeWindow;
  #lastAtMs = 0;

  constructor(rate: number, minimumCalls: number, windowMs: number) {
    this.#rate = rate;
    this.#minimumCalls = minimumCalls;
    this.#window = new OutcomeWindow(windowMs);
  }

  note(isFailure: boolean, nowMs: number): boolean {
    this.#window.note(isFailure ? 0 : 1, isFailure ? 1 : 0, nowMs);
    if (isFailure) this.#lastAtMs = nowMs;
    const calls = this.#window.calls(nowMs);
    return isFailure && calls >= this.#minimumCalls && this.#window.failures(nowMs) >= this.#rate * calls;
  }

  failures(nowMs: number): number {
    return this.#window.failures(nowMs);
  }

  clear(): void {
    this.#window.clear();
  }

  snapshot(nowMs: number): TallySnapshot {
    const failures = this.#window.failures(nowMs);
    return { failures, successes: this.#window.calls(nowMs) - failures, quietMs: nowMs - this.#lastAtMs };
  }

  /** As if all had happened now: when each did is not known any more. */
  restore({ failures, successes = 0, quietMs }: TallySnapshot, nowMs: number): void {
    this.#window.clear();
    this.#window.note(successes, failures, nowMs);
    this.#lastAtMs = nowMs - quietMs;
  }
}
