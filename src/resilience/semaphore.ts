/**
 * Counting semaphore: at most `permits` at work, the others wait in line and may leave it. Their number may change.
 * Invariant: a waiter exists only while nothing is free, and nobody enters while more are at work than there are permits.
 * A permit is released once, however often its function is called.
 */
import type { CancelSignal } from '../core/cancel.js';
import { ClosedError } from '../core/errors.js';
import { WaitQueue } from './wait-queue.js';

export interface SemaphoreOptions {
  /** How many may be at work, at least 1. */
  readonly permits: number;
  /** How many may wait; beyond it acquire rejects with a QueueFullError. Default: no bound. */
  readonly maxQueue?: number | undefined;
}

/** Gives a permit back. Idempotent. */
export type Release = () => void;

export class Semaphore {
  #permits: number;
  readonly #queue: WaitQueue<undefined>;
  #inUse = 0;
  #isClosed = false;

  constructor(options: SemaphoreOptions) {
    this.#permits = options.permits;
    this.#queue = new WaitQueue(options.maxQueue ?? Infinity);
  }

  get permits(): number {
    return this.#permits;
  }
  get inUse(): number {
    return this.#inUse;
  }
  get waiting(): number {
    return this.#queue.size;
  }

  /** A permit, in order of arrival. Rejects with a QueueFullError, a ClosedError, or the signal's reason. */
  async acquire(signal?: CancelSignal): Promise<Release> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new ClosedError('the semaphore is closed');
    const release = this.tryAcquire();
    if (release !== undefined) return release;
    await this.#queue.wait(undefined, signal);
    const admitted = this.#createRelease();
    // The abort may have come between being let in and waking up.
    if (signal?.aborted) admitted();
    signal?.throwIfAborted();
    return admitted;
  }

  /** A permit if one is free. */
  tryAcquire(): Release | undefined {
    if (this.#isClosed || this.#inUse >= this.#permits) return undefined;
    this.#inUse++;
    return this.#createRelease();
  }

  /** Runs `work` with a permit and gives it back however the work ends. */
  async run<T>(work: () => Promise<T>, signal?: CancelSignal): Promise<T> {
    const release = await this.acquire(signal);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** From 1. Those who are at work beyond a lower number finish; the next enters when enough have. */
  resize(permits: number): void {
    this.#permits = permits;
    while (this.#inUse < permits && this.#queue.size > 0) {
      this.#inUse++;
      this.#queue.admit();
    }
  }

  /** Rejects those who wait and all who come later. Permits that are out stay valid. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#queue.refuseAll(new ClosedError('the semaphore is closed'));
  }

  #createRelease(): Release {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      // A permit passes straight to the next in line: nobody can slip in between.
      if (this.#queue.size > 0 && this.#inUse <= this.#permits) this.#queue.admit();
      else this.#inUse--;
    };
  }
}
