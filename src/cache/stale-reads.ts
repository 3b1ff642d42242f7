/**
 * Reads of a cache that keeps expired entries for stale-while-revalidate or stale-if-error. The store holds one expiry an
 * entry; whether an entry is over, or still within its window, is the same question asked as of now, or as of a window ago.
 * Invariant: only stale() gives an expired value.
 */
import type { Store } from '../engine/store.js';
import type { CacheConfig } from './config.js';
import type { StaleUse } from './types.js';

export type StaleWindows = Pick<CacheConfig, 'staleWhileRevalidateMs' | 'staleIfErrorMs'>;

/** How long expired entries are kept: as long as anybody may want them. */
export function keptMsOf({ staleWhileRevalidateMs, staleIfErrorMs }: StaleWindows): number {
  return Math.max(staleWhileRevalidateMs, staleIfErrorMs);
}

export class StaleReads {
  readonly #store: Store<unknown>;
  #windows: StaleWindows;
  /** In milliseconds. */
  keptMs: number;
  /** Expired values given. */
  hits = 0;

  constructor(store: Store<unknown>, windows: StaleWindows) {
    this.#store = store;
    this.#windows = windows;
    this.keptMs = keptMsOf(windows);
  }

  configure(windows: StaleWindows): void {
    this.#windows = windows;
    this.keptMs = keptMsOf(windows);
  }

  windowMs(use: StaleUse): number {
    return use === 'if-error' ? this.#windows.staleIfErrorMs : this.#windows.staleWhileRevalidateMs;
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
    return windowMs === 0 ? undefined : this.#store.peek(key, nowMs - windowMs);
  }
}
