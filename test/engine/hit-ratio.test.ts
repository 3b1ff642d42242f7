/**
 * The hit ratios of a store of one shard: of the fixed policies against those of the reference simulators, which share
 * no code with it, and of `adaptive` against those of the fixed policies. Its choice of a rule is nobody's but its own, so
 * there is no publication to simulate: what it does under the rule in force is held against a naive model step by step
 * (model.test.ts), the choice against made-up traffic whose best rule is known (test/adaptive/window-tuner.test.ts).
 */
import { describe, expect, test } from 'vitest';
import { WindowTuner } from '../../src/adaptive/window-tuner.js';
import type { PlainPolicyName } from '../../src/engine/create-policy.js';
import { createHeapStore } from '../../src/engine/heap-store.js';
import { createWTinyLfuFamily } from '../../src/engine/policies/w-tinylfu.js';
import type { PolicyFamily } from '../../src/engine/policy.js';
import { createSyntheticTrace } from '../support/synthetic-trace.js';
import { type DevelopmentTrace, loadAccesses, TRACES } from '../support/traces.js';
import { createFifo } from './reference/fifo.js';
import { createExactFrequencies } from './reference/frequencies.js';
import { createLfuDa } from './reference/lfu.js';
import { createLru } from './reference/lru.js';
import { createRandomReplacement } from './reference/random.js';
import { createS3Fifo } from './reference/s3-fifo.js';
import { createSieve } from './reference/sieve.js';
import { countHits, type Simulator } from './reference/simulator.js';
import { createWTinyLfu } from './reference/w-tinylfu.js';

interface Reference {
  readonly create: (capacity: number, seed: number) => Simulator;
  /** How far the hit ratio may be from the reference's, in points; 0 where nothing is drawn or estimated. */
  readonly tolerance: number;
  /** Means are taken over runs of as many accesses in all. */
  readonly accessCount: number;
}

const REFERENCES: ReadonlyMap<PlainPolicyName, Reference> = new Map<PlainPolicyName, Reference>([
  ['lru', { create: createLru, tolerance: 0, accessCount: 1 }],
  ['lfu', { create: createLfuDa, tolerance: 0, accessCount: 1 }],
  ['fifo', { create: createFifo, tolerance: 0, accessCount: 1 }],
  ['random', { create: createRandomReplacement, tolerance: 0.3, accessCount: 300_000 }],
  ['sieve', { create: createSieve, tolerance: 0, accessCount: 1 }],
  ['s3-fifo', { create: createS3Fifo, tolerance: 0.3, accessCount: 1 }],
  ['w-tinylfu', { create: createExactWTinyLfu, tolerance: 0.3, accessCount: 100_000 }],
]);
/** Of the keys of a trace. */
const CAPACITY_SHARES = [0.01, 0.1];

function createExactWTinyLfu(capacity: number): Simulator {
  return createWTinyLfu(capacity, createExactFrequencies(capacity));
}

const loaded = new Map<string, Promise<Uint32Array>>();
function load(trace: DevelopmentTrace): Promise<Uint32Array> {
  const accesses = loaded.get(trace.name) ?? loadAccesses(trace);
  loaded.set(trace.name, accesses);
  return accesses;
}

/** Percent of hits, the mean of several runs. */
function hitPercent(create: (seed: number) => Simulator, accesses: Uint32Array, runs: number): number {
  let hits = 0;
  for (let seed = 1; seed <= runs; seed++) hits += countHits(create(seed), accesses);
  return (100 * hits) / (runs * accesses.length);
}

function createCache(policy: PlainPolicyName | PolicyFamily, capacity: number, seed: number): Simulator {
  const store = createHeapStore<true>({ policy, shardCount: 1, capacity, seed });
  return {
    access(key) {
      const name = `key-${key}`;
      if (store.get(name, 0) !== undefined) return true;
      store.set(name, true, 1, Number.POSITIVE_INFINITY, 0);
      return false;
    },
  };
}

describe.each([...REFERENCES])('%s', (name, reference) => {
  function expectLikeReference(accesses: Uint32Array, keyCount: number): void {
    const runs = Math.ceil(reference.accessCount / accesses.length);
    for (const share of CAPACITY_SHARES) {
      const capacity = Math.floor(keyCount * share);
      const expected = hitPercent((seed) => reference.create(capacity, seed), accesses, runs);
      const percent = hitPercent((seed) => createCache(name, capacity, seed), accesses, runs);
      const message = `${percent} %, not ${expected} % of hits at ${capacity} entries`;
      expect(Math.abs(percent - expected), message).toBeLessThanOrEqual(reference.tolerance);
    }
  }

  test('hits a made-up trace as often as the reference', () => {
    const accesses = createSyntheticTrace(50_000, 5);
    expectLikeReference(accesses, new Set(accesses).size);
  });

  for (const trace of TRACES) {
    test(`hits ${trace.name} as often as the reference`, async () =>
      expectLikeReference(await load(trace), trace.keyCount));
  }
});

/** Of `adaptive`. */
const SIZES = [0.001, ...CAPACITY_SHARES];
const ADAPTIVE_RUNS = 3;

/** Points, at each size, that adaptive hits less than the best of the policies named. */
async function measureGaps(trace: DevelopmentTrace, names: Iterable<PlainPolicyName>): Promise<number[]> {
  const accesses = await load(trace);
  return SIZES.map((share) => {
    const capacity = Math.max(1, Math.round(trace.keyCount * share));
    const fixed = Array.from(names, (name) => hitPercent((seed) => createCache(name, capacity, seed), accesses, 1));
    const createAdaptive = (seed: number): Simulator =>
      createCache(createWTinyLfuFamily(new WindowTuner()), capacity, seed);
    return Math.max(...fixed) - hitPercent(createAdaptive, accesses, ADAPTIVE_RUNS);
  });
}

describe.skipIf(TRACES.length === 0)('adaptive, at 0.1, 1 and 10 % of the keys', () => {
  const measured = new Map<DevelopmentTrace, Promise<number[]>>();
  function gapsToBest(trace: DevelopmentTrace): Promise<number[]> {
    const gaps = measured.get(trace) ?? measureGaps(trace, REFERENCES.keys());
    measured.set(trace, gaps);
    return gaps;
  }

  for (const trace of TRACES) {
    test(`hits ${trace.name} at most 3 points less than the best fixed policy`, async () => {
      const gaps = await gapsToBest(trace);
      expect(Math.max(...gaps), gaps.join(', ')).toBeLessThanOrEqual(3);
    });
  }

  test('is at most 0.5 points behind the best fixed policy in the mean of all traces and sizes', async () => {
    const gaps = (await Promise.all(TRACES.map(gapsToBest))).flat();
    expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThanOrEqual(0.5);
  });

  for (const trace of TRACES.filter(({ name }) => name === 'mooncake')) {
    test('hits the LLM trace at most 1 point less than LRU', async () => {
      expect(Math.max(...(await measureGaps(trace, ['lru'])))).toBeLessThanOrEqual(1);
    });
  }
});
