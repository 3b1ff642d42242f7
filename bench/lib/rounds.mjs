/**
 * Rounds of several contenders, interleaved: each launch starts a fresh process for every contender, and each round asks
 * all of them in a new random order, one at a time. What disturbs the machine for a while so disturbs all of them.
 */
import { MeasuredProcess } from './measured-process.mjs';
import { Random } from './random.mjs';

/** @typedef {import('./measured-process.mjs').JobDescription & { name: string }} Contender */
/** @typedef {{ launch: number, round: number, calibrationNs: number } & Record<string, any>} Sample */

/**
 * Resolves to the samples of each contender, in the same order of launches and rounds for all.
 * @param {readonly Contender[]} contenders
 * @param {{ launches: number, rounds: number, seed?: number, signal?: AbortSignal, onRound?: (done: number, of: number) => void }} plan
 * @returns {Promise<Map<string, Sample[]>>}
 */
export async function measureInterleaved(contenders, { launches, rounds, seed = 1, signal, onRound }) {
  const random = new Random(seed);
  const samples = new Map(contenders.map(({ name }) => [name, /** @type {Sample[]} */ ([])]));
  for (let launch = 0; launch < launches; launch++) {
    /** @type {Map<string, MeasuredProcess>} */
    const running = new Map();
    try {
      for (const contender of random.shuffled(contenders)) {
        signal?.throwIfAborted();
        running.set(contender.name, await MeasuredProcess.start(contender));
      }
      for (let round = 0; round < rounds; round++) {
        for (const { name } of random.shuffled(contenders)) {
          signal?.throwIfAborted();
          const measured = await running.get(name)?.round(round);
          samples.get(name)?.push({ ...measured, launch, round });
        }
        onRound?.(launch * rounds + round + 1, launches * rounds);
      }
    } finally {
      await Promise.all([...running.values()].map((each) => each.end()));
    }
  }
  return samples;
}
