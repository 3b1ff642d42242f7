/**
 * The intervals in a row that asked for the same tier: how long the row is, and what may be taken from it as the figures
 * before a change. Invariant: every interval in it is of one tier, and the settings in force did not change in between.
 */
import { isSteady } from './change-watch.js';
import { pooled, type TrafficInterval } from './traffic-interval.js';

/** Older intervals than this many say nothing about now. */
const MAX_INTERVALS = 64;

export class VerdictStreak {
  #intervals: TrafficInterval[] = [];

  get length(): number {
    return this.#intervals.length;
  }

  /** Takes the next interval; one of another tier begins a new row. */
  add(interval: TrafficInterval): void {
    if (this.#intervals.at(-1)?.recommended.tier !== interval.recommended.tier) this.clear();
    if (this.#intervals.length === MAX_INTERVALS) this.#intervals.shift();
    this.#intervals.push(interval);
  }

  clear(): void {
    this.#intervals = [];
  }

  /** False while the hit ratio still moves from interval to interval. */
  get isSteady(): boolean {
    const [earlier, later] = this.#intervals.slice(-2);
    return earlier === undefined || later === undefined || isSteady(earlier, later);
  }

  /** The last two intervals as one when they agree; else all of them, whose mean is the best there is. Not of an empty row. */
  baseline(): TrafficInterval {
    return pooled(this.isSteady ? this.#intervals.slice(-2) : this.#intervals);
  }
}
