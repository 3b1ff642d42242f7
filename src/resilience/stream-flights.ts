/**
 * Joins streams in flight: readers who ask for the same key while its stream runs share one source.
 * Remembers nothing afterwards: a reader who comes later starts anew, so what shall be kept is kept by the source.
 * Invariant: a stream that has ended, failed, been cancelled or outgrown its bounds is joined by nobody.
 */

import { assert } from '../core/assert.js';
import type { CancelSignal } from '../core/cancel.js';
import { Broadcast, type BroadcastOptions } from './broadcast.js';
import { LatestTimeLimit, NO_TIME_LIMIT, type TimeLimit } from './deadline.js';
import type { Reader } from './subscription.js';

type Start<T> = (signal: CancelSignal, timeLimit: TimeLimit) => AsyncIterable<T>;

interface Flight<T> {
  readonly broadcast: Broadcast<T>;
  readonly timeLimit: LatestTimeLimit;
}

export class StreamFlights<T> {
  readonly #options: BroadcastOptions<T>;
  readonly #flights = new Map<string, Flight<T>>();

  constructor(options: BroadcastOptions<T> = {}) {
    this.#options = options;
  }

  /** Keys that can be joined now. */
  get size(): number {
    return this.#flights.size;
  }

  /** True: who joins this key now starts nothing. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /**
   * All items of the key's stream, from the first on. `start` is called at the first read if this reader opened the
   * flight; it gets the time limit of the most patient of all who join. The reader has to be read to its end, or left by return() or `signal`. Throws the signal's reason if that
   * has aborted already.
   */
  join(key: string, start: Start<T>, signal?: CancelSignal, timeLimit: TimeLimit = NO_TIME_LIMIT): Reader<T> {
    const flight = this.#flights.get(key);
    const reader = flight?.broadcast.subscribe(signal);
    if (flight === undefined || reader === undefined) return this.#open(key, start, signal, timeLimit);
    flight.timeLimit.include(timeLimit);
    return reader;
  }

  /** Later readers start a new stream; those who read now go on with the present one. */
  supersede(key: string): void {
    this.#flights.delete(key);
  }

  #open(key: string, start: Start<T>, signal: CancelSignal | undefined, own: TimeLimit): Reader<T> {
    const timeLimit = new LatestTimeLimit();
    timeLimit.include(own);
    const run = (unwanted: CancelSignal): AsyncIterable<T> => start(unwanted, timeLimit);
    const broadcast = new Broadcast(run, this.#options, () => this.#remove(key, flight));
    const flight: Flight<T> = { broadcast, timeLimit };
    const reader = broadcast.subscribe(signal);
    assert(reader !== undefined, 'a new broadcast can be joined');
    this.#flights.set(key, flight);
    return reader;
  }

  /** Removes the entry only if it is still this flight: the key may have been superseded and opened again. */
  #remove(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
