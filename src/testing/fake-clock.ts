/**
 * A clock that stands still until a test moves it.
 * Invariant: a timer runs at exactly its due time, in order of due time and then of creation; `nowMs` never goes back.
 */
import type { Clock } from '../core/clock.js';
import { SherdError } from '../core/errors.js';

export interface FakeClockOptions {
  /** First monotonic reading in milliseconds. Default 0. */
  readonly startMs?: number;
  /** First calendar reading in milliseconds since the Unix epoch. Default 2026-01-01T00:00:00Z. */
  readonly wallStartMs?: number;
}

export interface FakeClock extends Clock {
  /** Timers set and neither run nor cancelled. A test that ends with 0 has leaked none. */
  readonly pendingTimers: number;
  /** Moves time on by `ms` and runs every timer that falls due, those set on the way included. Promises do not settle. */
  advance(ms: number): void;
  /** Like `advance`, but lets promises settle before, between and after the timers. `advanceAsync(0)` only settles. */
  advanceAsync(ms: number): Promise<void>;
  /** Lets the calendar jump, as an operator or a time server may; monotonic time and timers stay. */
  setWallMs(wallMs: number): void;
}

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** More timers than this at one instant is a timer that keeps re-arming itself without delay. */
const MAX_TIMERS_AT_ONE_INSTANT = 100_000;

/** A clock for tests. It holds no real timer and reads no real time. */
export function createFakeClock(options: FakeClockOptions = {}): FakeClock {
  let nowMs = options.startMs ?? 0;
  let wallOffsetMs = (options.wallStartMs ?? Date.UTC(2026, 0, 1)) - nowMs;
  const timers: Timer[] = []; // by due time, equal ones by creation
  let runAtThisInstant = 0;

  function moveTo(targetMs: number): void {
    if (targetMs > nowMs) runAtThisInstant = 0;
    nowMs = Math.max(nowMs, targetMs);
  }
  /** Runs the first timer due at or before `targetMs`; false when there is none. */
  function runNext(targetMs: number): boolean {
    const next = timers[0];
    if (next === undefined || next.dueMs > targetMs) return false;
    timers.shift();
    moveTo(next.dueMs);
    if (++runAtThisInstant > MAX_TIMERS_AT_ONE_INSTANT) {
      throw new SherdError(`a timer re-arms itself without delay at ${nowMs} ms`, { code: 'ERR_TESTING_TIMER_LOOP' });
    }
    next.run();
    return true;
  }

  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs + wallOffsetMs,
    setWallMs(wallMs) {
      wallOffsetMs = wallMs - nowMs;
    },
    setTimer(delayMs, fn) {
      const timer: Timer = { dueMs: nowMs + Math.max(delayMs, 0), run: fn };
      timers.splice(upperBound(timers, timer.dueMs), 0, timer);
      return () => {
        const at = timers.indexOf(timer);
        if (at >= 0) timers.splice(at, 1);
      };
    },
    get pendingTimers() {
      return timers.length;
    },
    advance(ms) {
      const targetMs = nowMs + ms;
      while (runNext(targetMs));
      moveTo(targetMs);
    },
    async advanceAsync(ms) {
      const targetMs = nowMs + ms;
      do await settle();
      while (runNext(targetMs));
      moveTo(targetMs);
    },
  };
}

/** Resolves once the microtask queue has run dry: an immediate runs only after it. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** First index whose timer is due later than `dueMs`. O(log n). */
function upperBound(timers: readonly Timer[], dueMs: number): number {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timers[middle] as Timer).dueMs <= dueMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
