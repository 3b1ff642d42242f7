/**
 * Job: the guide's write-heavy recipe under half writes and a tenth invalidations (requirements S4-20 to S4-28): most of
 * those by key, now and then all entries of a tag.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { cpuNowNs } from '../../lib/cpu-time.mjs';
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { Zipf } from '../../lib/keys/zipf.mjs';
import { Random } from '../../lib/random.mjs';
import { loadSherd } from '../../lib/subjects/sherd.mjs';
import { GarbageLog } from '../load/garbage.mjs';
import { LatencyLog } from '../load/latency-log.mjs';

const EXPONENT = 0.9;
const UNIVERSE = 5;
const SET_SHARE = 0.5;
const INVALIDATE_SHARE = 0.1;
/** Of the sets one in so many carries a tag of so many; of the invalidations one in so many is by tag. */
const TAGGED = 10;
const TAGS = 100;
const BY_TAG = 100;
const TIMED = 8;
const SLICE = 4_096;

/** @param {{ durationMs: number, warmUpOperations: number }} options */
export async function prepare({ durationMs, warmUpOperations }) {
  const sherd = await loadSherd();
  const cache = sherd.createShardedCache(sherd.withWorkloadType('write-heavy'), sherd.withSeed(1));
  const keys = new KeyMaker('uuid');
  const ranks = new Zipf(UNIVERSE * cache.capacity, EXPONENT);
  const random = new Random(1);
  let version = 0;

  function round() {
    return run(durationMs, Number.POSITIVE_INFINITY);
  }

  /** @param {number} leastMs @param {number} mostOperations */
  async function run(leastMs, mostOperations) {
    const sets = new LatencyLog();
    const gets = new LatencyLog();
    const garbage = new GarbageLog();
    const before = cache.metrics();
    const startMs = performance.now();
    const startCpuNs = cpuNowNs();
    /** @type {Promise<unknown>[]} */
    const invalidations = [];
    let operations = 0;
    while (operations < mostOperations && performance.now() - startMs < leastMs) {
      for (let i = 0; i < SLICE; i++) operate(operations++, sets, gets, invalidations);
      await turn();
    }
    await Promise.all(invalidations);
    const elapsedMs = performance.now() - startMs;
    const after = cache.metrics();
    const hits = after.hits - before.hits;
    return {
      operations,
      operationsPerSecond: (operations / elapsedMs) * 1000,
      hitRatio: hits / (hits + after.misses - before.misses),
      sets: sets.summary(),
      gets: gets.summary(),
      cpuCores: (cpuNowNs() - startCpuNs) / 1e6 / elapsedMs,
      tagInvalidations: invalidations.length,
      garbage: garbage.stop(),
    };
  }

  /** @param {number} operation @param {LatencyLog} sets @param {LatencyLog} gets @param {Promise<unknown>[]} invalidations */
  function operate(operation, sets, gets, invalidations) {
    const key = keys.make(ranks.rank(random.next()));
    const kind = random.next();
    const isTimed = operation % TIMED === 0;
    const startMs = isTimed ? performance.now() : 0;
    if (kind < SET_SHARE) {
      const tags = random.nextInt(TAGGED) === 0 ? { tags: [`group:${random.nextInt(TAGS)}`] } : undefined;
      cache.set(key, { key, version: version++ }, tags);
      if (isTimed) sets.record(performance.now() - startMs);
    } else if (kind >= SET_SHARE + INVALIDATE_SHARE) {
      cache.get(key);
      if (isTimed) gets.record(performance.now() - startMs);
    } else if (random.nextInt(BY_TAG) === 0) {
      invalidations.push(cache.invalidateByTag(`group:${random.nextInt(TAGS)}`));
    } else {
      cache.delete(key);
    }
  }

  await run(Number.POSITIVE_INFINITY, warmUpOperations);
  return { round };
}
