/**
 * One request on its way: undici's callbacks on one side, a promise of the head and a pull iterator of the body on the
 * other. Invariant: `onEnd` runs exactly once, when the connection is free or gone; no abort listener or timer outlives it.
 */

import type { Dispatcher } from 'undici';
import type { CancelSignal } from '../core/cancel.js';
import type { Clock } from '../core/clock.js';
import { ClosedError } from '../core/errors.js';
import type { ResponseBody, ResponseHeaders, TransportResponse } from './transport.js';

/** Bytes that wait for the reader before the socket is paused. */
const HIGH_WATER_BYTES = 64 * 1024;
/** What release() reads and drops before it closes the connection instead. */
const RELEASE_BYTES = 64 * 1024;
const RELEASE_MS = 1000;

export interface ExchangeOptions {
  readonly signal: CancelSignal;
  readonly clock: Clock;
  /** Makes the typed error of a failure. */
  toError(error: unknown): unknown;
  /** Runs when the request is being sent. */
  onSent: (() => void) | undefined;
  /** Runs when the exchange is over before its request was sent: the connection is still being opened. */
  onUnsent(): void;
  onEnd(): void;
}

interface Waiter<T> {
  resolve(value: T): void;
  reject(reason: unknown): void;
}

export class Exchange implements Dispatcher.DispatchHandler, ResponseBody {
  /** Head of the answer; rejects with a typed error or the reason of the abort. */
  readonly response: Promise<TransportResponse>;
  /** What ended the exchange before any head came, as undici gave it. */
  failure: unknown = undefined;
  /** Undefined once finished: undici holds an exchange for longer than it lasts, and must not hold its call as well. */
  #options: ExchangeOptions | undefined;
  readonly #queue: Uint8Array[] = [];
  #head: Waiter<TransportResponse> | undefined = undefined;
  #reader: Waiter<IteratorResult<Uint8Array>> | undefined = undefined;
  #controller: Dispatcher.DispatchController | undefined = undefined;
  #queuedBytes = 0;
  #state: 'open' | 'ended' | 'failed' = 'open';
  #error: unknown = undefined;
  #isReleased = false;
  #cancelReleaseTimer: (() => void) | undefined = undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.response = new Promise((resolve, reject) => {
      this.#head = { resolve, reject };
    });
    options.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => this.#fail(this.#options?.signal.reason);

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#state === 'open') this.#options?.onSent?.();
    else this.#closeConnection();
  }

  onResponseStart(
    _controller: unknown,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    if (status < 200) return;
    this.#head?.resolve({ status, headers: flatten(headers), body: this });
    this.#head = undefined;
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Uint8Array): void {
    if (this.#state !== 'open') return;
    if (this.#reader !== undefined) {
      this.#reader.resolve({ done: false, value: bytes });
      this.#reader = undefined;
      return;
    }
    this.#queuedBytes += bytes.length;
    if (this.#isReleased) {
      if (this.#queuedBytes > RELEASE_BYTES) this.#stop();
      return;
    }
    this.#queue.push(bytes);
    if (this.#queuedBytes > HIGH_WATER_BYTES) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
    this.#finish();
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#head !== undefined && this.#state === 'open') this.failure = error;
    this.#fail(this.#options?.toError(error));
    this.#finish();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#queue.length > 0) {
      // All at once: a server's many small pieces then cost one read.
      const [first] = this.#queue;
      const bytes = this.#queue.length === 1 && first !== undefined ? first : Buffer.concat(this.#queue);
      this.#queue.length = 0;
      this.#queuedBytes = 0;
      if (this.#controller?.paused === true) this.#controller.resume();
      return Promise.resolve({ done: false, value: bytes });
    }
    if (this.#state === 'failed') {
      this.#state = 'ended';
      return Promise.reject(this.#error);
    }
    if (this.#state === 'ended' || this.#isReleased) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    if (!this.#isReleased) this.#stop();
    return Promise.resolve({ done: true, value: undefined });
  }

  release(): void {
    if (this.#state !== 'open' || this.#isReleased) return;
    this.#isReleased = true;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#cancelReleaseTimer = this.#options?.clock.setTimer(RELEASE_MS, () => this.#stop());
    if (this.#controller?.paused === true) this.#controller.resume();
  }

  #fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    this.#error = error;
    this.#closeConnection();
    this.#head?.reject(error);
    this.#head = undefined;
    if (this.#reader === undefined) return;
    this.#state = 'ended';
    this.#reader.reject(error);
    this.#reader = undefined;
  }

  #stop(): void {
    this.#queue.length = 0;
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    this.#closeConnection();
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
  }

  #closeConnection(): void {
    if (this.#controller === undefined) this.#options?.onUnsent();
    else this.#controller.abort(new ClosedError('the caller left before the answer ended'));
  }

  #finish(): void {
    const options = this.#options;
    if (options === undefined) return;
    this.#options = undefined;
    this.#controller = undefined;
    options.signal.removeEventListener('abort', this.#onAbort);
    this.#cancelReleaseTimer?.();
    options.onEnd();
  }
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): ResponseHeaders {
  // No prototype: a header may be called 'constructor'.
  const flat: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}
