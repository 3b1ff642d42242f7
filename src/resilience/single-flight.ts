/**
 * Joins calls in flight: callers who ask for the same key while its work runs share that work and its outcome.
 * Remembers nothing afterwards: a later caller starts anew, also after an error.
 * Invariant: an abort takes only its own caller away; work that nobody waits for any more is aborted.
 */
import { Canceller, type CancelSignal } from '../core/cancel.js';
import { abortable } from './abort.js';

export interface FlightOptions {
  /** Lets this caller leave, with the signal's reason. */
  readonly signal?: CancelSignal | undefined;
}

interface Flight<T> {
  readonly controller: Canceller;
  outcome: Promise<T>;
  waiting: number;
}

export class SingleFlight<T> {
  /** Flights that can be joined. */
  readonly #flights = new Map<string, Flight<T>>();
  /** All whose work has not ended, superseded and abandoned ones included. */
  readonly #running = new Set<Flight<T>>();

  /** Keys that can be joined now. */
  get size(): number {
    return this.#flights.size;
  }

  /**
   * The outcome of the key's flight; starts one if there is none. `start` is called at once and at most once a flight;
   * its signal aborts when the last waiting caller has left.
   */
  async run(key: string, start: (signal: CancelSignal) => Promise<T>, options: FlightOptions = {}): Promise<T> {
    const { signal } = options;
    signal?.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#launch(key, start);
    flight.waiting++;
    try {
      return await abortable(flight.outcome, signal);
    } finally {
      flight.waiting--;
      if (flight.waiting === 0 && this.#running.has(flight)) {
        this.#remove(key, flight);
        flight.controller.abort(signal?.reason);
      }
    }
  }

  /** Later callers start a new flight; those who wait now still get the outcome of the present one. */
  supersede(key: string): void {
    this.#flights.delete(key);
  }

  /** Resolves once the work of every flight that is under way now has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(Array.from(this.#running, (flight) => flight.outcome));
  }

  #launch(key: string, start: (signal: CancelSignal) => Promise<T>): Flight<T> {
    const controller = new Canceller();
    const outcome = new Promise<T>((resolve) => resolve(start(controller.signal)));
    const flight: Flight<T> = { controller, outcome, waiting: 0 };
    const land = (): void => {
      this.#running.delete(flight);
      this.#remove(key, flight);
    };
    // Registered before any caller waits, so nobody joins a flight whose outcome has already been told.
    outcome.then(land, land);
    this.#flights.set(key, flight);
    this.#running.add(flight);
    return flight;
  }

  /** Removes the entry only if it is still this flight: the key may have been superseded and started again. */
  #remove(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
