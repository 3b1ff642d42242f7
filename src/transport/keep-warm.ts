/**
 * Keeps a number of connections open: whenever some were lost, it opens as many again. Never more than one round at a
 * time, never two within a second, and ever more seldom while the server cannot be reached. Its timer holds no process.
 */
import type { Clock } from '../core/clock.js';

const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 60_000;

export interface KeepWarmOptions {
  readonly count: number;
  /** Connections open now. */
  readonly openCount: () => number;
  /** Opens one. */
  readonly open: () => Promise<void>;
  readonly clock: Clock;
}

export interface WarmKeeper {
  /** To be called when a connection may have been lost. */
  check(): void;
  stop(): void;
}

export function keepWarm({ count, openCount, open, clock }: KeepWarmOptions): WarmKeeper {
  let pauseMs = MIN_PAUSE_MS;
  let nextRoundAtMs = Number.NEGATIVE_INFINITY;
  let isOpening = false;
  let isStopped = false;
  let cancelTimer: (() => void) | undefined;

  function check(): void {
    if (isStopped || isOpening || cancelTimer !== undefined || openCount() >= count) return;
    const waitMs = nextRoundAtMs - clock.nowMs();
    if (waitMs <= 0) {
      void round();
      return;
    }
    cancelTimer = clock.setTimer(waitMs, () => {
      cancelTimer = undefined;
      check();
    });
  }
  async function round(): Promise<void> {
    isOpening = true;
    const results = await Promise.allSettled(Array.from({ length: count - openCount() }, open));
    isOpening = false;
    const hasFailed = results.some(({ status }) => status === 'rejected');
    pauseMs = hasFailed ? Math.min(pauseMs * 2, MAX_PAUSE_MS) : MIN_PAUSE_MS;
    nextRoundAtMs = clock.nowMs() + pauseMs;
    check();
  }
  return {
    check,
    stop() {
      isStopped = true;
      cancelTimer?.();
    },
  };
}
