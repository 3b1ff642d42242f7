/** Waiting on a Clock: an abortable sleep, and a timer that is fair to data which has already arrived. */
import type { CancelSignal } from '../core/cancel.js';
import type { Clock } from '../core/clock.js';
import { onAbort } from './abort.js';

/** Resolves after `delayMs`; rejects with the signal's reason at once when that aborts. Leaves neither timer nor listener. */
export function sleep(clock: Clock, delayMs: number, signal?: CancelSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const unlisten = onAbort(signal, () => {
      cancelTimer();
      reject(signal?.reason);
    });
    const cancelTimer = clock.setTimer(delayMs, () => {
      unlisten();
      resolve();
    });
  });
}

/**
 * Runs `fn` one timer turn after `delayMs` has passed. A blocked event loop runs its late timers before it reads its
 * sockets: the extra turn lets an answer that was in time cancel the timeout. Returns the cancel function.
 */
export function setTimeoutTimer(clock: Clock, delayMs: number, fn: () => void): () => void {
  let cancel = clock.setTimer(delayMs, () => {
    cancel = clock.setTimer(0, fn);
  });
  return () => cancel();
}
