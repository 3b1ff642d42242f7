/** Processes that are started for one measurement and end with it, however it ends: an interrupt ends them at once. */
import { MeasuredProcess } from './measured-process.mjs';

/** @typedef {import('./measured-process.mjs').JobDescription} JobDescription */

/**
 * @typedef {object} Running
 * @property {any} info what the job told when it was ready
 * @property {(index: number) => Promise<any>} round
 */

/**
 * Resolves to what `measure` does, which gets a function that starts a process and resolves when its job is ready. After
 * an interrupt no process starts and no round begins.
 * @template T
 * @param {AbortSignal} signal
 * @param {(start: (job: JobDescription) => Promise<Running>) => Promise<T>} measure
 * @returns {Promise<T>}
 */
export async function withProcesses(signal, measure) {
  /** @type {MeasuredProcess[]} */
  const running = [];
  const endAll = () => Promise.all(running.map((each) => each.end()));
  const onAbort = () => void endAll();

  async function start(/** @type {JobDescription} */ job) {
    signal.throwIfAborted();
    const child = new MeasuredProcess(job);
    running.push(child);
    const info = await child.ask({ prepare: { module: job.module.href, options: job.options } });
    return {
      info,
      round(/** @type {number} */ index) {
        signal.throwIfAborted();
        return child.round(index);
      },
    };
  }
  signal.throwIfAborted();
  signal.addEventListener('abort', onAbort);
  try {
    return await measure(start);
  } catch (error) {
    // What an interrupt broke is no failure of its own.
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await endAll();
  }
}
