/**
 * Job: one cache under one plan as it runs, with the tuner or without, in an open loop. One round is all phases in turn.
 * Latencies count from when an operation was due, so a pause of the cache is in them; see load/open-loop.mjs.
 */
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { Zipf } from '../../lib/keys/zipf.mjs';
import { Random } from '../../lib/random.mjs';
import { median } from '../../lib/statistics.mjs';
import { loadSherd } from '../../lib/subjects/sherd.mjs';
import { runPhase } from '../load/open-loop.mjs';

const EXPONENT = 0.8;
const TUNER_INTERVAL = '500ms';
/** Numbers of keys never seen before begin here. */
const NEW_KEYS_FROM = 2 ** 30;

/** @param {{ plan: import('./live-plans.mjs').LivePlan, isTuned: boolean }} options */
export async function prepare({ plan, isTuned }) {
  const sherd = await loadSherd();
  const keys = new KeyMaker('user');
  const cache = sherd.createShardedCache(
    sherd.withCapacity(plan.capacity),
    sherd.withTTL(0),
    ...(plan.shardCount === undefined ? [] : [sherd.withShardCount(plan.shardCount)]),
    sherd.withSeed(1),
    sherd.withAutoTuneInterval(TUNER_INTERVAL),
    sherd.withAutoTuning(isTuned),
    // Part of the making: the tuner would take it for traffic.
    sherd.withWarmup(entries(keys, plan.preload)),
  );
  const random = new Random(1);
  let newKeys = 0;
  let movingMs = 0;
  cache.on('shards-resized', (/** @type {{ durationMs: number }} */ { durationMs }) => {
    movingMs += durationMs;
  });

  async function round() {
    const phases = [];
    for (const phase of plan.phases) phases.push(await play(phase));
    const decisions = cache.tunerHistory();
    return { phases, decisions, shardCount: cache.shardCount, entries: cache.size };
  }

  /** @param {import('./live-plans.mjs').LivePhase} phase */
  async function play(phase) {
    const ranks = new Zipf(phase.keys, EXPONENT);
    const value = 'x'.repeat(phase.valueBytes);
    const before = cache.metrics();
    const movingBeforeMs = movingMs;
    const operate = () => {
      const isWrite = random.next() < phase.writeShare;
      const isNew = isWrite && random.next() < phase.newShare;
      const id = isNew ? NEW_KEYS_FROM + newKeys++ : phase.keysFrom + ranks.rank(random.next());
      const key = keys.make(id);
      if (isWrite || cache.get(key) === undefined) cache.set(key, value);
    };
    const { latencies, windows, longestTurnMs } = await runPhase(
      { ratePerSecond: phase.ratePerSecond, durationMs: phase.seconds * 1000 },
      operate,
    );
    const after = cache.metrics();
    const hits = after.hits - before.hits;
    return {
      name: phase.name,
      hitRatio: (100 * hits) / (hits + after.misses - before.misses),
      ...latencies.summary(),
      // Of half a second each: what is typical, whatever a single move of shards did to one of them.
      typicalP99Ms: median(windows.map((window) => window.latencies.summary().p99Ms)),
      longestTurnMs,
      shardCount: cache.shardCount,
      movingMs: movingMs - movingBeforeMs,
    };
  }
  return { round };
}

/** @param {KeyMaker} keys @param {number} count @returns {Generator<[string, string]>} */
function* entries(keys, count) {
  for (let id = 0; id < count; id++) yield [keys.make(id), 'x'];
}
