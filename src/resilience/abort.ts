/**
 * Abort signals without leaks: every listener has a remover, and whoever adds one removes it when done.
 * An abort always carries on the reason of the signal it came from.
 */
import { setMaxListeners } from 'node:events';
import { type Aborter, Canceller, type CancelSignal } from '../core/cancel.js';
import { listenTogether } from './abort-fan.js';

/** Calls `listener` when `signal` aborts; returns the remover. Says nothing about a signal that has aborted already. */
export function onAbort(signal: CancelSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  if (signal instanceof AbortSignal) return listenTogether(signal, listener);
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** A controller of the platform for many who listen at once: Node takes more than ten for a leak, unless it is told. */
export function createSharedAbort(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** Aborts `controller` together with `parent`, at once if that has aborted already; returns the unlinker. */
export function linkAbort(parent: CancelSignal | undefined, controller: Aborter): () => void {
  const unlink = onAbort(parent, () => controller.abort(parent?.reason));
  if (parent?.aborted) {
    unlink();
    controller.abort(parent.reason);
  }
  return unlink;
}

/** The same as a real AbortSignal, for code that is not ours. Listens to `signal` for as long as that lives. */
export function abortSignalOf(signal: CancelSignal): AbortSignal {
  const canceller = new Canceller();
  linkAbort(signal, canceller);
  return canceller.toAbortSignal();
}

/** `promise`, or a rejection with the signal's reason, whichever comes first. The work behind `promise` goes on. */
export function abortable<T>(promise: PromiseLike<T>, signal: CancelSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const unlisten = onAbort(signal, () => reject(signal?.reason));
    if (signal?.aborted) {
      unlisten();
      reject(signal.reason);
    }
    promise.then(
      (value) => {
        unlisten();
        resolve(value);
      },
      (error: unknown) => {
        unlisten();
        reject(error);
      },
    );
  });
}
