/**
 * One stream for many readers: the source is read once, at the pace of the fastest reader; each gets every item.
 *   first: joiners start here         a slow reader                  the fastest reader = last
 *        [ ] ------- item ------- [ ] ------- item ------- [ ] ------- item ------- [ ] <- the source
 * A tape out of bounds lets go of its first place: nobody can join any more, and it reaches back to the slowest reader.
 * Invariant: a reader that leaves disturbs no other; when the last one leaves before the end, the source is cancelled.
 */
import { Canceller, type CancelSignal } from '../core/cancel.js';
import { type End, type Place, type Reader, type Station, Subscription } from './subscription.js';

export interface BroadcastOptions<T> {
  /** Items after which nobody can join. Default 65,536. */
  readonly maxItems?: number | undefined;
  /** Bytes after which nobody can join; needs sizeOf. Default: no bound. */
  readonly maxBytes?: number | undefined;
  /** Bytes of an item. Default 0. */
  readonly sizeOf?: ((item: T) => number) | undefined;
}

const MAX_ITEMS = 65_536;

export class Broadcast<T> {
  /** Undefined once called: what it holds is not to be held for as long as somebody reads. */
  #start: ((signal: CancelSignal) => AsyncIterable<T>) | undefined;
  readonly #options: BroadcastOptions<T>;
  readonly #onSealed: () => void;
  readonly #controller = new Canceller();
  readonly #readers = new Set<Subscription<T>>();
  readonly #station: Station<T>;
  #last: Place<T> = { next: undefined };
  /** Where late joiners start; undefined once sealed. */
  #first: Place<T> | undefined = this.#last;
  #items = 0;
  #bytes = 0;
  #iterator: AsyncIterator<T> | undefined;
  #isPulling = false;
  #end: End | undefined;

  /**
   * `start` is called once, at the first read; its signal aborts when the last reader has left. `onSealed` is told once,
   * when nobody can join any more: ended, failed, cancelled or too long; it must not throw.
   */
  constructor(
    start: (signal: CancelSignal) => AsyncIterable<T>,
    options: BroadcastOptions<T> = {},
    onSealed: () => void = () => undefined,
  ) {
    this.#start = start;
    this.#options = options;
    this.#onSealed = onSealed;
    this.#station = {
      end: () => this.#end,
      pull: () => void this.#pull(),
      leave: (reader, reason) => this.#leave(reader, reason),
    };
  }

  /** Readers that have neither left nor come to the end. */
  get readers(): number {
    return this.#readers.size;
  }

  /**
   * All items from the first on; undefined when nobody can join any more. The reader counts from now on, so it has to
   * be read to its end, or left by return() or `signal`. Throws the signal's reason if that has aborted already.
   */
  subscribe(signal?: CancelSignal): Reader<T> | undefined {
    signal?.throwIfAborted();
    if (this.#first === undefined) return undefined;
    const reader = new Subscription(this.#first, this.#station, signal);
    this.#readers.add(reader);
    return reader;
  }

  #pull(): void {
    if (this.#isPulling || this.#end !== undefined) return;
    this.#isPulling = true;
    try {
      const start = this.#start;
      this.#start = undefined;
      if (start !== undefined) this.#iterator = start(this.#controller.signal)[Symbol.asyncIterator]();
      this.#iterator?.next().then(this.#onResult, this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }

  readonly #onResult = (result: IteratorResult<T>): void => {
    if (result.done === true) this.#finish({ kind: 'finished' });
    else this.#append(result.value);
    this.#serve();
  };

  readonly #onError = (error: unknown): void => {
    this.#finish({ kind: 'failed', error });
    this.#serve();
  };

  #serve(): void {
    this.#isPulling = false;
    for (const reader of this.#readers) reader.advance();
  }

  #append(item: T): void {
    const place: Place<T> = { next: undefined };
    this.#last.next = { item, place };
    this.#last = place;
    const { maxItems = MAX_ITEMS, maxBytes = Infinity, sizeOf } = this.#options;
    this.#items++;
    this.#bytes += sizeOf?.(item) ?? 0;
    if (this.#items > maxItems || this.#bytes > maxBytes) this.#seal();
  }

  #finish(end: End): void {
    this.#end ??= end;
    this.#iterator = undefined;
    this.#seal();
  }

  #seal(): void {
    if (this.#first === undefined) return;
    this.#first = undefined;
    this.#onSealed();
  }

  #leave(reader: Subscription<T>, reason: unknown): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0 || this.#end !== undefined) return;
    const iterator = this.#iterator;
    this.#finish({ kind: 'finished' });
    this.#controller.abort(reason);
    // Not waited for: a source that does not listen to its signal may never answer.
    iterator?.return?.().catch(() => {});
  }
}
