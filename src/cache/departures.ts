/** Entries that left during an operation, told to listeners once it is complete. */
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

export class Departures<V> {
  readonly #emitter: Emitter<CacheEvents<V>>;
  readonly #collector: MetricsCollector | undefined;
  readonly #values: StoredValues<V>;
  readonly #log: OperationLog;
  #waiting: Departure[] = [];

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

  /** Tells all that wait. A listener may use the cache; what leaves then is told by that call. */
  tell(): void {
    if (this.#waiting.length === 0) return;
    const departures = this.#waiting;
    this.#waiting = [];
    for (const departure of departures) this.#tellOne(departure);
  }

  /** Calls a collector's method; what it throws is contained. */
  contain(method: ((key: string) => void) | undefined, key: string): void {
    try {
      method?.call(this.#collector, key);
    } catch {
      this.#log.containedErrors++;
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
