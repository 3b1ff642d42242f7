/** Events a second over the last minute, for whoever keeps no total of its own. The time passed in never goes back. */
import { TotalRate } from './total-rate.js';

export class RateWindow {
  readonly #rate: TotalRate;
  #total = 0;

  constructor(nowMs: number) {
    this.#rate = new TotalRate(nowMs);
  }

  /** Counts `amount` events now. O(1) amortised. */
  record(nowMs: number, amount = 1): void {
    if (nowMs >= this.#rate.nextMarkMs) this.#rate.mark(nowMs, this.#total);
    this.#total += amount;
  }

  /** Events of the current second and the 59 before it. */
  total(nowMs: number): number {
    return this.#rate.growth(nowMs, this.#total);
  }

  /** That total over the time it was counted in: since the start at first, and never over less than a second. */
  perSecond(nowMs: number): number {
    return this.#rate.perSecond(nowMs, this.#total);
  }
}
