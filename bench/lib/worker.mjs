/**
 * The program of a measured process: it loads one job, prepares it, and does one round whenever it is told to, between
 * two runs of the calibration loop. It measures nothing else and holds nothing else.
 */
import { calibrate, prepareCalibration } from './calibration.mjs';

/**
 * @typedef {object} Job what a job module gives: `export function prepare(options): Promise<Job>`
 * @property {(index: number) => object | Promise<object>} round one round of work; what it measured
 * @property {object} [info] told once, when the job is ready
 */

/** @type {Job | undefined} */
let job;

// Who has lost the parent has nobody to measure for, whatever the job holds open.
process.once('disconnect', () => process.exit());

process.on('message', (/** @type {any} */ message) => {
  answer(message).then(
    (result) => process.send?.({ result }),
    (error) => process.send?.({ error: String(error?.stack ?? error) }),
  );
});

/** @param {{ prepare: { module: string, options: object } } | { round: number }} message */
async function answer(message) {
  if ('prepare' in message) {
    const { prepare } = await import(message.prepare.module);
    prepareCalibration();
    job = await prepare(message.prepare.options);
    return job?.info ?? {};
  }
  if (job === undefined) throw new Error('a round was asked for before the job was prepared');
  const before = calibrate();
  const measured = await job.round(message.round);
  return { ...measured, calibrationNs: before + calibrate() };
}
