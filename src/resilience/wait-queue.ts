/**
 * People waiting in line: first come first served, at most `maxSize` at a time, each free to leave.
 * It grants nothing by itself: its owner looks at the head and lets it in.
 * Invariant: who leaves frees the place at once and holds nothing; each waiter is settled exactly once.
 */
import type { CancelSignal } from '../core/cancel.js';
import { QueueFullError } from '../core/errors.js';
import { onAbort } from './abort.js';
import { Deque } from './deque.js';

interface Waiter<T> {
  readonly item: T;
  /** Undefined once settled: then the waiter only waits to be swept out of the deque. */
  place: Place | undefined;
}
interface Place {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly unlisten: () => void;
}

/** Settled waiters in the deque beyond which it is swept; their number also has to exceed that of the waiting. */
const SWEEP_THRESHOLD = 16;

export class WaitQueue<T> {
  readonly #maxSize: number;
  readonly #onLeave: (item: T) => void;
  readonly #waiters = new Deque<Waiter<T>>();
  #size = 0;

  /** `onLeave` is told after a waiter's abort took it out of the line. */
  constructor(maxSize: number, onLeave: (item: T) => void = () => {}) {
    this.#maxSize = maxSize;
    this.#onLeave = onLeave;
  }

  /** Those who wait. */
  get size(): number {
    return this.#size;
  }

  /** Resolves when let in; rejects with a QueueFullError when there is no place, with the signal's reason on abort. */
  wait(item: T, signal?: CancelSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#size >= this.#maxSize) return reject(new QueueFullError(`the queue holds ${this.#maxSize} already`));
      const waiter: Waiter<T> = { item, place: undefined };
      const unlisten = onAbort(signal, () => {
        this.#vacate(waiter)?.reject(signal?.reason);
        this.#sweep();
        this.#onLeave(item);
      });
      waiter.place = { resolve, reject, unlisten };
      this.#waiters.push(waiter);
      this.#size++;
    });
  }

  /** Whose turn it is. */
  head(): T | undefined {
    return this.#head()?.item;
  }
  /** Lets the head in. */
  admit(): void {
    this.#vacate(this.#head())?.resolve();
  }
  /** Sends the head away. */
  refuse(error: Error): void {
    this.#vacate(this.#head())?.reject(error);
  }
  refuseAll(error: Error): void {
    while (this.#size > 0) this.refuse(error);
  }

  #head(): Waiter<T> | undefined {
    while (this.#waiters.size > 0 && this.#waiters.first()?.place === undefined) this.#waiters.shift();
    return this.#waiters.first();
  }

  #vacate(waiter: Waiter<T> | undefined): Place | undefined {
    const place = waiter?.place;
    if (waiter === undefined || place === undefined) return undefined;
    waiter.place = undefined;
    this.#size--;
    place.unlisten();
    return place;
  }

  /** Amortised O(1) a leaver. */
  #sweep(): void {
    const settled = this.#waiters.size - this.#size;
    if (settled > SWEEP_THRESHOLD && settled > this.#size) this.#waiters.keep((waiter) => waiter.place !== undefined);
  }
}
