/**
 * Job: CPU time of the calls of one subject. A round is as many calls as take the stated time, by what they took while
 * the code warmed up; before each the connections are opened that have been idle for too long.
 */
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { Traffic } from './traffic.mjs';

/** @param {import('./traffic.mjs').TrafficOptions & { stretchMs: number, warmUpMs: number }} options */
export async function prepare({ stretchMs, warmUpMs, ...options }) {
  const traffic = await Traffic.start(options);
  const { width, operations } = traffic;

  /** @param {number} calls */
  async function measure(calls) {
    const questions = traffic.makeQuestions(calls);
    const stopwatch = new CpuStopwatch();
    const pieces = await traffic.run(questions);
    return { cpuNs: stopwatch.elapsedNs(), operations: calls * operations, pieces: pieces / calls };
  }

  /** Whole waves, so that no call runs among fewer. @param {number} leastNs */
  async function warmUp(leastNs) {
    let calls = width;
    for (let spentNs = 0; ; ) {
      const { cpuNs } = await measure(calls);
      spentNs += cpuNs;
      const waves = Math.max(1, Math.round((stretchMs * 1e6 * calls) / cpuNs / width));
      calls = width * waves;
      if (spentNs >= leastNs) return calls;
    }
  }
  const calls = await warmUp(warmUpMs * 1e6);

  async function round() {
    await traffic.run(traffic.makeQuestions(width));
    return await measure(calls);
  }
  return { round };
}
