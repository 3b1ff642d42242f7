/**
 * Job: the guide's read-heavy recipe under 95 % reads by Zipf's law (requirements S4-12 to S4-19). A miss is followed by
 * a set, as an application does.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { Zipf } from '../../lib/keys/zipf.mjs';
import { Random } from '../../lib/random.mjs';
import { loadSherd } from '../../lib/subjects/sherd.mjs';
import { GarbageLog, heapAfterCollection } from '../load/garbage.mjs';
import { LatencyLog } from '../load/latency-log.mjs';

const EXPONENT = 1.1;
const WRITE_SHARE = 0.05;
/** Distinct keys, as a multiple of the recipe's capacity. */
const UNIVERSE = 2;
/** Of the calls one in so many is timed: the clock costs as much as the call. */
const TIMED = 8;
const SLICE = 4_096;

/** @param {{ durationMs: number, warmUpOperations: number }} options */
export async function prepare({ durationMs, warmUpOperations }) {
  const sherd = await loadSherd();
  const cache = sherd.createShardedCache(sherd.withWorkloadType('read-heavy'), sherd.withSeed(1));
  const keys = new KeyMaker('user');
  const ranks = new Zipf(UNIVERSE * cache.capacity, EXPONENT);
  const random = new Random(1);
  let version = 0;

  /** In two halves: what the process takes once in its life is no growth. */
  async function round() {
    const first = await run(durationMs / 2, Number.POSITIVE_INFINITY);
    const second = await run(durationMs / 2, Number.POSITIVE_INFINITY);
    return { ...second, heapGrowth: second.heapBytes / first.heapBytes - 1 };
  }

  /** @param {number} leastMs @param {number} mostOperations */
  async function run(leastMs, mostOperations) {
    const gets = new LatencyLog();
    const garbage = new GarbageLog();
    const before = cache.metrics();
    const startMs = performance.now();
    let operations = 0;
    while (operations < mostOperations && performance.now() - startMs < leastMs) {
      for (let i = 0; i < SLICE; i++) operate(gets, operations++);
      await turn();
    }
    const seconds = (performance.now() - startMs) / 1000;
    const after = cache.metrics();
    const hits = after.hits - before.hits;
    return {
      operations,
      hitRatio: hits / (hits + after.misses - before.misses),
      attainable: shareOfTop(ranks, cache.capacity),
      gets: gets.summary(),
      seconds,
      heapBytes: heapAfterCollection().heapUsed,
      entries: cache.size,
      garbage: garbage.stop(),
    };
  }

  /** @param {LatencyLog} gets @param {number} operation */
  function operate(gets, operation) {
    const key = keys.make(ranks.rank(random.next()));
    if (random.next() < WRITE_SHARE) {
      cache.set(key, profileOf(key));
      return;
    }
    if (operation % TIMED !== 0) {
      if (cache.get(key) === undefined) cache.set(key, profileOf(key));
      return;
    }
    const startMs = performance.now();
    const value = cache.get(key);
    gets.record(performance.now() - startMs);
    if (value === undefined) cache.set(key, profileOf(key));
  }

  const profileOf = (/** @type {string} */ key) => ({ key, version: version++, name: 'A user of the service' });
  // Full, with the most asked for keys as the newest: otherwise the rare keys take minutes to fill it.
  for (let id = cache.capacity - 1; id >= 0; id--) cache.set(keys.make(id), profileOf(keys.make(id)));
  await run(Number.POSITIVE_INFINITY, warmUpOperations);
  return { round };
}

/** The share of requests that go to the `count` most asked for keys: what no policy can exceed for long. */
function shareOfTop(/** @type {Zipf} */ ranks, /** @type {number} */ count) {
  return (ranks.sums[count - 1] ?? ranks.total) / ranks.total;
}
