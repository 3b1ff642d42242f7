/** Seeds of the random walks: a fresh one each run, or SHERD_SEED to replay the run that failed. */
import { createSeed } from '../../src/core/random.js';

export function readSeed(): number {
  const given = process.env['SHERD_SEED'];
  return given === undefined ? createSeed() : Number(given);
}
