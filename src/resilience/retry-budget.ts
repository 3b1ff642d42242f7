/**
 * Retry budget: keeps retries a fixed share of requests, so that an outage is not answered with a storm.
 * After Finagle's RetryBudget: each request deposits a share of a retry, credit fades away, and a small
 * allowance a second remains for services that are asked rarely.
 * Invariant: retries <= share * requests + minPerSecond * (elapsed seconds + windowSeconds).
 */
import type { Clock } from '../core/clock.js';

export interface RetryBudgetOptions {
  readonly clock: Clock;
  /** Retries a request pays for, 0..1. Default 0.2. */
  readonly share?: number;
  /** Retries a second that are free. Default 3. */
  readonly minPerSecond?: number;
  /** Mean life of a credit; also bounds how much of the free allowance can be saved up. Default 10 s. */
  readonly windowMs?: number;
}

export class RetryBudget {
  readonly #clock: Clock;
  readonly #share: number;
  readonly #minPerSecond: number;
  readonly #windowMs: number;
  #earned = 0;
  #free: number;
  #updatedAtMs: number;

  constructor(options: RetryBudgetOptions) {
    this.#clock = options.clock;
    this.#share = options.share ?? 0.2;
    this.#minPerSecond = options.minPerSecond ?? 3;
    this.#windowMs = options.windowMs ?? 10_000;
    this.#free = this.#maxFree();
    this.#updatedAtMs = options.clock.nowMs();
  }

  /** Retries that could be made now. */
  get balance(): number {
    this.#update();
    return this.#earned + this.#free;
  }

  /** To be called once for each request of a caller, whatever becomes of it: not for its retries, fallbacks or hedges. */
  deposit(): void {
    this.#update();
    this.#earned += this.#share;
  }

  /** Takes one retry; false when the budget is used up. Earned credit goes first. */
  tryWithdraw(): boolean {
    this.#update();
    if (this.#earned + this.#free < 1) return false;
    const fromEarned = Math.min(1, this.#earned);
    this.#earned -= fromEarned;
    this.#free -= 1 - fromEarned;
    return true;
  }

  #update(): void {
    const nowMs = this.#clock.nowMs();
    const elapsedMs = nowMs - this.#updatedAtMs;
    if (elapsedMs <= 0) return;
    this.#updatedAtMs = nowMs;
    this.#earned *= Math.exp(-elapsedMs / this.#windowMs);
    this.#free = Math.min(this.#maxFree(), this.#free + (this.#minPerSecond * elapsedMs) / 1000);
  }

  #maxFree(): number {
    return (this.#minPerSecond * this.#windowMs) / 1000;
  }
}
