/**
 * Job: the guide's bursty recipe at a base rate, at ten times that rate, and at the base rate again (requirements S4-29 to
 * S4-36), in an open loop (see load/open-loop.mjs). Each value carries its key, so that a wrong answer would be seen.
 */
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { Zipf } from '../../lib/keys/zipf.mjs';
import { Random } from '../../lib/random.mjs';
import { loadSherd } from '../../lib/subjects/sherd.mjs';
import { runPhase, WINDOW_MS } from '../load/open-loop.mjs';

const SPIKE = 10;
const EXPONENT = 0.9;
const UNIVERSE = 2;
const WRITE_SHARE = 0.1;
/** Recovered: so many windows in a row whose p99 is at most so many times that of the base. */
const CALM_WINDOWS = 3;
const CALM_FACTOR = 1.2;
const TUNER_INTERVAL = '2s';

/** @param {{ ratePerSecond: number, baseMs: number, spikeMs: number, recoveryMs: number }} options */
export async function prepare({ ratePerSecond, baseMs, spikeMs, recoveryMs }) {
  const sherd = await loadSherd();
  const cache = sherd.createShardedCache(
    sherd.withWorkloadType('bursty'),
    sherd.withAutoTuneInterval(TUNER_INTERVAL),
    sherd.withSeed(1),
  );
  const keys = new KeyMaker('url');
  const ranks = new Zipf(UNIVERSE * cache.capacity, EXPONENT);
  const random = new Random(1);
  let lost = 0;

  function operate() {
    const id = ranks.rank(random.next());
    const key = keys.make(id);
    const value = random.next() < WRITE_SHARE ? undefined : cache.get(key);
    if (value === undefined) lost += cache.set(key, { id }) ? 0 : 1;
    else if (value.id !== id) lost++;
  }

  async function round() {
    const base = await runPhase({ ratePerSecond, durationMs: baseMs }, operate);
    const spike = await runPhase({ ratePerSecond: SPIKE * ratePerSecond, durationMs: spikeMs }, operate);
    const after = await runPhase({ ratePerSecond, durationMs: recoveryMs }, operate);
    const baseLatency = base.latencies.summary();
    const spikeLatency = spike.latencies.summary();
    return {
      ratePerSecond,
      spike: SPIKE,
      base: { ...baseLatency, longestTurnMs: base.longestTurnMs },
      burst: { ...spikeLatency, longestTurnMs: spike.longestTurnMs },
      after: { ...after.latencies.summary(), longestTurnMs: after.longestTurnMs },
      degradation: spikeLatency.p50Ms / baseLatency.p50Ms - 1,
      lost: lost + [base, spike, after].reduce((sum, { due, done }) => sum + due - done, 0),
      recoveryMs: recoveryTime(after.windows, CALM_FACTOR * baseLatency.p99Ms),
      hitRatio: cache.metrics().hitRate,
      decisions: cache.tunerHistory(),
    };
  }
  // The first operations fill the cache and warm the code; nobody measures a server in its first second.
  await runPhase({ ratePerSecond: SPIKE * ratePerSecond, durationMs: Math.min(baseMs, 4_000) }, operate);
  return { round };
}

/**
 * Milliseconds until the p99 stays calm; null when it does not within the time watched.
 * @param {import('../load/open-loop.mjs').PhaseResult['windows']} windows
 * @param {number} calmMs
 */
function recoveryTime(windows, calmMs) {
  let calm = 0;
  for (const { endMs, latencies } of windows) {
    calm = latencies.summary().p99Ms <= calmMs ? calm + 1 : 0;
    if (calm === CALM_WINDOWS) return endMs - CALM_WINDOWS * WINDOW_MS;
  }
  return null;
}
