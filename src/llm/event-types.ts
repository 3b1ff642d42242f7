/** What a client tells while it works: its events, and the attempts of a call. Types only. */
import type { Alert } from '../adaptive/alerts.js';
import type { FinishReason, Usage } from '../protocol/chat.js';
import type { CircuitState } from '../resilience/circuit-breaker.js';
import type { RouteReason } from './route-types.js';

/** Why an attempt was made: 'race' are those asked together with the first. */
export type AttemptKind = 'first' | 'retry' | 'fallback' | 'hedge' | 'race';

/** One attempt of a call, refusals by the client's own breaker or limiter included. */
export interface AttemptTrace {
  readonly provider: string;
  readonly model: string;
  /** 0 for the primary. */
  readonly target: number;
  readonly kind: AttemptKind;
  /** Milliseconds from the start of the call to the attempt's turn, and from there to its end, the limiter's wait included. */
  readonly startMs: number;
  readonly durationMs: number;
  /** From the moment the provider was asked. */
  readonly firstTokenMs: number | undefined;
  /** 'aborted': the caller left, or another was faster. */
  readonly outcome: 'ok' | 'failed' | 'aborted';
  /** The error's code when it failed, and the HTTP status where there was one. */
  readonly code: string | undefined;
  readonly status: number | undefined;
  /** US dollars at list price, of an estimate where it was cut; undefined when usage or price is unknown. */
  readonly cost: number | undefined;
}

/** Events hold no prompt, no answer, no key. Times are of the client's clock, in milliseconds. */
export interface ClientEvents {
  /** Told in the turn in which the caller asks; a stream, at its first next(). */
  readonly 'call-started': {
    /** Names the call in its other events; counts up within a client. */
    readonly call: number;
    /** Who is asked first. */
    readonly provider: string;
    readonly model: string;
    /** False: wanted whole. */
    readonly stream: boolean;
  };
  readonly 'upstream-call': {
    /** The call that began it; others may share the answer. */
    readonly call: number;
    readonly kind: AttemptKind;
    readonly provider: string;
    readonly model: string;
    readonly target: number;
    /** From 1 at this target. */
    readonly attempt: number;
    /** Asked for as a stream. */
    readonly stream: boolean;
    /** 'aborted': everybody who waited had left. */
    readonly outcome: 'ok' | 'failed' | 'aborted';
    /** The error's code when it failed, and the HTTP status where there was one. */
    readonly code: string | undefined;
    readonly status: number | undefined;
    readonly durationMs: number;
    readonly firstTokenMs: number | undefined;
    readonly usage: Usage | undefined;
    /**
     * True: the call was cut once it was sent, before its provider told the usage, which was counted here: a quarter of
     * the characters that were asked and answered by then.
     */
    readonly isEstimate: boolean;
    readonly cost: number | undefined;
  };
  readonly retry: {
    readonly provider: string;
    readonly model: string;
    readonly attempt: number;
    readonly delayMs: number;
    readonly code: string;
  };
  readonly fallback: {
    readonly from: { readonly provider: string; readonly model: string };
    readonly to: { readonly provider: string; readonly model: string };
    readonly code: string;
  };
  /** The router has put the targets in order. */
  readonly 'route-chosen': {
    /** As `target` numbers, the one asked first at the front. */
    readonly order: readonly number[];
    readonly reason: RouteReason;
    readonly durationMs: number;
  };
  /** One more is asked, since the first token is late. */
  readonly hedge: {
    readonly from: { readonly provider: string; readonly model: string };
    readonly to: { readonly provider: string; readonly model: string };
    /** How long the first token was waited for. */
    readonly afterMs: number;
  };
  /** One of those asked at the same time was the first to answer; the others are cancelled. */
  readonly 'contest-won': {
    readonly provider: string;
    readonly model: string;
    readonly target: number;
    /** How many were asked in the call. */
    readonly asked: number;
    /** True: it was asked beside one that was late. */
    readonly isHedge: boolean;
  };
  readonly 'breaker-changed': {
    readonly provider: string;
    readonly model: string;
    readonly target: number;
    readonly from: CircuitState['kind'];
    readonly to: CircuitState['kind'];
    readonly atMs: number;
  };
  readonly 'cache-hit': {
    readonly provider: string;
    readonly model: string;
    readonly target: number;
    /** True: the answer had expired. */
    readonly stale: boolean;
    /** Of the question that the answer was given to; undefined for the same one. */
    readonly similarity: number | undefined;
    readonly savedCost: number | undefined;
  };
  /** A call has ended for its caller. */
  readonly 'call-ended': {
    readonly call: number;
    readonly outcome: 'ok' | 'failed' | 'aborted';
    /** Who answered, or was asked last; undefined when nobody was asked. */
    readonly provider: string | undefined;
    readonly model: string | undefined;
    readonly cached: boolean;
    readonly shared: boolean;
    readonly target: number;
    readonly code: string | undefined;
    readonly durationMs: number;
    readonly firstTokenMs: number | undefined;
    /** Of the answer, whoever paid for it. */
    readonly usage: Usage | undefined;
    readonly finishReason: FinishReason | undefined;
    /** With withAttemptTrace; of calls that failed as well. */
    readonly attempts?: readonly AttemptTrace[];
  };
  readonly alert: Alert;
  readonly 'alert-cleared': Alert;
  readonly closed: { readonly reason: 'closed' };
}
