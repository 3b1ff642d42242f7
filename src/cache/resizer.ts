/** Drives live resizes of a store in slices. A second target supersedes the first; both callers wait for the last. */
import { type Clock, createStopwatch, type Stopwatch } from '../core/clock.js';
import type { Store } from '../engine/store.js';
import { inSlices, nextTurn, type SliceQueue } from './slices.js';

/**
 * Shard counts between which keys may be at one moment: a store looks for a key in each. More targets at once wait until
 * what is under way has arrived.
 */
const MAX_COUNTS_AT_ONCE = 8;

export interface ResizeEvent {
  readonly from: number;
  readonly to: number;
  readonly durationMs: number;
}

export class Resizer {
  readonly #store: Store<unknown>;
  readonly #queue: SliceQueue;
  readonly #clock: Clock;
  readonly #stopwatch: Stopwatch;
  readonly #onResized: (event: ResizeEvent) => void;
  #running: Promise<void> | undefined;
  #target: number;

  constructor(store: Store<unknown>, queue: SliceQueue, clock: Clock, onResized: (event: ResizeEvent) => void) {
    this.#store = store;
    this.#queue = queue;
    this.#clock = clock;
    this.#stopwatch = createStopwatch(clock);
    this.#onResized = onResized;
    this.#target = store.shardCount;
  }

  /** Resolves when the store stands at `shardCount`, one that it can have, or at what superseded it. */
  to(shardCount: number): Promise<void> {
    this.#target = shardCount;
    this.#running ??= this.#queue.run(() => this.#move());
    return this.#running;
  }

  async #move(): Promise<void> {
    const from = this.#store.shardCount;
    const startMs = this.#clock.nowMs();
    let begun = 1;
    const isThere = (): boolean => this.#store.shardCount === this.#target;
    // The target may change on the way, up to the last moment.
    const mustBegin = (): boolean => !isThere() && begun < MAX_COUNTS_AT_ONCE;
    while (!isThere() || this.#store.isResizing) {
      if (!this.#store.isResizing) begun = 1;
      if (mustBegin()) {
        // A slice of its own, O(shards).
        this.#store.beginResize(this.#target);
        begun++;
        await nextTurn();
      } else {
        await inSlices(this.#stopwatch, (maxEntries) => this.#store.resizeStep(maxEntries) || mustBegin());
      }
    }
    // At once and before listeners are told: whoever asks from here on starts a resize of its own.
    this.#running = undefined;
    const to = this.#target;
    if (from !== to) this.#onResized({ from, to, durationMs: this.#clock.nowMs() - startMs });
  }
}
