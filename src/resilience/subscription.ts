/**
 * One reader of a broadcast: its own place on the shared tape of items, and the reads it still waits for.
 * Invariant: it is left or ended once; every next() is settled once, in order.
 */
import type { CancelSignal } from '../core/cancel.js';
import { onAbort } from './abort.js';

/** A place on the tape: what stands before it has been read. Places nobody holds any more are garbage. */
export interface Place<T> {
  next: { readonly item: T; readonly place: Place<T> } | undefined;
}

/** How a broadcast ended. */
export type End = { readonly kind: 'finished' } | { readonly kind: 'failed'; readonly error: unknown };

/** What a subscription needs of its broadcast. */
export interface Station<T> {
  end(): End | undefined;
  /** Asks the source for one more item, unless it is being asked or has ended. */
  pull(): void;
  /** `reader` holds no place any more. */
  leave(reader: Subscription<T>, reason?: unknown): void;
}

interface Read<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const DONE = { done: true, value: undefined } as const;

/** A reader can always leave. */
export interface Reader<T> extends AsyncIterableIterator<T, undefined> {
  return(): Promise<IteratorResult<T, undefined>>;
  /** The same at once. */
  leave(): void;
}

export class Subscription<T> implements Reader<T> {
  readonly #station: Station<T>;
  readonly #unlisten: () => void;
  /** Undefined once left or ended. */
  #place: Place<T> | undefined;
  #reads: Read<T>[] = [];
  /** An error nobody was waiting for: the next read gets it. */
  #failure: { readonly error: unknown } | undefined;

  constructor(place: Place<T>, station: Station<T>, signal: CancelSignal | undefined) {
    this.#place = place;
    this.#station = station;
    this.#unlisten = onAbort(signal, () => this.#leave({ error: signal?.reason }));
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return new Promise((resolve, reject) => {
      this.#reads.push({ resolve, reject });
      this.advance();
    });
  }

  /** Leaves: reads under way are done, and the source is cancelled if nobody else reads. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.leave();
    return Promise.resolve(DONE);
  }

  leave(): void {
    this.#leave();
    this.#failure = undefined;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Serves the reads that wait, as far as the tape goes, and asks for more if some still wait. */
  advance(): void {
    while (this.#reads.length > 0 && this.#place?.next !== undefined) {
      const { item, place } = this.#place.next;
      this.#place = place;
      this.#reads.shift()?.resolve({ done: false, value: item });
    }
    if (this.#reads.length === 0) return;
    const end = this.#station.end();
    if (this.#place === undefined) this.#settle();
    else if (end === undefined) this.#station.pull();
    else this.#leave(end.kind === 'failed' ? end : undefined);
  }

  #leave(failure?: { readonly error: unknown }): void {
    if (this.#place === undefined) return;
    this.#place = undefined;
    this.#unlisten();
    this.#failure = failure;
    this.#settle();
    this.#station.leave(this, failure?.error);
  }

  /** The first read gets the failure if there is one; all others are done. */
  #settle(): void {
    for (const read of this.#reads.splice(0)) {
      if (this.#failure === undefined) read.resolve(DONE);
      else read.reject(this.#failure.error);
      this.#failure = undefined;
    }
  }
}
