/**
 * How late the event loop is: a timer looks how long after its time it runs. It goes on while somebody is at work, so that
 * work costs no timer of its own. Invariant: there is one timer at most, and none is set while nobody is at work: the last
 * one may be pending for up to INTERVAL_MS more.
 */
import type { Clock } from '../core/clock.js';
import { type LatencySummary, LatencyWindow } from './latency-window.js';

/** What stops the loop for less may go unseen; what stops it for longer shows with up to this much less. */
const INTERVAL_MS = 50;

export class LoopLag {
  readonly #clock: Clock;
  readonly #isBusy: () => boolean;
  readonly #lags: LatencyWindow = new LatencyWindow();
  #dueMs = 0;
  #cancel: (() => void) | undefined = undefined;

  /** `isBusy` is asked at every look. */
  constructor(clock: Clock, isBusy: () => boolean) {
    this.#clock = clock;
    this.#isBusy = isBusy;
  }

  /** Somebody begins to work. O(1), and next to nothing while it is watched. */
  start(): void {
    if (this.#cancel === undefined) this.#arm();
  }

  /** For good, or until the next start. Idempotent. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Of the newest 1024 looks. O(n log n) in them. */
  summary(): LatencySummary {
    return this.#lags.summary();
  }

  #arm(): void {
    this.#dueMs = this.#clock.nowMs() + INTERVAL_MS;
    this.#cancel = this.#clock.setTimer(INTERVAL_MS, () => this.#look());
  }

  #look(): void {
    this.#cancel = undefined;
    this.#lags.record(Math.max(0, this.#clock.nowMs() - this.#dueMs));
    if (this.#isBusy()) this.#arm();
  }
}
