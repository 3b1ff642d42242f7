/** Keeps results: bench/results/<suite>-<date>.json for good, bench/results/latest/<suite>.json for the docs page. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const RESULTS = fileURLToPath(new URL('../results', import.meta.url));

/**
 * @typedef {object} SuiteResult
 * @property {string} suite
 * @property {string} title
 * @property {string} command that gives such a result
 * @property {'full' | 'quick' | 'smoke'} scale
 * @property {boolean} isPartial whether the command line left something out
 * @property {import('./machine.mjs').MachineStamp} machine
 * @property {number} seconds the run took
 * @property {import('./null-comparison.mjs').NullComparison[]} nulls
 * @property {boolean} isVoid
 * @property {import('./goal.mjs').Verdict[]} verdicts
 * @property {any} data the suite's own
 */

/**
 * Only a whole run becomes the latest, which is what the docs speak of; a void one does not replace one that is not.
 * @param {SuiteResult} result
 * @returns {Promise<string>} the file's name
 */
export async function storeResult(result) {
  const text = `${JSON.stringify(result, undefined, 2)}\n`;
  const stamp = result.machine.date.slice(0, 19).replaceAll(':', '-');
  const kind = result.scale === 'full' && result.isPartial ? 'part' : result.scale;
  const name = `${result.suite}-${stamp}${kind === 'full' ? '' : `-${kind}`}.json`;
  await mkdir(`${RESULTS}/latest`, { recursive: true });
  await writeFile(`${RESULTS}/${name}`, text);
  if (await isLatest(result)) await writeFile(`${RESULTS}/latest/${result.suite}.json`, text);
  return `bench/results/${name}`;
}

/**
 * @param {string} suite
 * @returns {Promise<SuiteResult | undefined>} undefined: never run in full
 */
export async function readLatest(suite) {
  try {
    return JSON.parse(await readFile(`${RESULTS}/latest/${suite}.json`, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @param {SuiteResult} result */
async function isLatest({ suite, scale, isPartial, isVoid }) {
  if (scale !== 'full' || isPartial) return false;
  return !isVoid || (await readLatest(suite))?.isVoid !== false;
}
