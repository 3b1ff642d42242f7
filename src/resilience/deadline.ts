/**
 * Deadlines as abort signals: a signal that aborts with its caller's reason or, when time is up, with a DeadlineError.
 * Invariant: once disposed, aborted or expired it holds neither timer nor listener.
 */
import { Canceller, type CancelSignal } from '../core/cancel.js';
import type { Clock } from '../core/clock.js';
import { DeadlineError, type DeadlineKind } from '../core/errors.js';
import { onAbort } from './abort.js';
import { setTimeoutTimer } from './timer.js';

export interface DeadlineOptions {
  readonly clock: Clock;
  /** Milliseconds from now; undefined: only the caller's signal aborts. */
  readonly timeoutMs: number | undefined;
  /** What the error says. Default 'total'. */
  readonly kind?: DeadlineKind | undefined;
  /** The caller's own signal. */
  readonly signal?: CancelSignal | undefined;
}

/** A moment by which something has to be done. It may move to a later one while that is under way. */
export interface TimeLimit {
  /** On the clock's nowMs; Infinity for none. */
  readonly atMs: number;
}

export const NO_TIME_LIMIT: TimeLimit = /* @__PURE__ */ Object.freeze({ atMs: Infinity });

/** The limit of the most patient of those who wait for the same. */
export class LatestTimeLimit implements TimeLimit {
  #atMs = -Infinity;

  get atMs(): number {
    return this.#atMs;
  }

  include({ atMs }: TimeLimit): void {
    this.#atMs = Math.max(this.#atMs, atMs);
  }
}

export interface Deadline extends TimeLimit {
  readonly signal: CancelSignal;
  /** Never below 0. */
  remainingMs(): number;
  /** Ends the watch without aborting. Idempotent. */
  dispose(): void;
}

export function createDeadline(options: DeadlineOptions): Deadline {
  const { clock, timeoutMs, kind = 'total' } = options;
  const controller = new Canceller();
  const atMs = timeoutMs === undefined ? Infinity : clock.nowMs() + timeoutMs;
  let cancelTimer = (): void => {};
  const unlisten = onAbort(options.signal, () => end(options.signal?.reason));
  function dispose(): void {
    unlisten();
    cancelTimer();
  }
  function end(reason: unknown): void {
    dispose();
    controller.abort(reason);
  }
  if (options.signal?.aborted) end(options.signal.reason);
  else if (timeoutMs !== undefined) {
    cancelTimer = setTimeoutTimer(clock, timeoutMs, () => end(createDeadlineError(kind, timeoutMs)));
  }
  return { signal: controller.signal, atMs, remainingMs: () => Math.max(0, atMs - clock.nowMs()), dispose };
}

export function createDeadlineError(kind: DeadlineKind, afterMs: number): DeadlineError {
  return new DeadlineError(`${kind} timeout after ${afterMs} ms`, { kind, afterMs });
}
