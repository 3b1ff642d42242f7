/**
 * Several ways to one result: the first result wins, and whoever still runs is cancelled in the same turn. The next is
 * begun when all that ran have failed (fallback), when they take long (hedge), or all are begun at once (race). After
 * Dean and Barroso, The Tail at Scale. Knows nothing of what is asked, and judges no error.
 * Invariant: settles once; from then on nothing is begun and no timer is left.
 */
import { Canceller, type CancelSignal } from '../core/cancel.js';
import type { Clock } from '../core/clock.js';
import { SherdError } from '../core/errors.js';
import { linkAbort } from './abort.js';
import { setTimeoutTimer } from './timer.js';

/** What becomes of a contest when one has failed: wait for the others, begin the next, or give up with an error. */
export type AfterFailure = 'wait' | 'next' | { readonly error: unknown };

/** Entrants are numbered from 0, in the order they are begun. */
export interface ContestRules<T> {
  readonly clock: Clock;
  /** Of the work itself, and no longer lived than that: the winner's own signal goes on following it. */
  readonly signal: CancelSignal;
  /** How many are begun at once, at least 1. */
  readonly together: number;
  enter(entrant: number, signal: CancelSignal): Promise<T>;
  /** Asked after every start: milliseconds until one more is begun beside those that run; undefined for never. */
  patienceMs(entrant: number): number | undefined;
  /** Patience with this entrant is over. True: one more is begun. */
  onSlow(entrant: number): boolean;
  /** `running` are those that may still win; with none, 'wait' would be for ever. */
  onFailure(entrant: number, error: unknown, running: number): AfterFailure;
  /** Takes back a result that came too late. */
  discard(late: T): void;
}

export function contest<T>(rules: ContestRules<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const running = new Set<Canceller>();
    let entrants = 0;
    let isOver = false;
    let cancelTimer = (): void => {};

    function end(): void {
      isOver = true;
      cancelTimer();
      for (const canceller of running) canceller.abort(lostError());
    }
    function watch(entrant: number): void {
      cancelTimer();
      const patienceMs = rules.patienceMs(entrant);
      if (patienceMs === undefined) return;
      cancelTimer = setTimeoutTimer(rules.clock, patienceMs, () => {
        if (!rules.signal.aborted && rules.onSlow(entrant)) begin();
      });
    }
    function begin(): void {
      const entrant = entrants++;
      const canceller = new Canceller();
      const unlink = linkAbort(rules.signal, canceller);
      running.add(canceller);
      const entered = rules.enter(entrant, canceller);
      watch(entrant);
      entered.then(
        (value) => {
          running.delete(canceller);
          if (isOver) {
            unlink();
            rules.discard(value);
            return;
          }
          end();
          resolve(value);
        },
        (error: unknown) => {
          running.delete(canceller);
          unlink();
          if (isOver) return;
          const after = rules.onFailure(entrant, error, running.size);
          if (after === 'next') begin();
          if (typeof after === 'string') return;
          end();
          reject(after.error);
        },
      );
    }
    for (let i = 0; i < rules.together; i++) begin();
  });
}

function lostError(): SherdError {
  return new SherdError('another was first', { code: 'ERR_CONTEST_LOST' });
}
