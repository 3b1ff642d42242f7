/**
 * What became of each attempt of one call, for those who asked to see it (withAttemptTrace). Attempts note themselves: when
 * their turn comes, and when they end.
 */

import type { AttemptTrace } from './event-types.js';
import { codeOf } from './failures.js';

/** How an attempt ended. */
export type AttemptEnd = Pick<AttemptTrace, 'outcome' | 'code' | 'status' | 'firstTokenMs' | 'cost'>;

/** An attempt that may still be under way. */
export interface AttemptNote {
  readonly place: Pick<AttemptTrace, 'provider' | 'model' | 'target' | 'kind'>;
  readonly startedAtMs: number;
  end: { readonly how: AttemptEnd; readonly atMs: number } | undefined;
}

/** All there is to say of an attempt that was cancelled before its provider said anything, or has not yet said it was. */
const CANCELLED: AttemptEnd = {
  outcome: 'aborted',
  code: undefined,
  status: undefined,
  firstTokenMs: undefined,
  cost: undefined,
};

export class AttemptNotes {
  readonly #notes: AttemptNote[] = [];

  begin(place: AttemptNote['place'], atMs: number): AttemptNote {
    const note = { place, startedAtMs: atMs, end: undefined };
    this.#notes.push(note);
    return note;
  }

  /** In the order they began; times from `startedAtMs`, on the same stopwatch. What has not ended by now is cancelled. */
  list(startedAtMs: number, nowMs: number): readonly AttemptTrace[] {
    return this.#notes.map(({ place, startedAtMs: beganAtMs, end }) => ({
      ...place,
      startMs: beganAtMs - startedAtMs,
      durationMs: (end?.atMs ?? nowMs) - beganAtMs,
      ...(end?.how ?? CANCELLED),
    }));
  }
}

/** The end of an attempt that our own breaker or limits refused, or whose caller left while it waited. */
export function refusedAttempt(error: unknown, isAborted: boolean): AttemptEnd {
  return isAborted ? CANCELLED : { ...CANCELLED, outcome: 'failed', code: codeOf(error) };
}
