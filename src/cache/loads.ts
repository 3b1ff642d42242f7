/**
 * Loads of missing values: one a key however many ask, retried, bounded per shard.
 * Invariant: a load that a set, delete, clear or invalidation overtook is handed to those who wait, and not stored;
 * one that everybody left is not stored either, even if its loader does not mind its signal. The process is held by
 * those who wait, not by loads.
 */
import type { CancelSignal } from '../core/cancel.js';
import type { Clock } from '../core/clock.js';
import { holdProcess } from '../core/clock.js';
import { isSherdError } from '../core/errors.js';
import { abortable, linkAbort } from '../resilience/abort.js';
import { SingleFlight } from '../resilience/single-flight.js';
import { sleep } from '../resilience/timer.js';
import { LoadSlots } from './load-slots.js';
import type { Loader, SetOptions } from './types.js';

export interface LoadSettings {
  readonly maxShardConcurrency: number;
  readonly maxRetries: number;
  readonly retryDelayMs: number;
}

interface Pending {
  overtaken: boolean;
  readonly tags: readonly string[];
}

export interface LoadHost<V> {
  readonly clock: Clock;
  settings(): LoadSettings;
  shardOf(key: string): number;
  /** Called once, with a value that nothing overtook. */
  store(key: string, value: V, options: SetOptions): void;
}

export class Loads<V> {
  readonly #host: LoadHost<V>;
  readonly #flights = new SingleFlight<V>();
  readonly #pending = new Map<string, Pending>();
  readonly #slots: LoadSlots;
  /** Of the loads whose outcome is open. */
  readonly #controllers = new Set<AbortController>();
  /** Of the refreshes under way: each stands for the one that waits for it without a caller. */
  readonly #refreshes = new Set<AbortController>();
  started = 0;
  failures = 0;
  refreshFailures = 0;

  constructor(host: LoadHost<V>) {
    this.#host = host;
    this.#slots = new LoadSlots(host.settings().maxShardConcurrency);
  }

  get waits(): number {
    return this.#slots.waits;
  }
  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  setLimit(limit: number): void {
    this.#slots.setLimit(limit);
  }

  /** The outcome of the key's load, started now if there is none: then `options` are those of the stored value. */
  run(key: string, loader: Loader<V>, options: SetOptions, signal: AbortSignal | undefined): Promise<V> {
    const outcome = this.#fly(key, loader, options, signal);
    const release = holdProcess();
    outcome.then(release, release);
    return outcome;
  }

  /** Loads a key for nobody in particular, unless it is being loaded. Does not hold the process; a failure is counted. */
  refresh(key: string, loader: Loader<V>, options: SetOptions): void {
    if (this.#pending.has(key)) return;
    const controller = new AbortController();
    this.#refreshes.add(controller);
    const end = (): void => void this.#refreshes.delete(controller);
    this.#fly(key, loader, options, controller.signal).then(end, () => {
      end();
      if (!controller.signal.aborted) this.refreshFailures++;
    });
  }

  /** Ends the refreshes that nobody waits for. */
  abandonRefreshes(): void {
    for (const controller of this.#refreshes) controller.abort();
  }

  /** The key's value changed: a running load of it must not be stored, and later callers load anew. */
  overtake(key: string): void {
    const pending = this.#pending.get(key);
    if (pending !== undefined) this.#drop(key, pending);
  }

  overtakeAll(matches: (key: string, tags: readonly string[]) => boolean): void {
    for (const [key, pending] of this.#pending) if (matches(key, pending.tags)) this.#drop(key, pending);
  }

  /** Ends every load that is under way, for those who wait with `reason`. */
  abort(reason: Error): void {
    for (const controller of this.#controllers) controller.abort(reason);
  }

  /** Resolves when no load runs any more. */
  async settled(): Promise<void> {
    await this.#flights.settled();
  }

  #drop(key: string, pending: Pending): void {
    pending.overtaken = true;
    this.#pending.delete(key);
    this.#flights.supersede(key);
  }

  #fly(key: string, loader: Loader<V>, options: SetOptions, signal: AbortSignal | undefined): Promise<V> {
    return this.#flights.run(key, (unwanted) => this.#load(key, loader, options, unwanted), { signal });
  }

  /** `unwanted` aborts when nobody waits any more. */
  async #load(key: string, loader: Loader<V>, options: SetOptions, unwanted: CancelSignal): Promise<V> {
    const pending: Pending = { overtaken: false, tags: options.tags ?? [] };
    this.#pending.set(key, pending);
    this.started++;
    const controller = new AbortController();
    const unlink = linkAbort(unwanted, controller);
    this.#controllers.add(controller);
    try {
      // Ends with the signal, not with the loader: one that does not listen must not be stored.
      const value = await abortable(this.#withSlot(key, loader, controller.signal), controller.signal);
      if (!pending.overtaken) this.#host.store(key, value, options);
      return value;
    } catch (error) {
      this.failures++;
      throw error;
    } finally {
      unlink();
      this.#controllers.delete(controller);
      if (this.#pending.get(key) === pending) this.#pending.delete(key);
    }
  }

  async #withSlot(key: string, loader: Loader<V>, signal: AbortSignal): Promise<V> {
    const release = await this.#slots.acquire(this.#host.shardOf(key), signal);
    try {
      return await this.#withRetries(key, loader, signal);
    } finally {
      release();
    }
  }

  async #withRetries(key: string, loader: Loader<V>, signal: AbortSignal): Promise<V> {
    for (let attempt = 0; ; attempt++) {
      // While it waited for its slot, everybody may have left.
      signal.throwIfAborted();
      try {
        return await loader(key, { signal });
      } catch (error) {
        const isFinal = isSherdError(error) && !error.retryable;
        if (isFinal || signal.aborted || attempt >= this.#host.settings().maxRetries) throw error;
        await sleep(this.#host.clock, this.#host.settings().retryDelayMs, signal);
      }
    }
  }
}
