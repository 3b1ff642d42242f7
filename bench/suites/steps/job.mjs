/** Job: does one long operation in each round, always from the same beginning, and tells its worst step. */
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { GcWatch } from '../../lib/gc-watch.mjs';
import { collectGarbage } from '../../lib/settled-bytes.mjs';
import { StepTimes } from '../../lib/worst-step.mjs';
import { watchLoop } from './loop-watch.mjs';
import { OPERATIONS } from './operations.mjs';

const MOST_STEPS = 1_000_000;

/** @param {{ operation: string, size: number }} options */
export async function prepare({ operation, size }) {
  const found = OPERATIONS.find(({ name }) => name === operation);
  if (found === undefined) throw new Error(`operation '${operation}' is unknown`);
  const warm = await found.prepare(Math.min(size, 20_000));
  await warm.work();
  const times = new StepTimes(MOST_STEPS);
  let leastWorstMs = Number.POSITIVE_INFINITY;
  return {
    // What it tells of steps is about all rounds so far; CPU and total time are this round's.
    async round() {
      const { work, isDone } = await found.prepare(size);
      collectGarbage();
      const watch = new GcWatch();
      const stopwatch = new CpuStopwatch();
      const marks = await watchLoop(work);
      const cpuNs = stopwatch.elapsedNs();
      const pauses = await watch.stop();
      if (!isDone()) throw new Error(`${operation} did not do its work`);
      times.addRun(marks, pauses);
      const own = new StepTimes(marks.length);
      own.addRun(marks, pauses);
      leastWorstMs = Math.min(leastWorstMs, own.worst().worstMs);
      const totalMs = (marks.at(-1) ?? 0) - (marks[0] ?? 0);
      return { ...times.worst(), leastWorstMs, totalMs, cpuNs, operations: 1 };
    },
  };
}
