/**
 * What a transport is: one origin's connections, and requests over them. It knows bytes and headers, no vendors and no
 * JSON. It never follows a redirect, never decodes a body and has no time limit beyond connecting: those who ask do.
 */
import type { CancelSignal } from '../core/cancel.js';

/** By lower-case name; a repeated header is joined with ', '. */
export type ResponseHeaders = Readonly<Record<string, string>>;

export interface TransportCall {
  readonly method: 'GET' | 'OPTIONS' | 'POST';
  /** Path and query below the origin. */
  readonly path: string;
  /** Checked by the caller (`headerIssues`). */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Aborting it rejects the call with `signal.reason` and closes the connection it used. */
  readonly signal: CancelSignal;
  /** Who asks: named in errors. */
  readonly caller: string;
  /** Told when the request is being sent, on a connection that is ready; again when that one turns out to be dead. */
  readonly onSent?: (() => void) | undefined;
}

/** Single use. Leaving a `for await` early, or `return()`, closes the connection: the server sees the cancel. */
export interface ResponseBody extends AsyncIterableIterator<Uint8Array> {
  return(): Promise<IteratorReturnResult<undefined>>;
  /**
   * Gives up on what is left, politely: it is read and dropped for a moment so that the connection can serve again,
   * and the connection closes only if the server goes on.
   */
  release(): void;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly body: ResponseBody;
}

export interface Transport {
  readonly origin: string;
  /** Connections open now, idle ones included; absent where there are none to count. */
  readonly connections?: number;
  /**
   * Resolves with status and headers. Rejects with a typed error: ProviderError (`ERR_PROVIDER_CONNECT`, `_DNS`, `_TLS`,
   * `_PROXY`, `_RESET`, `_BAD_RESPONSE`), DeadlineError of kind 'connect', ClosedError, or the reason of an abort.
   */
  request(call: TransportCall): Promise<TransportResponse>;
  /** Opens a connection ahead of the first request. Bounded by the control timeout. */
  prewarm(): Promise<void>;
  /** Refuses new requests, waits for those under way up to the control timeout, then cuts them. Idempotent. */
  close(): Promise<void>;
}
