/**
 * One subject in a process of its own, which waits until it is told to do a round. Ends with its parent: a process that
 * loses its parent's channel leaves by itself.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));

/**
 * @typedef {object} JobDescription
 * @property {URL} module exports `prepare(options)`, see worker.mjs
 * @property {object} options JSON
 * @property {readonly string[]} [nodeFlags]
 */

export class MeasuredProcess {
  /**
   * Starts the process and resolves when its job is ready.
   * @param {JobDescription} job
   */
  static async start(job) {
    const started = new MeasuredProcess(job);
    try {
      started.info = await started.ask({ prepare: { module: job.module.href, options: job.options } });
      return started;
    } catch (error) {
      await started.end();
      throw error;
    }
  }

  /** @param {JobDescription} job */
  constructor(job) {
    this.child = fork(WORKER, { execArgv: [...(job.nodeFlags ?? [])], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    /** @type {any} */
    this.info = {};
    this.exited = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(signal ?? code)));
  }

  /**
   * What the job measured in one round, and `calibrationNs`.
   * @param {number} index
   * @returns {Promise<any>}
   */
  round(index) {
    return this.ask({ round: index });
  }

  async end() {
    if (this.child.connected) this.child.disconnect();
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /**
   * @param {object} message
   * @returns {Promise<any>}
   */
  async ask(message) {
    const answered = new Promise((resolve) => this.child.once('message', resolve));
    // One that is gone says so by its exit.
    this.child.send(message, () => {});
    const answer = await Promise.race([
      answered,
      this.exited.then((how) => ({ error: `the measured process ended (${how}) before it answered` })),
    ]);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result;
  }
}

/**
 * Runs one round of one job in a fresh process and resolves to what it measured.
 * @param {JobDescription} job
 */
export async function measureOnce(job) {
  const started = await MeasuredProcess.start(job);
  try {
    return await started.round(0);
  } finally {
    await started.end();
  }
}
