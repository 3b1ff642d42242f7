/** The guide's four workload types as streams of requests, and its own benchmark: set a random key, then get it. */
import { Zipf } from '../../lib/keys/zipf.mjs';

const UNIVERSE = 40_000;
const EXPONENT = 1.1;
/** Keys of which a burst asks, again and again. */
const BURST_KEYS = 200;
/** Of the batches, one in this many is a burst. */
const BURST_EVERY = 4;

/**
 * @typedef {object} Batch
 * @property {number[]} ids of keys
 * @property {Uint8Array} isWrite
 */

/** @typedef {(count: number) => Batch} Traffic */

/** Names are those of withWorkloadType(), but for the last. */
export const TRAFFIC_NAMES = ['read-heavy', 'write-heavy', 'mixed', 'bursty', 'set-then-get'];

/**
 * @param {string} name
 * @param {import('../../lib/random.mjs').Random} random
 * @returns {Traffic}
 */
export function trafficOf(name, random) {
  const ranks = new Zipf(UNIVERSE, EXPONENT);
  const steady = (/** @type {number} */ writeShare) => (/** @type {number} */ count) => ({
    ids: Array.from({ length: count }, () => ranks.rank(random.next())),
    isWrite: Uint8Array.from({ length: count }, () => (random.next() < writeShare ? 1 : 0)),
  });
  switch (name) {
    case 'read-heavy':
      return steady(0.05);
    case 'write-heavy':
      return steady(0.7);
    case 'mixed':
      return steady(0.5);
    case 'bursty':
      return burstsOver(steady(0.2), random);
    case 'set-then-get':
      return (count) => {
        const ids = Array.from({ length: count / 2 }, () => random.nextUint32());
        // Each key twice in a row: written, then read.
        return {
          ids: ids.flatMap((id) => [id, id]),
          isWrite: Uint8Array.from({ length: count }, (_, i) => (i + 1) % 2),
        };
      };
    default:
      throw new Error(`traffic '${name}' is unknown`);
  }
}

/**
 * @param {Traffic} calm
 * @param {import('../../lib/random.mjs').Random} random
 * @returns {Traffic}
 */
function burstsOver(calm, random) {
  let batches = 0;
  return (count) => {
    const batch = calm(count);
    if (++batches % BURST_EVERY !== 0) return batch;
    // What a burst asks for is new: it begins cold.
    const first = UNIVERSE + batches * BURST_KEYS;
    return { ...batch, ids: batch.ids.map(() => first + random.nextInt(BURST_KEYS)) };
  };
}
