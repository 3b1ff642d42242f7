/**
 * An open loop: each task starts when it is due, whether earlier ones have ended or not, so that a slow answer does not
 * thin out the very load that would have shown it.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

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
  /** Resolves after `delayMs`, or as soon as `signal` aborts. */
  wait(delayMs: number, signal: AbortSignal): Promise<void>;
}

export const systemTiming: Timing = {
  nowMs: () => performance.now(),
  async wait(delayMs, signal) {
    // Only an abort rejects it.
    await setTimeout(delayMs, undefined, { signal }).catch(() => undefined);
  },
};

/** Starts the tasks, given in order of time, until `signal` aborts; resolves when all that were started have ended. */
export async function runOpenLoop(tasks: Iterable<DueTask>, timing: Timing, signal: AbortSignal): Promise<void> {
  const startMs = timing.nowMs();
  const running = new Set<Promise<void>>();
  for (const task of tasks) {
    const waitMs = startMs + task.dueMs - timing.nowMs();
    if (waitMs > 0) await timing.wait(waitMs, signal);
    if (signal.aborted) break;
    const run = Promise.resolve(task.run()).finally(() => running.delete(run));
    running.add(run);
  }
  await Promise.all(running);
}
