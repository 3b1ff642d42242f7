/**
 * Keeps extra calls a share of all calls, by count alone. A RetryBudget's credit fades within seconds, so whoever calls
 * rarely would never have any; this one waits, up to a bound.
 * Invariant: taken <= 1 + share * earned, and at most `burst` are taken in a row without a call between.
 */

export interface ShareBudgetOptions {
  /** Extra calls that a call pays for, above 0 to 1. */
  readonly share: number;
  /** Most credit that is saved up, at least 1. Default 10. */
  readonly burst?: number;
}

export class ShareBudget {
  readonly #share: number;
  readonly #burst: number;
  #credit = 1;

  constructor({ share, burst = 10 }: ShareBudgetOptions) {
    this.#share = share;
    this.#burst = burst;
  }

  /** To be called once for each call, not for its extra calls. */
  earn(): void {
    this.#credit = Math.min(this.#burst, this.#credit + this.#share);
  }

  get canTake(): boolean {
    // The sum of many shares misses a whole by a rounding error.
    return this.#credit >= 1 - 1e-9;
  }

  /** Takes one extra call; only if it can be taken. */
  take(): void {
    this.#credit -= 1;
  }
}
