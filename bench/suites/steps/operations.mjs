/**
 * The long operations of a cache, each with what must be there before it: what is done, how the cache is made, and how
 * we see that it did its work.
 */
import { loadSherd } from '../../lib/subjects/sherd.mjs';
import { OffsetClock } from './offset-clock.mjs';

const TTL_MS = 600_000;

/**
 * @typedef {object} Prepared
 * @property {() => unknown} work
 * @property {() => boolean} isDone whether it did what it is for
 */

/**
 * @typedef {object} Operation
 * @property {string} name
 * @property {boolean} isOurs false: a rival's way to the same end, for comparison
 * @property {(size: number) => Promise<Prepared>} prepare
 */

/** @type {Operation[]} */
export const OPERATIONS = [
  ours('cleanup() after all expired at one moment', async (size) => {
    const { cache, clock } = await filled(size);
    clock.advance(2 * TTL_MS);
    return { work: () => cache.cleanup(), isDone: () => cache.size === 0 };
  }),
  ...[
    [32, 64],
    [64, 32],
    [32, 4096],
    [4096, 1],
  ].map(([from = 0, to = 0]) =>
    ours(`resize(${to}) from ${from} shards`, async (size) => {
      const { cache } = await filled(size, { shards: from });
      return { work: () => cache.resize(to), isDone: () => cache.shardCount === to && cache.size === size };
    }),
  ),
  ours('invalidateByPattern() of every second entry', async (size) => {
    const { cache } = await filled(size);
    return { work: () => cache.invalidateByPattern('user:*:even'), isDone: () => cache.size === Math.floor(size / 2) };
  }),
  ours('invalidateByPattern() of none', async (size) => {
    const { cache } = await filled(size);
    return { work: () => cache.invalidateByPattern('nobody:*'), isDone: () => cache.size === size };
  }),
  ours('invalidateByTag() of every second entry', async (size) => {
    const { cache } = await filled(size, { isTagged: true });
    return { work: () => cache.invalidateByTag('even'), isDone: () => cache.size === Math.floor(size / 2) };
  }),
  ours('clear()', async (size) => {
    const { cache } = await filled(size);
    return { work: () => cache.clear(), isDone: () => cache.size === 0 };
  }),
  {
    name: 'lru-cache: purgeStale() after all expired at one moment',
    isOurs: false,
    async prepare(size) {
      const clock = new OffsetClock();
      const { LRUCache } = await import('lru-cache');
      const perf = { now: () => clock.nowMs() };
      const cache = new LRUCache({ max: size, ttl: TTL_MS, ttlResolution: 0, perf });
      fill(cache, size);
      clock.advance(2 * TTL_MS);
      return { work: () => cache.purgeStale(), isDone: () => cache.size === 0 };
    },
  },
  {
    name: 'lru-cache: clear()',
    isOurs: false,
    async prepare(size) {
      const { LRUCache } = await import('lru-cache');
      const cache = new LRUCache({ max: size });
      fill(cache, size);
      return { work: () => cache.clear(), isDone: () => cache.size === 0 };
    },
  },
  {
    name: 'map: clear()',
    isOurs: false,
    async prepare(size) {
      const cache = new Map();
      fill(cache, size);
      return { work: () => cache.clear(), isDone: () => cache.size === 0 };
    },
  },
];

/**
 * @param {string} name
 * @param {Operation['prepare']} prepare
 * @returns {Operation}
 */
function ours(name, prepare) {
  return { name, isOurs: true, prepare };
}

/**
 * @param {number} size
 * @param {{ shards?: number, isTagged?: boolean }} wanted
 */
async function filled(size, { shards = 32, isTagged = false } = {}) {
  const sherd = await loadSherd();
  const clock = new OffsetClock();
  const cache = sherd.createShardedCache(
    sherd.withCapacity(size),
    sherd.withTTL(TTL_MS),
    sherd.withShardCount(shards),
    sherd.withSeed(1),
    sherd.withClock(clock),
    // Nothing is to happen but what we ask for.
    sherd.withCleanupStrategy('lazy'),
  );
  fill(cache, size, isTagged ? { even: { tags: ['even'] }, odd: { tags: ['odd'] } } : {});
  return { cache, clock };
}

/**
 * @param {{ set(key: string, value: any, options?: any): unknown }} cache
 * @param {number} size
 * @param {{ even?: object, odd?: object }} options
 */
function fill(cache, size, options = {}) {
  for (let i = 0; i < size; i++) {
    const parity = i % 2 === 0 ? 'even' : 'odd';
    cache.set(`user:${i}:${parity}`, i, options[parity]);
  }
}
