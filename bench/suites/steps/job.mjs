/** Job: does one long operation several times over, from the same beginning, and tells its worst step. */
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { GcWatch } from '../../lib/gc-watch.mjs';
import { collectGarbage } from '../../lib/settled-bytes.mjs';
import { StepTimes } from '../../lib/worst-step.mjs';
import { watchLoop } from './loop-watch.mjs';
import { OPERATIONS } from './operations.mjs';

const MOST_STEPS = 1_000_000;

/** @param {{ operation: string, size: number, runs: number }} options */
export async function prepare({ operation, size, runs }) {
  const found = OPERATIONS.find(({ name }) => name === operation);
  if (found === undefined) throw new Error(`operation '${operation}' is unknown`);
  const warm = await found.prepare(Math.min(size, 20_000));
  await warm.work();
  return {
    async round() {
      const times = new StepTimes(MOST_STEPS);
      const worstOfRuns = [];
      let totalMs = 0;
      let cpuNs = 0;
      for (let run = 0; run < runs; run++) {
        const { work, isDone } = await found.prepare(size);
        collectGarbage();
        const watch = new GcWatch();
        const stopwatch = new CpuStopwatch();
        const marks = await watchLoop(work);
        cpuNs += stopwatch.elapsedNs();
        const pauses = await watch.stop();
        if (!isDone()) throw new Error(`${operation} did not do its work`);
        times.addRun(marks, pauses);
        const own = new StepTimes(marks.length);
        own.addRun(marks, pauses);
        worstOfRuns.push(own.worst().worstMs);
        totalMs += ((marks.at(-1) ?? 0) - (marks[0] ?? 0)) / runs;
      }
      return { ...times.worst(), totalMs, leastWorstMs: Math.min(...worstOfRuns), cpuNs, operations: runs };
    },
  };
}
