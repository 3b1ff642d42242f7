/** CPU time of the process: all its threads, so that a concurrent garbage collector counts, and waiting does not. */

/** Nanoseconds of CPU time used since the process began; the system's resolution is a microsecond. */
export function cpuNowNs() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** Adds up the CPU time of timed blocks; what happens between them does not count. */
export class CpuStopwatch {
  constructor() {
    this.startNs = cpuNowNs();
  }

  elapsedNs() {
    return cpuNowNs() - this.startNs;
  }
}
