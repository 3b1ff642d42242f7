/**
 * How late the event loop is: a timer looks how long after its time it runs. It is set only while somebody is at work, and
 * goes on where it stopped, so that short work with short rests is watched as well. Invariant: at rest it holds no timer.
 */
import type { Clock } from '../core/clock.js';
import { type LatencySummary, LatencyWindow } from './latency-window.js';

/** What stops the loop for less may go unseen; what stops it for longer shows with up to this much less. */
const INTERVAL_MS = 50;

export class LoopLag {
  readonly #clock: Clock;
  readonly #lags: LatencyWindow = new LatencyWindow();
  #dueMs = 0;
  #cancel: (() => void) | undefined = undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches from now on. Idempotent; O(1). */
  start(): void {
    if (this.#cancel !== undefined) return;
    const nowMs = this.#clock.nowMs();
    if (this.#dueMs <= nowMs) this.#dueMs = nowMs + INTERVAL_MS;
    this.#arm(nowMs);
  }

  /** Nobody is at work. Idempotent; O(1). */
  rest(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Of the newest 1024 looks. O(n log n) in them. */
  summary(): LatencySummary {
    return this.#lags.summary();
  }

  #look(): void {
    const nowMs = this.#clock.nowMs();
    this.#lags.record(Math.max(0, nowMs - this.#dueMs));
    this.#dueMs = nowMs + INTERVAL_MS;
    this.#arm(nowMs);
  }

  #arm(nowMs: number): void {
    this.#cancel = this.#clock.setTimer(this.#dueMs - nowMs, () => this.#look());
  }
}
