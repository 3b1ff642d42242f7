/** The tuner on a real cache in simulated time: what it changes either helps or is taken back. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { TunerDecision } from '../../src/adaptive/tuner-decision.js';
import { withAutoTuning, withClock, withPerformanceProfile, withSeed } from '../../src/cache/behaviour-options.js';
import { type CacheOption, createShardedCache } from '../../src/cache/create-sharded-cache.js';
import { withCapacity, withTTL } from '../../src/cache/storage-options.js';
import { createRandom } from '../../src/core/random.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';

const SEED = 5;

/** Lasting keys read at random, among entries that live for 30 s and are never asked for. */
interface Traffic {
  readonly ratePerSecond: number;
  readonly lastingKeys: number;
  readonly fleetingShare: number;
}

interface Played {
  /** Of each minute. */
  readonly hitRatios: readonly number[];
  readonly decisions: readonly TunerDecision[];
}

async function play(minutes: number, traffic: Traffic, ...options: readonly CacheOption<number>[]): Promise<Played> {
  const clock = createFakeClock();
  const cache = createShardedCache<number>(withTTL(0), withSeed(SEED), withClock(clock), ...options);
  const random = createRandom(SEED);
  const hitRatios: number[] = [];
  let fleeting = 0;
  for (let minute = 0; minute < minutes; minute++) {
    const before = cache.metrics();
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < traffic.ratePerSecond; i++) {
        if (random.next() < traffic.fleetingShare) cache.set(`once:${fleeting++}`, 1, { ttl: '30s' });
        else {
          const key = `key:${random.nextInt(traffic.lastingKeys)}`;
          if (cache.get(key) === undefined) cache.set(key, 1);
        }
      }
      await clock.advanceAsync(1000);
      // Work in slices waits for turns of the event loop, of which a real second has more.
      for (let i = 0; i < 30; i++) await turn();
    }
    const { hits, misses } = cache.metrics();
    hitRatios.push((hits - before.hits) / (hits + misses - before.hits - before.misses));
  }
  const decisions = cache.tunerHistory();
  await cache.close();
  return { hitRatios, decisions };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a longer cleanup interval that lets dead entries push out living ones', () => {
  const traffic: Traffic = { ratePerSecond: 45, lastingKeys: 4_000, fleetingShare: 0.5 };
  const capacity = withCapacity(5_000);

  test('is undone, with the fall of the hit ratio as the reason, and the hit ratio comes back', async () => {
    const without = await play(20, traffic, capacity, withAutoTuning(false));
    const tuned = await play(20, traffic, capacity, withAutoTuning(true));
    const applied = tuned.decisions.find(({ action }) => action === 'applied');
    expect(applied?.after.cleanupIntervalMs).toBeGreaterThan(applied?.before.cleanupIntervalMs ?? 0);
    const undone = tuned.decisions.find(({ action }) => action === 'undone');
    expect(undone?.reason).toMatch(/^the hit ratio fell from .* not tried again for 30 intervals$/);
    expect(undone?.after).toEqual(applied?.before);
    expect(undone?.figures.hitRate).toBeLessThan((undone?.figuresBefore?.hitRate ?? 0) - 0.1);
    expect(mean(tuned.hitRatios.slice(-3))).toBeGreaterThan(mean(without.hitRatios.slice(-3)) - 0.02);
  });

  test('is not even tried while the hit ratio of the filling cache still climbs', async () => {
    const { hitRatios, decisions } = await play(6, traffic, capacity, withAutoTuning(true));
    expect(hitRatios[0]).toBeLessThan(0.5);
    const changes = decisions.filter(({ action }) => action === 'applied' || action === 'waiting');
    expect(changes.map(({ action }) => action).slice(0, 3)).toEqual(['waiting', 'waiting', 'waiting']);
    expect(changes[1]?.reason).toContain('the hit ratio still moves');
  });
});

describe('a shorter cleanup interval under busier traffic', () => {
  test('is kept, and raises the hit ratio where dead entries took the room', async () => {
    const traffic: Traffic = { ratePerSecond: 1_000, lastingKeys: 60_000, fleetingShare: 0.25 };
    const options = [withCapacity(100_000), withPerformanceProfile('high-throughput')] as const;
    const without = await play(14, traffic, ...options, withAutoTuning(false));
    const tuned = await play(14, traffic, ...options, withAutoTuning(true));
    const kept = tuned.decisions.filter(({ action }) => action !== 'waiting' && action !== 'advice');
    expect(kept.map(({ action }) => action)).toEqual(['applied', 'kept']);
    expect(mean(tuned.hitRatios.slice(-4))).toBeGreaterThan(mean(without.hitRatios.slice(-4)) + 0.03);
  }, 30_000);
});
