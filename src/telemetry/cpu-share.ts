/** How much of the machine this process used between two looks: CPU time over elapsed time and CPUs. */

/** Returns a function that gives the share, 0..1, since it was last called; undefined when no time has passed. */
export function createCpuShare(preciseMs: () => number, cpus: number): () => number | undefined {
  let usageBefore = process.cpuUsage();
  let beforeMs = preciseMs();
  return () => {
    const used = process.cpuUsage(usageBefore);
    const nowMs = preciseMs();
    const elapsedMs = nowMs - beforeMs;
    usageBefore = process.cpuUsage();
    beforeMs = nowMs;
    return elapsedMs > 0 ? Math.min(1, (used.user + used.system) / 1000 / (elapsedMs * cpus)) : undefined;
  };
}
