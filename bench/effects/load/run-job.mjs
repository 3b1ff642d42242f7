/** One round of one job in a process of its own, which an interrupt ends at once. */
import { withProcesses } from '../../lib/processes.mjs';

/**
 * Resolves to what the job measured.
 * @param {import('../../lib/measured-process.mjs').JobDescription} job
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export function runJob(job, signal) {
  return withProcesses(signal, async (start) => (await start(job)).round(0));
}
