/**
 * Rounds of several contenders, interleaved: each launch starts a fresh process for every contender, and each round asks
 * all of them in a new random order, one at a time. What disturbs the machine for a while so disturbs all of them.
 */
import { MeasuredProcess } from './measured-process.mjs';
import { Random } from './random.mjs';

/**
 * One of the contenders; with `launches` it takes part in so many of a plan's launches only.
 * @typedef {import('./measured-process.mjs').JobDescription & { name: string, launches?: number }} Contender
 */
/** @typedef {{ launch: number, round: number, calibrationNs: number } & Record<string, any>} Sample */

/** Times a measurement may be repeated because its null comparison strays. */
const REPEATS = 1;

/** @typedef {Parameters<typeof measureInterleaved>[1]} RoundPlan */

/**
 * Measures, and once more if `hasStrayed` says that the null comparison strays. All samples are kept: a
 * repeat makes the figures steadier, it does not choose among them.
 * @param {readonly Contender[]} contenders
 * @param {RoundPlan} plan
 * @param {(samples: Map<string, Sample[]>) => boolean} hasStrayed
 */
export async function measureUntil(contenders, plan, hasStrayed) {
  const samples = await measureInterleaved(contenders, plan);
  for (let repeat = 1; repeat <= REPEATS && hasStrayed(samples); repeat++) {
    const more = await measureInterleaved(contenders, { ...plan, firstLaunch: repeat * plan.launches });
    for (const [name, own] of samples) own.push(...(more.get(name) ?? []));
  }
  return samples;
}

/**
 * Resolves to the samples of each contender, in the same order of launches and rounds for all.
 * @param {readonly Contender[]} contenders
 * @param {{ launches: number, rounds: number, firstLaunch?: number, signal?: AbortSignal, onRound?: (done: number, of: number) => void }} plan
 * @returns {Promise<Map<string, Sample[]>>}
 */
export async function measureInterleaved(contenders, { launches, rounds, firstLaunch = 0, signal, onRound }) {
  const random = new Random(firstLaunch + 1);
  const samples = new Map(contenders.map(({ name }) => [name, /** @type {Sample[]} */ ([])]));
  for (let launch = firstLaunch; launch < firstLaunch + launches; launch++) {
    /** @type {Map<string, MeasuredProcess>} */
    const running = new Map();
    const present = contenders.filter((each) => launch - firstLaunch < (each.launches ?? launches));
    try {
      for (const contender of random.shuffled(present)) {
        signal?.throwIfAborted();
        running.set(contender.name, await MeasuredProcess.start(contender));
      }
      for (let round = 0; round < rounds; round++) {
        for (const { name } of random.shuffled(present)) {
          signal?.throwIfAborted();
          const measured = await running.get(name)?.round(round);
          samples.get(name)?.push({ ...measured, launch, round });
        }
        onRound?.((launch - firstLaunch) * rounds + round + 1, launches * rounds);
      }
    } finally {
      await Promise.all([...running.values()].map((each) => each.end()));
    }
  }
  return samples;
}
