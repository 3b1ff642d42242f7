/**
 * An open loop: each task starts when it is due, whether earlier ones have ended or not, so that a slow answer does not
 * thin out the very load that would have shown it.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';

export interface DueTask {
  /** Milliseconds from the start of the loop. */
  readonly dueMs: number;
  /** Must not reject. */
  run(): void | Promise<void>;
}

/** Where the loop's time comes from. */
export interface Timing {
  /** Monotonic. */
  nowMs(): number;
  /** Resolves in a later turn of the event loop: after `delayMs`, or as soon as `signal` aborts. */
  wait(delayMs: number, signal: AbortSignal): Promise<void>;
}

export const systemTiming: Timing = {
  nowMs: () => performance.now(),
  async wait(delayMs, signal) {
    const wait = delayMs > 0 ? setTimeout(delayMs, undefined, { signal }) : setImmediate(undefined, { signal });
    // Only an abort rejects it.
    await wait.catch(() => undefined);
  },
};

/**
 * Starts the tasks, given in order of time, until `signal` aborts; resolves when all that were started have ended. Each
 * starts in a turn of its own, as requests that come in over a network do.
 */
export async function runOpenLoop(tasks: Iterable<DueTask>, timing: Timing, signal: AbortSignal): Promise<void> {
  const startMs = timing.nowMs();
  const running = new Set<Promise<void>>();
  for (const task of tasks) {
    await timing.wait(Math.max(0, startMs + task.dueMs - timing.nowMs()), signal);
    if (signal.aborted) break;
    const run = Promise.resolve(task.run()).finally(() => running.delete(run));
    running.add(run);
  }
  await Promise.all(running);
}
