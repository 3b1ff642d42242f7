/** The hit ratios of a store of one shard against those of the reference simulators, which share no code with it. */
import { describe, expect, test } from 'vitest';
import type { PlainPolicyName } from '../../src/engine/create-policy.js';
import { createHeapStore } from '../../src/engine/heap-store.js';
import { createSyntheticTrace } from '../support/synthetic-trace.js';
import { loadAccesses, TRACES } from '../support/traces.js';
import { createFifo } from './reference/fifo.js';
import { createLfuDa } from './reference/lfu.js';
import { createLru } from './reference/lru.js';
import { createRandomReplacement } from './reference/random.js';
import { createS3Fifo } from './reference/s3-fifo.js';
import { createSieve } from './reference/sieve.js';
import { countHits, type Simulator } from './reference/simulator.js';

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
]);
/** Of the keys of a trace. */
const CAPACITY_SHARES = [0.01, 0.1];

const loaded = new Map<string, Promise<Uint32Array>>();
function load(trace: (typeof TRACES)[number]): Promise<Uint32Array> {
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

function createCache(policy: PlainPolicyName, capacity: number, seed: number): Simulator {
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
