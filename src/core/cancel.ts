/**
 * Cancelling without the price of an EventTarget: what reads an AbortSignal reads a CancelSignal as well, and every
 * AbortSignal is one. Inside the library signals are made here; foreign code gets a real AbortSignal when it asks.
 * Invariant: a listener runs at most once, in order of its addition, and never after it was removed.
 */

/** The part of an AbortSignal that the library uses. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What can abort: a Canceller, or an AbortController of the platform. */
export interface Aborter {
  readonly signal: CancelSignal;
  abort(reason: unknown): void;
}

/** A signal and the right to abort it. Listeners are few: removal is O(listeners). */
export class Canceller implements CancelSignal, Aborter {
  aborted = false;
  reason: unknown = undefined;
  #listeners: (() => void)[] | undefined = undefined;
  #abortSignal: AbortSignal | undefined = undefined;

  get signal(): CancelSignal {
    return this;
  }

  /** Listeners must not throw. Idempotent: the first reason stays. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    // Taken one by one: a listener may remove another that has not run yet.
    for (let next = this.#listeners?.shift(); next !== undefined; next = this.#listeners?.shift()) next();
    this.#listeners = undefined;
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  /** Does nothing once aborted, as an AbortSignal. */
  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.aborted) return;
    if (this.#listeners === undefined) this.#listeners = [listener];
    else if (!this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners?.indexOf(listener) ?? -1;
    if (at >= 0) this.#listeners?.splice(at, 1);
  }

  /** The same as a real AbortSignal, made once and only when somebody asks. */
  toAbortSignal(): AbortSignal {
    if (this.#abortSignal !== undefined) return this.#abortSignal;
    const controller = new AbortController();
    if (this.aborted) controller.abort(this.reason);
    else this.addEventListener('abort', () => controller.abort(this.reason));
    this.#abortSignal = controller.signal;
    return this.#abortSignal;
  }
}
