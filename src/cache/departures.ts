/**
 * Entries that left during an operation, told to listeners once it is complete.
 * Invariant: telling never nests, however listeners use the cache, so that no stack overflows inside the store.
 */
import type { RemovalReason } from '../engine/store.js';
import type { Emitter } from '../telemetry/emitter.js';
import type { MetricsCollector } from './config.js';
import type { OperationLog } from './operation-log.js';
import type { StoredValues } from './stored-values.js';
import type { CacheEvents } from './types.js';

interface Departure {
  readonly kind: 'entry-evicted' | 'entry-expired';
  readonly key: string;
  readonly stored: unknown;
}

/** Departures that listeners cause while being told: a listener that causes one for each would never end. */
const MAX_CAUSED = 10_000;

export class Departures<V> {
  readonly #emitter: Emitter<CacheEvents<V>>;
  readonly #collector: MetricsCollector | undefined;
  readonly #values: StoredValues<V>;
  readonly #log: OperationLog;
  #waiting: Departure[] = [];
  #isTelling = false;
  /** A method of the collector runs. */
  #isCollecting = false;

  constructor(
    emitter: Emitter<CacheEvents<V>>,
    collector: MetricsCollector | undefined,
    values: StoredValues<V>,
    log: OperationLog,
  ) {
    this.#emitter = emitter;
    this.#collector = collector;
    this.#values = values;
    this.#log = log;
  }

  add(key: string, stored: unknown, reason: RemovalReason): void {
    if (reason === 'evicted') this.#waiting.push({ kind: 'entry-evicted', key, stored });
    else if (reason === 'expired') this.#waiting.push({ kind: 'entry-expired', key, stored });
  }

  /**
   * Tells all that wait. A listener may use the cache: what leaves then is told next, by the same call. Beyond 10,000
   * such departures the rest goes untold, counted as an error.
   */
  tell(): void {
    if (this.#waiting.length === 0 || this.#isTelling) return;
    this.#isTelling = true;
    const departures = this.#waiting;
    const limit = departures.length + MAX_CAUSED;
    try {
      // Grows while listeners are told; a loop by index sees what was added.
      for (let i = 0; i < departures.length && i < limit; i++) this.#tellOne(departures[i] as Departure);
    } finally {
      if (departures.length > limit) this.#log.containedErrors++;
      this.#waiting = [];
      this.#isTelling = false;
    }
  }

  /** Calls a collector's method; what it throws is contained, and what it does to the cache is not told to it. */
  contain(method: ((key: string) => unknown) | undefined, key: string): void {
    if (method === undefined || this.#isCollecting) return;
    this.#isCollecting = true;
    try {
      const result = method.call(this.#collector, key);
      if (result instanceof Promise) result.catch(() => this.#log.containedErrors++);
    } catch {
      this.#log.containedErrors++;
    } finally {
      this.#isCollecting = false;
    }
  }

  #tellOne({ kind, key, stored }: Departure): void {
    this.contain(kind === 'entry-evicted' ? this.#collector?.onEviction : this.#collector?.onExpiration, key);
    if (!this.#emitter.hasListeners(kind)) return;
    try {
      this.#emitter.emit(kind, { key, value: this.#values.decode(stored) });
    } catch {
      this.#log.containedErrors++;
    }
  }
}
