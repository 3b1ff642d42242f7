/**
 * Job: the time of gets that hit and of sets that evict, with keys of one shape, in blocks small enough that a slow
 * operation shows and large enough that the clock does not.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { Random } from '../../lib/random.mjs';
import { quantile } from '../../lib/statistics.mjs';
import { subjectOf } from '../../lib/subjects/subject.mjs';

/** Characters of the keys of a block, of 1 to 16 keys: a block of a few microseconds is seldom interrupted. */
const BLOCK_CHARACTERS = 1_000;
const MOST_BLOCK = 16;
const MOST_BATCH = 8_192;
/** Shapes with a limited supply of keys: what is set anew was evicted long ago. */
const UNIVERSE = 3;

/** @param {{ subject: string, shape: string, size: number, operations: number, warmups: number }} options */
export async function prepare({ subject, shape, size, operations, warmups }) {
  const cache = await subjectOf(subject).create(size);
  const keys = new KeyMaker(shape);
  const length = keys.typicalLength(size);
  const block = Math.max(1, Math.min(MOST_BLOCK, Math.round(BLOCK_CHARACTERS / length)));
  const batchLength = block * Math.ceil(keys.batchLength(size, MOST_BATCH) / block);
  const random = new Random(1);
  let nextId = size;
  for (let id = 0; id < size; id++) cache.set(keys.make(id), id);

  /**
   * Nanoseconds an operation of each block.
   * @param {typeof getBlocks} timed
   * @param {() => number} chooseId
   */
  async function measure(timed, chooseId) {
    /** @type {number[]} */
    const blocks = [];
    while (blocks.length * block < operations) {
      const batch = Array.from({ length: batchLength }, () => keys.make(chooseId()));
      timed(cache, batch, block, blocks);
      await turn();
    }
    return blocks;
  }
  async function round() {
    const sets = await measure(setBlocks, () => nextId++ % (UNIVERSE * size));
    const resident = nextId - size;
    const gets = await measure(getBlocks, () => (resident + random.nextInt(size)) % (UNIVERSE * size));
    return {
      getP50Ns: quantile(gets, 0.5),
      getP99Ns: quantile(gets, 0.99),
      setP50Ns: quantile(sets, 0.5),
      setP99Ns: quantile(sets, 0.99),
    };
  }
  for (let i = 0; i < warmups; i++) await round();
  return { round };
}

/**
 * @param {import('../../lib/subjects/rivals.mjs').MeasuredCache} cache
 * @param {readonly string[]} keys a whole number of blocks
 * @param {number} block keys in each
 * @param {number[]} blocks receives nanoseconds an operation
 */
function getBlocks(cache, keys, block, blocks) {
  for (let from = 0; from < keys.length; from += block) {
    const startMs = performance.now();
    for (let i = from; i < from + block; i++) cache.get(/** @type {string} */ (keys[i]));
    blocks.push(((performance.now() - startMs) * 1e6) / block);
  }
}

/**
 * @param {import('../../lib/subjects/rivals.mjs').MeasuredCache} cache
 * @param {readonly string[]} keys a whole number of blocks
 * @param {number} block keys in each
 * @param {number[]} blocks receives nanoseconds an operation
 */
function setBlocks(cache, keys, block, blocks) {
  for (let from = 0; from < keys.length; from += block) {
    const startMs = performance.now();
    for (let i = from; i < from + block; i++) cache.set(/** @type {string} */ (keys[i]), i);
    blocks.push(((performance.now() - startMs) * 1e6) / block);
  }
}
