/** One round of one job in a process of its own, which an interrupt ends at once. */
import { MeasuredProcess } from '../../lib/measured-process.mjs';

/**
 * Resolves to what the job measured.
 * @param {import('../../lib/measured-process.mjs').JobDescription} job
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export async function runJob(job, signal) {
  signal.throwIfAborted();
  const running = new MeasuredProcess(job);
  const end = () => void running.end();
  signal.addEventListener('abort', end);
  try {
    await running.ask({ prepare: { module: job.module.href, options: job.options } });
    return await running.round(0);
  } finally {
    signal.removeEventListener('abort', end);
    await running.end();
  }
}
