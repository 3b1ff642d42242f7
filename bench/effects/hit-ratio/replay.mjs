/** Replays a trace against the public cache: get, and set on a miss. Nothing expires and time stands still. */
import { setImmediate as turn } from 'node:timers/promises';
import { loadSherd } from '../../lib/subjects/sherd.mjs';

/** Accesses between two turns of the event loop. */
const SLICE = 65_536;

const STILL_CLOCK = { nowMs: () => 0, wallMs: () => 0, setTimer: () => () => undefined };

/**
 * @typedef {object} ReplaySettings
 * @property {string} policy
 * @property {number} capacity
 * @property {number} shardCount
 * @property {number} seed of the cache's hash and of random eviction
 */

/**
 * Resolves to the number of hits.
 * @param {import('../traces/decode.mjs').Trace} trace
 * @param {ReplaySettings} settings
 * @param {AbortSignal} signal
 */
export async function replayHits({ keys, accesses }, { policy, capacity, shardCount, seed }, signal) {
  const sherd = await loadSherd();
  const cache = sherd.createShardedCache(
    sherd.withEvictionPolicy(policy),
    sherd.withCapacity(capacity),
    sherd.withShardCount(shardCount),
    sherd.withTTL(0),
    sherd.withCleanupStrategy('lazy'),
    sherd.withMetrics(false),
    sherd.withClock(STILL_CLOCK),
    sherd.withSeed(seed),
  );
  let hits = 0;
  try {
    for (let start = 0; start < accesses.length; start += SLICE) {
      hits += replaySlice(cache, keys, accesses.subarray(start, start + SLICE));
      await turn();
      signal.throwIfAborted();
    }
  } finally {
    await cache.close();
  }
  return hits;
}

/**
 * @param {{ get(key: string): unknown, set(key: string, value: unknown): boolean }} cache
 * @param {readonly string[]} keys
 * @param {Uint32Array} accesses
 */
function replaySlice(cache, keys, accesses) {
  let hits = 0;
  for (let i = 0; i < accesses.length; i++) {
    const key = /** @type {string} */ (keys[/** @type {number} */ (accesses[i])]);
    if (cache.get(key) === undefined) cache.set(key, true);
    else hits++;
  }
  return hits;
}
