/**
 * Job: the time of each set while a cache grows, of each set that evicts and of each get that hits, with keys of one
 * shape. All rounds do exactly the same, so an operation counts with its least time over them: what the machine did
 * besides differs from round to round, what the operation costs does not.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { Random } from '../../lib/random.mjs';
import { collectGarbage } from '../../lib/settled-bytes.mjs';
import { quantile } from '../../lib/statistics.mjs';
import { subjectOf } from '../../lib/subjects/subject.mjs';

const MOST_BATCH = 4_096;

/** @typedef {import('../../lib/subjects/rivals.mjs').MeasuredCache} MeasuredCache */

/** @param {{ subject: string, shape: string, size: number, operations: number, seed: number }} options */
export async function prepare({ subject, shape, size, operations, seed }) {
  const keys = new KeyMaker(shape);
  const batchLength = keys.batchLength(size, MOST_BATCH);
  const [growNs, setNs, getNs] = [leastOf(size), leastOf(operations), leastOf(operations)];

  /**
   * @param {Float64Array} leastNs of each operation so far
   * @param {() => number} chooseId
   * @param {(keys: readonly string[], leastNs: Float64Array) => void} time
   */
  async function measure(leastNs, chooseId, time) {
    for (let first = 0; first < leastNs.length; first += batchLength) {
      const own = leastNs.subarray(first, first + batchLength);
      const batch = Array.from(own, () => keys.make(chooseId()));
      time(batch, own);
      await turn();
    }
  }

  // What it tells is about all rounds so far.
  async function round() {
    collectGarbage();
    const random = new Random(1);
    const cache = await subjectOf(subject).create(size, { seed });
    let nextId = 0;
    const sets = (/** @type {readonly string[]} */ batch, /** @type {Float64Array} */ leastNs) =>
      timeSets(cache, batch, leastNs);
    await measure(growNs, () => nextId++, sets);
    await measure(setNs, () => nextId++, sets);
    await measure(
      getNs,
      () => nextId - size + random.nextInt(size),
      (batch, leastNs) => timeGets(cache, batch, leastNs),
    );
    return {
      growP99Ns: quantile([...growNs], 0.99),
      setP99Ns: quantile([...setNs], 0.99),
      getP99Ns: quantile([...getNs], 0.99),
      getP50Ns: quantile([...getNs], 0.5),
    };
  }
  return { round };
}

/** @param {number} count */
function leastOf(count) {
  return new Float64Array(count).fill(Number.POSITIVE_INFINITY);
}

/**
 * @param {MeasuredCache} cache
 * @param {readonly string[]} keys
 * @param {Float64Array} leastNs
 */
function timeSets(cache, keys, leastNs) {
  for (let i = 0; i < keys.length; i++) {
    const startMs = performance.now();
    cache.set(/** @type {string} */ (keys[i]), i);
    leastNs[i] = Math.min(/** @type {number} */ (leastNs[i]), (performance.now() - startMs) * 1e6);
  }
}

/**
 * @param {MeasuredCache} cache
 * @param {readonly string[]} keys
 * @param {Float64Array} leastNs
 */
function timeGets(cache, keys, leastNs) {
  for (let i = 0; i < keys.length; i++) {
    const startMs = performance.now();
    cache.get(/** @type {string} */ (keys[i]));
    leastNs[i] = Math.min(/** @type {number} */ (leastNs[i]), (performance.now() - startMs) * 1e6);
  }
}
