/**
 * Counting semaphore, first come first served. Bounds how many connections work at once; knows nothing of sockets.
 * Invariant: every acquired slot is released exactly once; a waiter that aborts holds none.
 */
import type { CancelSignal } from '../core/cancel.js';
export interface Slots {
  readonly inUse: number;
  /** Takes a slot now, or says that none is free. */
  tryAcquire(): boolean;
  /** Takes a slot as soon as one is free. Rejects with `signal.reason` once aborted, and then holds nothing. */
  acquire(signal: CancelSignal): Promise<void>;
  release(): void;
}

export function createSlots(limit: number): Slots {
  let inUse = 0;
  const waiters = new Set<() => void>();

  function tryAcquire(): boolean {
    if (inUse >= limit) return false;
    inUse++;
    return true;
  }
  function acquire(signal: CancelSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (tryAcquire()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      function onTurn(): void {
        signal.removeEventListener('abort', onAbort);
        resolve();
      }
      function onAbort(): void {
        waiters.delete(onTurn);
        reject(signal.reason);
      }
      signal.addEventListener('abort', onAbort, { once: true });
      waiters.add(onTurn);
    });
  }
  function release(): void {
    const [next] = waiters;
    if (next === undefined) {
      inUse--;
      return;
    }
    // The slot passes on without becoming free, so nobody can cut in line.
    waiters.delete(next);
    next();
  }
  return {
    get inUse() {
      return inUse;
    },
    tryAcquire,
    acquire,
    release,
  };
}
