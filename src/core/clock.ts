/**
 * Time as an argument. `nowMs` is monotonic and has one origin in all threads; `wallMs` is the calendar.
 * Invariant: the default clock keeps no timer while idle, and a reading lives for at most one timer
 * millisecond or 256 reads, whichever ends first.
 */
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** Monotonic milliseconds from an origin that all threads of the machine share. */
  nowMs(): number;
  /** Milliseconds since the Unix epoch; may jump. Only for stamps that leave the process. */
  wallMs(): number;
  /** Runs `fn` once after `delayMs`; never holds the process open. Returns the cancel function. */
  setTimer(delayMs: number, fn: () => void): () => void;
}

/** Node turns longer timers into 1 ms; we cut them into steps instead. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const READS_PER_REFRESH = 256;

/** The clock of this thread. */
export const systemClock: Clock = createSystemClock();

/** A fresh instance, for tests of the clock itself; everyone else shares `systemClock`. */
export function createSystemClock(): Clock {
  // performance.now() counts from the start of the thread, hrtime from the machine's.
  const originMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  let readingMs = 0;
  let readsLeft = 0;
  let timerPending = false;

  function expireReading(): void {
    timerPending = false;
    readsLeft = 0;
  }
  function nowMs(): number {
    if (readsLeft > 0) {
      readsLeft--;
      return readingMs;
    }
    readingMs = performance.now() + originMs;
    readsLeft = READS_PER_REFRESH - 1;
    if (!timerPending) {
      timerPending = true;
      setTimeout(expireReading, 1).unref();
    }
    return readingMs;
  }
  return { nowMs, wallMs: () => Date.now(), setTimer: setSystemTimer };
}

/** Milliseconds from some origin, finer than a clock's. */
export type Stopwatch = () => number;

/** Times what takes less than a reading of the system clock lives; an injected clock is the only time there is. */
export function createStopwatch(clock: Clock): Stopwatch {
  return clock === systemClock ? () => performance.now() : () => clock.nowMs();
}

function setSystemTimer(delayMs: number, fn: () => void): () => void {
  if (delayMs > MAX_TIMER_MS) return setLongTimer(delayMs, fn);
  const handle = setTimeout(fn, delayMs);
  handle.unref();
  return () => clearTimeout(handle);
}

function setLongTimer(delayMs: number, fn: () => void): () => void {
  let remainingMs = delayMs;
  let handle: NodeJS.Timeout | undefined;
  function arm(): void {
    const stepMs = Math.min(remainingMs, MAX_TIMER_MS);
    remainingMs -= stepMs;
    handle = setTimeout(() => (remainingMs > 0 ? arm() : fn()), stepMs);
    handle.unref();
  }
  arm();
  return () => clearTimeout(handle);
}

/** One timer for all holds, made when first needed: it counts for the process only while somebody holds. */
let holdTimer: NodeJS.Timeout | undefined;
let holds = 0;

/**
 * Keeps the process open until the returned function is called, which is idempotent: for work that somebody awaits,
 * since clock timers alone never do. O(1).
 */
export function holdProcess(): () => void {
  holdTimer ??= setInterval(() => undefined, MAX_TIMER_MS);
  holdTimer.ref();
  holds++;
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    if (--holds === 0) holdTimer?.unref();
  };
}
