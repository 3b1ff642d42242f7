/** The cells of the hit-ratio table: a trace, a share of its keys as capacity, a shard count, and each policy's hits. */
import { availablePolicies, POLICIES } from '../../lib/subjects/sherd.mjs';
import { beladyHits } from './belady.mjs';
import { replayHits } from './replay.mjs';

/** Of the distinct keys, in percent. */
const SIZES = [0.1, 1, 10];
const SHARD_COUNTS = [1, 32];
/** The policies that a policy which chooses is held against. */
export const FIXED = POLICIES.filter((policy) => policy !== 'adaptive');
const SEED = 1;

/**
 * @typedef {object} Cell
 * @property {string} trace
 * @property {'chosen' | 'untouched' | 'synthetic'} group
 * @property {boolean} isLlm
 * @property {number} sizePercent
 * @property {number} capacity entries
 * @property {number} shardCount
 * @property {number} accesses
 * @property {number} uniqueKeys
 * @property {number} opt hit ratio of the optimum, in percent
 * @property {Record<string, number>} hitRatios by policy, in percent
 */

/** @typedef {{ name: string, group: Cell['group'], isLlm: boolean, trace: import('../traces/decode.mjs').Trace }} NamedTrace */

/**
 * The policies of the build, and those it lacks.
 * @param {readonly string[] | undefined} wanted
 */
export async function policiesToMeasure(wanted) {
  const unknown = wanted?.find((policy) => !POLICIES.includes(policy));
  if (unknown !== undefined) throw new Error(`policy '${unknown}' is unknown; known: ${POLICIES.join(', ')}`);
  const available = await availablePolicies();
  const asked = POLICIES.filter((policy) => wanted === undefined || wanted.includes(policy));
  return {
    policies: asked.filter((policy) => available.includes(policy)),
    absent: asked.filter((policy) => !available.includes(policy)),
  };
}

/**
 * @param {NamedTrace} named
 * @param {readonly string[]} policies
 * @param {Pick<import('../../lib/suite.mjs').SuiteContext, 'signal' | 'progress'>} context
 * @returns {Promise<Cell[]>}
 */
export async function measureTrace({ name, group, isLlm, trace }, policies, { signal, progress }) {
  const accesses = trace.accesses.length;
  const uniqueKeys = trace.keys.length;
  const capacities = SIZES.map((percent) => Math.max(1, Math.round((uniqueKeys * percent) / 100)));
  const opt = beladyHits(trace, capacities);
  const cells = [];
  for (const [i, capacity] of capacities.entries()) {
    for (const shardCount of SHARD_COUNTS) {
      /** @type {Record<string, number>} */
      const hitRatios = {};
      for (const policy of policies) {
        progress(`${name}, ${SIZES[i]} % of the keys, ${shardCount} shard(s), ${policy}`);
        const hits = await replayHits(trace, { policy, capacity, shardCount, seed: SEED }, signal);
        hitRatios[policy] = (100 * hits) / accesses;
      }
      cells.push({
        trace: name,
        group,
        isLlm,
        sizePercent: SIZES[i] ?? 0,
        capacity,
        shardCount,
        accesses,
        uniqueKeys,
        opt: (100 * (opt[i] ?? 0)) / accesses,
        hitRatios,
      });
    }
  }
  return cells;
}
