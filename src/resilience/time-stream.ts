/**
 * Timeouts of a stream: until its first token, between its chunks, and for the whole attempt. The first two count
 * only while somebody waits for a chunk, since a slow reader is not the source's fault.
 * Invariant: however the stream ends, no timer and no listener is left.
 */
import type { Aborter } from '../core/cancel.js';
import type { Clock } from '../core/clock.js';
import type { DeadlineKind } from '../core/errors.js';
import { onAbort } from './abort.js';
import { createDeadlineError } from './deadline.js';
import { setTimeoutTimer } from './timer.js';

export interface StreamTimeouts<T> {
  readonly clock: Clock;
  /** From the first next() until the first chunk that isToken. Default: none. */
  readonly firstTokenMs?: number | undefined;
  /** Without any chunk, once the first one has come; before the first token only if firstTokenMs is not set. Default: none. */
  readonly idleMs?: number | undefined;
  /** From the first next() until the end, also while nobody reads. Default: none. */
  readonly attemptMs?: number | undefined;
  /** Is this progress the reader came for? Openings and keep-alives are not. */
  readonly isToken: (chunk: T) => boolean;
}

/**
 * The chunks of `source`. A timeout aborts `controller`, on whose signal the source works, with a DeadlineError of its
 * kind, and the stream throws that at once; likewise the reason when `controller` is aborted by others.
 */
export function timeStream<T>(
  source: AsyncIterable<T>,
  timeouts: StreamTimeouts<T>,
  controller: Aborter,
): AsyncIterableIterator<T, undefined> {
  return new TimedStream(source[Symbol.asyncIterator](), new StreamWatch(timeouts, controller), controller);
}

const DONE = { done: true, value: undefined } as const;

/** Not a generator, nor an async function: two promises a read are all it costs. */
class TimedStream<T> implements AsyncIterableIterator<T, undefined> {
  readonly #iterator: AsyncIterator<T>;
  readonly #watch: StreamWatch<T>;
  readonly #controller: Aborter;
  #isOver = false;

  constructor(iterator: AsyncIterator<T>, watch: StreamWatch<T>, controller: Aborter) {
    this.#iterator = iterator;
    this.#watch = watch;
    this.#controller = controller;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#isOver) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      let hasFailed = false;
      const fail = (error: unknown): void => {
        if (hasFailed) return;
        hasFailed = true;
        void this.#end().then(() => reject(error));
      };
      this.#watch.begin(fail);
      if (hasFailed) return;
      this.#pull().then((result) => {
        this.#watch.finish();
        if (hasFailed) return;
        if (result.done === true) {
          this.#isOver = true;
          this.#watch.dispose();
          resolve(DONE);
          return;
        }
        try {
          this.#watch.see(result.value);
        } catch (error) {
          fail(error);
          return;
        }
        resolve(result);
      }, fail);
    });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    if (!this.#isOver) await this.#end();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** A source may be somebody's own and throw where it should reject. */
  #pull(): Promise<IteratorResult<T>> {
    try {
      return this.#iterator.next();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #end(): Promise<void> {
    this.#isOver = true;
    this.#watch.dispose();
    const closing = close(this.#iterator);
    // A source that failed is closed already, one that was aborted has been told: waiting for it could take for ever.
    if (!this.#watch.isPulling && !this.#controller.signal.aborted) await closing;
  }
}

/** Tells a source that nobody reads on. Why it could not close well is of no use to those who have left. */
async function close(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The reader has what it came for, or another error.
  }
}

interface Limit {
  readonly kind: DeadlineKind;
  readonly afterMs: number;
  readonly dueMs: number;
}

/**
 * One timer for both limits, moved as rarely as possible: a chunk only notes its time, and a timer that finds its
 * limit moved on is set again for the rest.
 */
class StreamWatch<T> {
  readonly #timeouts: StreamTimeouts<T>;
  readonly #clock: Clock;
  readonly #controller: Aborter;
  readonly #startMs: number;
  readonly #unlisten: () => void;
  #cancelAttempt: () => void = () => {};
  #cancelTimer: () => void = () => {};
  #timerDueMs = Infinity;
  #pullMs = 0;
  #hasChunk = false;
  #hasToken = false;
  /** Ends the pull under way with an error; undefined while nobody waits. */
  #reject: ((reason: unknown) => void) | undefined;

  constructor(timeouts: StreamTimeouts<T>, controller: Aborter) {
    const { clock, attemptMs } = timeouts;
    this.#timeouts = timeouts;
    this.#clock = clock;
    this.#controller = controller;
    this.#startMs = clock.nowMs();
    this.#unlisten = onAbort(controller.signal, () => this.#reject?.(controller.signal.reason));
    if (attemptMs === undefined) return;
    this.#cancelAttempt = setTimeoutTimer(clock, attemptMs, () => this.#expire('attempt', attemptMs));
  }

  /** True until the source has brought what it was asked for, also if the wait for it ended with an error. */
  get isPulling(): boolean {
    return this.#reject !== undefined;
  }

  /** A read begins: `fail` is called when its time is up or somebody aborts, at once if that has happened. */
  begin(fail: (reason: unknown) => void): void {
    this.#reject = fail;
    const { signal } = this.#controller;
    if (signal.aborted) {
      fail(signal.reason);
      return;
    }
    this.#pullMs = this.#clock.nowMs();
    this.#setTimer(this.#limit());
  }

  /** The source has brought what it was asked for. */
  finish(): void {
    this.#reject = undefined;
  }

  see(chunk: T): void {
    this.#hasChunk = true;
    this.#hasToken ||= this.#timeouts.isToken(chunk);
  }

  dispose(): void {
    this.#unlisten();
    this.#cancelAttempt();
    this.#cancelTimer();
  }

  /** What the pull under way has to keep to. */
  #limit(): Limit | undefined {
    const { firstTokenMs, idleMs } = this.#timeouts;
    if (firstTokenMs !== undefined && !this.#hasToken) {
      return { kind: 'first-token', afterMs: firstTokenMs, dueMs: this.#startMs + firstTokenMs };
    }
    if (idleMs === undefined || !this.#hasChunk) return undefined;
    return { kind: 'idle', afterMs: idleMs, dueMs: this.#pullMs + idleMs };
  }

  /** A timer that is due no later than the limit stays: it looks again when it runs. */
  #setTimer(limit: Limit | undefined): void {
    if (limit === undefined || this.#timerDueMs <= limit.dueMs) return;
    this.#cancelTimer();
    this.#timerDueMs = limit.dueMs;
    this.#cancelTimer = this.#clock.setTimer(limit.dueMs - this.#clock.nowMs(), () => this.#look(false));
  }

  /** A limit that has passed gets one more turn: after a blocked event loop the chunk may lie in the socket already. */
  #look(isSecond: boolean): void {
    this.#timerDueMs = Infinity;
    const limit = this.#limit();
    if (!this.isPulling || limit === undefined) return;
    if (this.#clock.nowMs() < limit.dueMs) this.#setTimer(limit);
    else if (isSecond) this.#expire(limit.kind, limit.afterMs);
    else this.#cancelTimer = this.#clock.setTimer(0, () => this.#look(true));
  }

  #expire(kind: DeadlineKind, afterMs: number): void {
    this.#controller.abort(createDeadlineError(kind, afterMs));
  }
}
