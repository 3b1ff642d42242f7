/**
 * The calls under way: each can be aborted, all can be waited for. They do not keep the process open: whoever awaits
 * one does, since a stream may be left half read.
 */
import { Canceller, type CancelSignal } from '../core/cancel.js';
import { type Clock, holdProcess } from '../core/clock.js';
import { ClosedError } from '../core/errors.js';
import { linkAbort } from '../resilience/abort.js';
import { sleep } from '../resilience/timer.js';
import { LoopLag } from '../telemetry/loop-lag.js';

/** How long close() waits for calls before it ends them. */
const GRACE_MS = 5_000;

export interface Run {
  /** Aborts with the caller's signal, by abort(), or when the client closes. */
  readonly signal: CancelSignal;
  abort(reason: unknown): void;
  /** To be called once, however the call ended. Idempotent. */
  end(): void;
}

export class Runs {
  readonly #clock: Clock;
  readonly #active = new Set<Canceller>();
  /** Of work that no caller waits for. */
  readonly #background = new Set<Canceller>();
  #isClosed = false;
  /** Watched while there are calls; undefined where nobody wants to know. */
  readonly lag: LoopLag | undefined;
  #onIdle: () => void = () => undefined;

  constructor(clock: Clock, watchesLag = false) {
    this.#clock = clock;
    this.lag = watchesLag ? new LoopLag(clock, () => this.#active.size > 0) : undefined;
  }

  get size(): number {
    return this.#active.size;
  }

  /** Throws a ClosedError once closed, and the reason of a signal that has aborted. */
  begin(callerSignal: AbortSignal | undefined): Run {
    if (this.#isClosed) throw new ClosedError('the client is closed');
    callerSignal?.throwIfAborted();
    const controller = new Canceller();
    const unlink = linkAbort(callerSignal, controller);
    this.#active.add(controller);
    this.lag?.start();
    return {
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      end: () => {
        unlink();
        this.#active.delete(controller);
        if (this.#active.size === 0) this.#onIdle();
      },
    };
  }

  /** For work that no caller waits for: close() ends it at once. Undefined once closed. */
  beginBackground(): Run | undefined {
    if (this.#isClosed) return undefined;
    const controller = new Canceller();
    this.#background.add(controller);
    return {
      signal: controller.signal,
      abort: (reason) => controller.abort(reason),
      end: () => void this.#background.delete(controller),
    };
  }

  /** Refuses new calls, waits for those under way, ends those that take too long. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const controller of this.#background) controller.abort(new ClosedError('the client was closed'));
    const release = holdProcess();
    const waiting = new Canceller();
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
      if (this.#active.size === 0) resolve();
    });
    await Promise.race([idle, sleep(this.#clock, GRACE_MS, waiting.signal).catch(() => undefined)]);
    waiting.abort(undefined);
    release();
    this.lag?.stop();
    for (const controller of this.#active) controller.abort(new ClosedError('the client was closed during the call'));
  }
}
