/**
 * A load test of a client, as an open loop: calls begin by a schedule, whether those before them have ended or not, and every
 * latency counts from the moment the call should have begun. A client that falls behind so shows what its users would feel,
 * not what it did once it got round to it ("coordinated omission": Tene, How NOT to Measure Latency). Guide, LLM Load Test.
 */
import { createStopwatch, holdProcess } from '../../core/clock.js';
import { createSharedAbort, linkAbort } from '../../resilience/abort.js';
import { codeOf } from '../failures.js';
import type { ChatClient } from '../types.js';
import { LoadLog, type LoadReport } from './load-report.js';
import { type LoadTestOptions, loadSettings } from './load-test-options.js';

/** Finer than any timer: a call that is due by less is begun now. */
const DUE_WITHIN_MS = 1e-6;

/**
 * Asks `rps` times a second for `duration`, then waits for the answers that are still out. Never sleeps of its own accord and
 * holds the process while it runs. Rejects with the signal's reason on abort, and with a ConfigError for options that make no
 * sense; a failed call is a figure of the report.
 */
export async function loadTestLLM(client: ChatClient, options: LoadTestOptions): Promise<LoadReport> {
  const settings = loadSettings(options);
  settings.signal?.throwIfAborted();
  const release = holdProcess();
  try {
    return await new LoadTest(client, settings).run();
  } finally {
    release();
  }
}

class LoadTest {
  readonly #client: ChatClient;
  readonly #settings: ReturnType<typeof loadSettings>;
  readonly #now: () => number;
  readonly #log: LoadLog;
  readonly #end = createSharedAbort();
  readonly #planned: number;
  #startMs = 0;
  #lastToldMs = 0;
  /** Calls that should have begun. */
  #due = 0;
  #begun = 0;
  #inFlight = 0;
  #cancelTimer: () => void = () => undefined;
  #settle: (error?: { readonly reason: unknown }) => void = () => undefined;

  constructor(client: ChatClient, settings: ReturnType<typeof loadSettings>) {
    this.#client = client;
    this.#settings = settings;
    this.#now = createStopwatch(settings.clock);
    this.#planned = Math.max(1, Math.round((settings.rps * settings.durationMs) / 1000));
    this.#log = new LoadLog(this.#planned, settings.rps);
  }

  async run(): Promise<LoadReport> {
    const unlink = linkAbort(this.#settings.signal, this.#end);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = (failure) => (failure === undefined ? resolve() : reject(failure.reason));
        this.#end.signal.addEventListener('abort', () => reject(this.#end.signal.reason), { once: true });
        this.#startMs = this.#now();
        this.#lastToldMs = this.#startMs;
        this.#arrive();
      });
      return this.#report();
    } finally {
      unlink();
      this.#cancelTimer();
      // After an abort or a throw of the caller's own: nobody waits for the calls that are out.
      this.#end.abort();
    }
  }

  /** Begins what is due, and comes back when the next one is. */
  #arrive(): void {
    const nowMs = this.#now() + DUE_WITHIN_MS;
    while (this.#due < this.#planned && this.#intendedMs(this.#due) <= nowMs) this.#due++;
    this.#begin();
    if (this.#due === this.#planned || this.#end.signal.aborted) return;
    const waitMs = Math.max(0, this.#intendedMs(this.#due) - this.#now());
    this.#cancelTimer = this.#settings.clock.setTimer(waitMs, () => this.#arrive());
  }

  /** Those that find no place wait for one, and their wait counts. */
  #begin(): void {
    while (this.#begun < this.#due && this.#inFlight < this.#settings.maxInFlight && !this.#end.signal.aborted) {
      void this.#call(this.#begun++);
    }
  }

  async #call(index: number): Promise<void> {
    const intendedMs = this.#intendedMs(index);
    const { perCall, messagesOf } = this.#settings;
    this.#log.began(this.#now() - intendedMs, ++this.#inFlight);
    try {
      const messages = messagesOf(index);
      try {
        const response = await this.#client.chat(messages, { ...perCall, signal: this.#end.signal });
        this.#log.answered(this.#now() - intendedMs, response);
      } catch (error) {
        if (this.#end.signal.aborted) return;
        this.#log.failed(this.#now() - intendedMs, codeOf(error));
      }
      this.#inFlight--;
      this.#tell();
      this.#begin();
      if (this.#begun === this.#planned && this.#inFlight === 0) this.#settle();
    } catch (reason) {
      // The caller's own function has thrown.
      this.#settle({ reason });
    }
  }

  #tell(): void {
    const { onProgress, progressMs } = this.#settings;
    const nowMs = this.#now();
    if (onProgress === undefined || nowMs - this.#lastToldMs < progressMs) return;
    this.#lastToldMs = nowMs;
    onProgress(this.#report());
  }

  #report(): LoadReport {
    return this.#log.report(this.#now() - this.#startMs);
  }

  #intendedMs(index: number): number {
    return this.#startMs + (index * 1000) / this.#settings.rps;
  }
}
