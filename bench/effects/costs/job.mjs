/**
 * Job: one feature at one value size. A round sets some keys anew and gets some that are there, each for a stretch of
 * CPU time; keys are fresh strings, made outside of the timed section.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { CpuStopwatch } from '../../lib/cpu-time.mjs';
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { Random } from '../../lib/random.mjs';
import { loadSherd } from '../../lib/subjects/sherd.mjs';
import { makeAnswers } from '../values/prose.mjs';
import { featureOf } from './features.mjs';

/** Distinct values, set again and again. */
const VALUES = 256;
/** A batch is timed as a whole: long against the clock's resolution, short against a round. */
const BATCH_NS = 4e6;
const MOST_IN_BATCH = 8_192;

/**
 * @typedef {object} CostOptions
 * @property {string} feature
 * @property {number} valueBytes
 * @property {number} entries
 * @property {number} stretchMs CPU time of each verb in a round
 */

/** @param {CostOptions} options */
export async function prepare({ feature, valueBytes, entries, stretchMs }) {
  const sherd = await loadSherd();
  const { options, setOptions } = featureOf(feature);
  const cache = sherd.createShardedCache(
    sherd.withCapacity(2 * entries),
    sherd.withTTL(0),
    sherd.withMetrics(false),
    ...options(sherd),
  );
  const keys = new KeyMaker('hash');
  const values = makeAnswers(VALUES, valueBytes);
  const random = new Random(1);
  const drawKeys = (/** @type {number} */ count) =>
    Array.from({ length: count }, () => keys.make(random.nextInt(entries)));
  for (const [id, key] of keys.makeMany(entries).entries()) cache.set(key, values[id % VALUES], setOptions);

  const verbs = {
    set: (/** @type {string[]} */ batch) => setAll(cache, batch, values, setOptions),
    get: (/** @type {string[]} */ batch) => getAll(cache, batch),
  };

  /** @param {keyof typeof verbs} verb @param {number} batchLength @param {number} leastNs */
  async function stretch(verb, batchLength, leastNs) {
    let cpuNs = 0;
    let operations = 0;
    while (cpuNs < leastNs) {
      const batch = drawKeys(batchLength);
      const stopwatch = new CpuStopwatch();
      const done = verbs[verb](batch);
      cpuNs += stopwatch.elapsedNs();
      if (done !== batchLength) throw new Error(`${feature}: ${done} of ${batchLength} ${verb}s did their work`);
      operations += batchLength;
      await turn();
    }
    return { cpuNs, operations };
  }

  /** Batches long enough to time, after enough calls for the code to be what it stays. @param {keyof typeof verbs} verb */
  async function warmUp(verb) {
    let length = 8;
    for (;;) {
      const { cpuNs, operations } = await stretch(verb, length, 20e6);
      const wanted = Math.min(MOST_IN_BATCH, Math.max(1, Math.round((BATCH_NS * operations) / cpuNs)));
      if (wanted <= 2 * length) return wanted;
      length = wanted;
    }
  }
  const batchLengths = { set: await warmUp('set'), get: await warmUp('get') };

  async function round() {
    const set = await stretch('set', batchLengths.set, stretchMs * 1e6);
    const get = await stretch('get', batchLengths.get, stretchMs * 1e6);
    return { set, get, compressionRatio: cache.metrics().compressionRatio, bytesPerEntry: cache.bytes / cache.size };
  }
  return { round };
}

/**
 * Calls that did their work.
 * @param {any} cache
 * @param {readonly string[]} keys
 * @param {readonly unknown[]} values
 * @param {object | undefined} options
 */
function setAll(cache, keys, values, options) {
  let stored = 0;
  for (let i = 0; i < keys.length; i++) if (cache.set(keys[i], values[i % VALUES], options)) stored++;
  return stored;
}

/** @param {any} cache @param {readonly string[]} keys */
function getAll(cache, keys) {
  let found = 0;
  for (let i = 0; i < keys.length; i++) if (cache.get(keys[i]) !== undefined) found++;
  return found;
}
