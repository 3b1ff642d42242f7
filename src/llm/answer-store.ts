/**
 * The client's way to its cache, whatever that is: reads and writes at once, or not at all. Invariant: trouble of the cache
 * is counted and is a miss, or a value not stored; it never fails a call.
 */
import type { SetOptions, StaleUse } from '../cache/types.js';
import type { AnswerCache, StoredAnswer, StoredVector } from './answer-cache.js';
import type { ClientCounters } from './metrics.js';

export class AnswerStore {
  readonly #cache: AnswerCache;
  readonly #counters: ClientCounters;

  constructor(cache: AnswerCache, counters: ClientCounters) {
    this.#cache = cache;
    this.#counters = counters;
  }

  /** What `parse` makes of the stored value; undefined when there is none, or it is of another kind. */
  read<T>(key: string, parse: (value: unknown) => T | undefined): T | undefined {
    return this.#guarded(() => this.#cache.get(key), parse);
  }

  /** The same of a value that has expired and is still kept for this use; undefined where the cache keeps none. */
  readStale<T>(key: string, use: StaleUse, parse: (value: unknown) => T | undefined): T | undefined {
    return this.#guarded(() => this.#cache.getStale?.(key, use), parse);
  }

  /** True when the value was stored. `cost` in US dollars is its worth, to a cache that takes one. */
  write(
    key: string,
    value: StoredAnswer | StoredVector,
    ttlMs: number | undefined,
    cost: () => number | undefined,
  ): boolean {
    try {
      const isStored = this.#atOnce(this.#cache.set(key, value, this.#optionsOf(ttlMs, cost))) === true;
      if (isStored) this.#counters.stored++;
      return isStored;
    } catch {
      this.#counters.cacheErrors++;
      return false;
    }
  }

  #guarded<T>(look: () => unknown, parse: (value: unknown) => T | undefined): T | undefined {
    try {
      return parse(this.#atOnce(look()));
    } catch {
      this.#counters.cacheErrors++;
      return undefined;
    }
  }

  #optionsOf(ttl: number | undefined, costOf: () => number | undefined): SetOptions | undefined {
    const cost = this.#cache.takesWorth === true ? costOf() : undefined;
    // A provider of somebody's own may count its tokens as it likes.
    const worth = cost !== undefined && Number.isFinite(cost) && cost >= 0 ? cost : undefined;
    if (ttl === undefined && worth === undefined) return undefined;
    return { ...(ttl === undefined ? {} : { ttl }), ...(worth === undefined ? {} : { worth }) };
  }

  #atOnce<T>(value: T): T | undefined {
    return atOnce(value, () => this.#counters.cacheErrors++);
  }
}

/** What was given at once. A promise comes too late to be of use: it counts as nothing, and its rejection ends here. */
export function atOnce<T>(value: T, onRejected: () => void): T | undefined {
  if (!(value instanceof Promise)) return value;
  value.catch(onRejected);
  return undefined;
}
