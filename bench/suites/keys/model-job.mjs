/**
 * Job: the same requests to our cache and to a plain LRU of a few lines, with keys of one shape. With one shard both must
 * hit the same; with many, which keys share a shard is chance, and the shape must not change more than that.
 */
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { Zipf } from '../../lib/keys/zipf.mjs';
import { Random } from '../../lib/random.mjs';
import { createSherd, loadSherd } from '../../lib/subjects/sherd.mjs';

const UNIVERSE = 4;
const EXPONENT = 0.8;
const MANY_SHARDS = 32;

/** @param {{ shape: string, size: number, requests: number, seeds: number[] }} options */
export async function prepare({ shape, size, requests, seeds }) {
  const { withShardCount } = await loadSherd();
  const hitsOf = async (/** @type {number} */ shardCount, /** @type {number} */ seed) => {
    const variant = { capacity: size, ttlMs: 0, policy: 'lru', seed };
    return countHits(await createSherd(variant, [withShardCount(shardCount)]), shape, size, requests);
  };
  return {
    async round() {
      const manyShardHits = [];
      for (const seed of seeds) manyShardHits.push(await hitsOf(MANY_SHARDS, seed));
      return {
        modelHits: countHits(new PlainLru(size), shape, size, requests),
        oneShardHits: await hitsOf(1, 1),
        manyShardHits,
      };
    },
  };
}

/**
 * @param {{ get(key: string): unknown, set(key: string, value: any): unknown }} cache
 * @param {string} shape
 * @param {number} size
 * @param {number} requests
 */
function countHits(cache, shape, size, requests) {
  const keys = new KeyMaker(shape);
  const random = new Random(5);
  const ranks = new Zipf(UNIVERSE * size, EXPONENT);
  let hits = 0;
  for (let i = 0; i < requests; i++) {
    const key = keys.make(ranks.rank(random.next()));
    if (cache.get(key) !== undefined) hits++;
    else cache.set(key, i);
  }
  return hits;
}

class PlainLru {
  /** @param {number} capacity */
  constructor(capacity) {
    this.capacity = capacity;
    /** @type {Map<string, unknown>} */
    this.entries = new Map();
  }
  /** @param {string} key */
  get(key) {
    const value = this.entries.get(key);
    if (value === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, value);
    return value;
  }
  /**
   * @param {string} key
   * @param {unknown} value
   */
  set(key, value) {
    this.entries.set(key, value);
    if (this.entries.size > this.capacity)
      this.entries.delete(/** @type {string} */ (this.entries.keys().next().value));
  }
}
