/** Plays a scenario against the public cache in simulated time, with the tuner or without. Every run is the same. */
import { setImmediate as turn } from 'node:timers/promises';
import { Random } from '../../lib/random.mjs';
import { loadEntry, loadSherd } from '../../lib/subjects/sherd.mjs';

const SECOND_MS = 1_000;
/** Fewer than a real second has, and enough for the slices of a round. */
const TURNS_A_SECOND = 300;
const MINUTE_SECONDS = 60;

/**
 * @typedef {object} SimulatedRun
 * @property {number} hitRatio of all reads after the warm-up, in percent
 * @property {number[]} hitRatioByMinute in percent; NaN for a minute without reads
 * @property {number} meanEntries held, dead ones included
 * @property {number} moves completed changes of the shard count
 * @property {any[]} decisions of the tuner
 */

/**
 * @param {import('./scenarios.mjs').Scenario} scenario
 * @param {boolean} isTuned
 * @param {AbortSignal} signal
 * @returns {Promise<SimulatedRun>}
 */
export async function simulate(scenario, isTuned, signal) {
  const sherd = await loadSherd();
  const { createFakeClock } = await loadEntry('testing');
  const clock = createFakeClock();
  const cache = sherd.createShardedCache(
    sherd.withTTL(0),
    ...scenario.options(sherd),
    sherd.withCapacity(scenario.capacity),
    sherd.withClock(clock),
    sherd.withSeed(1),
    sherd.withAutoTuning(isTuned),
  );
  let moves = 0;
  cache.on('shards-resized', () => void moves++);
  const random = new Random(1);
  const request = requester(cache, random);
  /** @type {{ hits: number, reads: number, entries: number }[]} */
  const minutes = [];
  for (const traffic of scenario.phases) {
    for (let minute = 0; minute < traffic.minutes; minute++) {
      signal.throwIfAborted();
      const before = cache.metrics();
      const rate = jittered(traffic, random);
      for (let second = 0; second < MINUTE_SECONDS; second++) {
        for (let i = 0; i < rate; i++) request(traffic);
        await clock.advanceAsync(SECOND_MS);
        // What runs in slices has its turns: the fake clock alone would give it one a second.
        for (let i = 0; i < TURNS_A_SECOND; i++) await turn();
      }
      const { hits, misses } = cache.metrics();
      minutes.push({
        hits: hits - before.hits,
        reads: hits + misses - before.hits - before.misses,
        entries: cache.size,
      });
    }
  }
  const counted = minutes.slice(scenario.warmUpMinutes);
  const run = {
    hitRatio: (100 * sum(counted, 'hits')) / sum(counted, 'reads'),
    hitRatioByMinute: minutes.map(({ hits, reads }) => (100 * hits) / reads),
    meanEntries: sum(counted, 'entries') / counted.length,
    moves,
    decisions: [...cache.tunerHistory()],
  };
  await cache.close();
  return run;
}

/** @param {any} cache @param {Random} random */
function requester(cache, random) {
  let fleeting = 0;
  /** @type {Map<number, string>} one value a size: what is stored does not matter here, what it weighs does */
  const values = new Map();
  const textOf = (/** @type {number} */ bytes) => {
    const value = values.get(bytes) ?? 'x'.repeat(bytes);
    values.set(bytes, value);
    return value;
  };
  return (/** @type {import('./scenarios.mjs').Traffic} */ traffic) => {
    const { lastingKeys, keysFrom = 0, fleetingShare = 0, fleetingTtl = 0, writeShare = 0, valueBytes = 100 } = traffic;
    if (random.next() < fleetingShare) {
      cache.set(`once:${fleeting++}`, textOf(valueBytes), { ttl: fleetingTtl });
      return;
    }
    const key = `key:${keysFrom + random.nextInt(lastingKeys)}`;
    const isWrite = random.next() < writeShare;
    if (isWrite || cache.get(key) === undefined) cache.set(key, textOf(valueBytes));
  };
}

/** @param {import('./scenarios.mjs').Traffic} traffic @param {Random} random */
function jittered({ ratePerSecond, jitter = 0 }, random) {
  return jitter === 0 ? ratePerSecond : Math.round(ratePerSecond * (1 + jitter * (2 * random.next() - 1)));
}

/**
 * @template {string} K
 * @param {readonly Record<K, number>[]} rows
 * @param {K} column
 */
function sum(rows, column) {
  return rows.reduce((total, row) => total + row[column], 0);
}
