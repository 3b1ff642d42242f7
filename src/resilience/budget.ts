/**
 * A spending limit that cannot be overrun by many at once: what a piece of work may cost at most is reserved before it
 * starts, and settled or given back when it ends. What a unit is (a token, a dollar) is the caller's business.
 * Invariant: in every window, reserved = settled + given back + outstanding, and what is reserved never passes the limit.
 */
import { assert } from '../core/assert.js';
import type { Clock } from '../core/clock.js';
import { BudgetError } from '../core/errors.js';

export interface BudgetOptions {
  readonly clock: Clock;
  /** Units a window, above 0. */
  readonly limit: number;
  /** Windows follow each other from the budget's creation, on the monotonic clock: no jump of the calendar renews it. */
  readonly windowMs: number;
}

/** An amount set aside. Only the first word counts, whichever it is. */
export interface Reservation {
  /** Spends `amount` of it; the rest goes back, and what it falls short is spent as well. */
  settle(amount: number): void;
  /** Nothing was spent. */
  release(): void;
}

/** Sums of many small amounts stray by this share of the limit at most. */
const ROUNDING = 1e-9;

export class Budget {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #createdAtMs: number;
  #window = 0;
  #used = 0;
  #outstanding = 0;

  constructor({ clock, limit, windowMs }: BudgetOptions) {
    this.#clock = clock;
    this.#limit = limit;
    this.#windowMs = windowMs;
    this.#createdAtMs = clock.nowMs();
  }

  /** Spent in this window, and reserved by what is under way. */
  get used(): number {
    this.#enterWindow();
    return this.#used;
  }
  /** Reservations that are neither settled nor given back. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /**
   * Sets `amount` aside; it counts in the window in which it was reserved, however long the work takes. Throws a
   * BudgetError when it does not fit: ERR_BUDGET_EXCEEDED with the time until the window ends, or ERR_BUDGET_COST when it
   * would fit into no window. O(1).
   */
  reserve(amount: number): Reservation {
    assert(amount >= 0, `an amount is not negative, got ${amount}`);
    this.#enterWindow();
    const slack = this.#limit * ROUNDING;
    if (amount > this.#limit + slack) throw createCostError(amount, this.#limit);
    if (this.#used + amount > this.#limit + slack) throw createExceededError(this.#endsInMs());
    this.#used += amount;
    this.#outstanding++;
    const window = this.#window;
    let isOpen = true;
    const close = (spent: number): void => {
      if (!isOpen) return;
      isOpen = false;
      this.#outstanding--;
      this.#enterWindow();
      // A window that is over has nothing to give back.
      if (window === this.#window) this.#used += spent - amount;
    };
    return { settle: close, release: () => close(0) };
  }

  #enterWindow(): void {
    const window = Math.floor((this.#clock.nowMs() - this.#createdAtMs) / this.#windowMs);
    if (window === this.#window) return;
    this.#window = window;
    this.#used = 0;
  }

  #endsInMs(): number {
    return this.#createdAtMs + (this.#window + 1) * this.#windowMs - this.#clock.nowMs();
  }
}

function createExceededError(retryAfterMs: number): BudgetError {
  return new BudgetError(`the budget is spent or reserved; it is renewed in ${Math.ceil(retryAfterMs)} ms`, {
    retryAfterMs,
  });
}

function createCostError(amount: number, limit: number): BudgetError {
  return new BudgetError(`a cost of up to ${amount} never fits a budget of ${limit}`, { code: 'ERR_BUDGET_COST' });
}
