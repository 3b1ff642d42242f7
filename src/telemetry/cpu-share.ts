/** How much of the machine this process used between two looks: CPU time over wall time and CPUs. */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';

/** Returns a function that gives the share, 0..1, since it was last called; undefined when no time has passed. */
export function createCpuShare(cpus: number = availableParallelism()): () => number | undefined {
  let usageBefore = process.cpuUsage();
  let beforeMs = performance.now();
  return () => {
    const used = process.cpuUsage(usageBefore);
    const nowMs = performance.now();
    const elapsedMs = nowMs - beforeMs;
    usageBefore = process.cpuUsage();
    beforeMs = nowMs;
    return elapsedMs > 0 ? Math.min(1, (used.user + used.system) / 1000 / (elapsedMs * cpus)) : undefined;
  };
}
