/**
 * Reads of a cache that keeps expired entries for stale-while-revalidate. The store holds one expiry an entry; whether
 * an entry is over, or still within its window, is the same question asked as of now, or as of a window ago.
 * Invariant: only stale() gives an expired value.
 */
import type { Store } from '../engine/store.js';

export class StaleReads {
  readonly #store: Store<unknown>;
  /** How long expired entries are kept, in milliseconds. */
  keptMs: number;
  /** Expired values given. */
  hits = 0;

  constructor(store: Store<unknown>, keptMs: number) {
    this.#store = store;
    this.keptMs = keptMs;
  }

  /** As Store.get, but an expired entry is collected only when its window is over. */
  get(key: string, nowMs: number): unknown {
    const isStale = !this.#store.has(key, nowMs) && this.#store.has(key, nowMs - this.keptMs);
    if (!isStale) return this.#store.get(key, nowMs);
    this.#store.counters.misses++;
    return undefined;
  }

  /** The value of an entry that expired less than `windowMs` ago, or has not expired. */
  stale(key: string, nowMs: number, windowMs: number): unknown {
    return this.#store.peek(key, nowMs - windowMs);
  }
}
