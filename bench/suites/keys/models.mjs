/**
 * Hits of our cache beside a plain LRU. With one shard they must be the model's to the last one. With many, which keys
 * share a shard is chance, and the seed of the hash decides it: what random keys hit under several seeds says how much
 * chance does, and a shape of keys may not hit less than that explains.
 */
import { formatFigure, judge } from '../../lib/goal.mjs';
import { measureOnce } from '../../lib/measured-process.mjs';
import { mean, standardDeviation } from '../../lib/statistics.mjs';
import { textTable } from '../../lib/text-table.mjs';

const JOB = new URL('./model-job.mjs', import.meta.url);
/** Seeds of random keys, from which what chance does is estimated, and of each shape. */
const CHANCE_SEEDS = seeds(12);
const SHAPE_SEEDS = seeds(3);
/** Standard errors a shape may be behind. */
const CHANCE = 4;

/**
 * @typedef {object} Model
 * @property {string} shape
 * @property {number} size
 * @property {number} requests
 * @property {number} modelHits
 * @property {number} oneShardHits
 * @property {number} manyShardHits mean over the seeds
 * @property {number} behind in standard errors: hits with many shards below those of random keys; below 0 is ahead
 */

/**
 * @param {readonly { shape: string, size: number, requests: number }[]} plans
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 * @returns {Promise<Model[]>}
 */
export async function measureModels(plans, { progress, signal }) {
  /** Of random keys, by size and requests. @type {Map<string, number[]>} */
  const chance = new Map();
  const models = [];
  for (const plan of plans) {
    const { size, requests } = plan;
    signal.throwIfAborted();
    progress(`keys: hits of ${plan.shape} keys beside the model`);
    const kind = `${size}/${requests}`;
    const random =
      chance.get(kind) ??
      (await measureOnce({ module: JOB, options: { shape: 'random', size, requests, seeds: CHANCE_SEEDS } }))
        .manyShardHits;
    chance.set(kind, random);
    const { modelHits, oneShardHits, manyShardHits } = await measureOnce({
      module: JOB,
      options: { ...plan, seeds: SHAPE_SEEDS },
    });
    const error = standardDeviation(random) * Math.sqrt(1 / random.length + 1 / manyShardHits.length);
    const own = mean(manyShardHits);
    models.push({ ...plan, modelHits, oneShardHits, manyShardHits: own, behind: (mean(random) - own) / error });
  }
  return models;
}

/** @param {readonly Model[]} models @returns {import('../../lib/goal.mjs').Verdict[]} */
export function judgeModels(models) {
  const off = Math.max(...models.map(({ modelHits, oneShardHits }) => Math.abs(modelHits - oneShardHits)));
  const exactly = /** @type {const} */ ({
    area: 'hits of every key shape, one shard, apart from the model',
    text: '<= 0 hits',
    bound: 0,
    sense: 'most',
    unit: 'hits',
  });
  const worst = models.reduce((most, model) => (model.behind > most.behind ? model : most));
  const byChance = /** @type {const} */ ({
    area: 'hits of every key shape, 32 shards, behind random keys',
    text: `<= ${CHANCE} standard errors`,
    bound: CHANCE,
    sense: 'most',
    unit: 'errors',
  });
  const lost = percent(worst.modelHits - worst.manyShardHits, worst.requests);
  return [
    judge(exactly, off, { note: `${models.length} shapes` }),
    judge(byChance, worst.behind, { note: `worst shape: ${worst.shape}, ${lost} under the model` }),
  ];
}

/** @param {readonly Model[]} models */
export function modelTable(models) {
  return textTable(
    ['shape', 'entries', 'model', '1 shard', '32 shards', 'behind random, errors'],
    models.map(({ shape, size, requests, modelHits, oneShardHits, manyShardHits, behind }) => [
      shape,
      String(size),
      percent(modelHits, requests),
      percent(oneShardHits, requests),
      percent(manyShardHits, requests),
      formatFigure(behind),
    ]),
  );
}

/** @param {number} hits @param {number} requests */
function percent(hits, requests) {
  return `${((100 * hits) / requests).toFixed(3)} %`;
}

/** @param {number} count */
function seeds(count) {
  return Array.from({ length: count }, (_, index) => index + 1);
}
