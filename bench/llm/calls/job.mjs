/**
 * Job: CPU time of the calls of one subject. It warms up by calls, not by time: a slow subject needs as many as a fast one
 * until its code is what it stays. A round is as many calls as take the stated time; before each the connections are opened
 * that have been idle for too long.
 */
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { Traffic } from './traffic.mjs';

/** Calls until the costs no longer fall. A paced stream runs nearly the same code as one in a burst, which is quicker. */
const WARM_UP_CALLS = { unary: 4_096, burst: 384, paced: 96 };

/** @param {import('./traffic.mjs').TrafficOptions & { stretchMs: number, isWarm: boolean }} options */
export async function prepare({ stretchMs, isWarm, ...options }) {
  if (isWarm && options.way === 'paced') await warmUp(await Traffic.start({ ...options, way: 'burst' }));
  const traffic = await Traffic.start(options);
  const { width, operations } = traffic;
  if (isWarm) await warmUp(traffic);

  /** @param {number} calls */
  async function measure(calls) {
    const questions = traffic.makeQuestions(calls);
    const stopwatch = new CpuStopwatch();
    const pieces = await traffic.run(questions);
    return { cpuNs: stopwatch.elapsedNs(), operations: calls * operations, pieces: pieces / calls };
  }
  const first = await measure(2 * width);
  // Whole waves, so that no call runs among fewer.
  const waves = Math.max(1, Math.round((2 * stretchMs * 1e6) / first.cpuNs));

  async function round() {
    await traffic.run(traffic.makeQuestions(width));
    return await measure(waves * width);
  }
  return { round };
}

/** @param {Traffic} traffic */
async function warmUp(traffic) {
  await traffic.run(traffic.makeQuestions(WARM_UP_CALLS[traffic.way]));
}
