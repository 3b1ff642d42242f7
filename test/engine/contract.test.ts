import { describe, test } from 'vitest';
import type { HashFunction } from '../../src/core/hash.js';
import { createRandom } from '../../src/core/random.js';
import { createHeapStore } from '../../src/engine/heap-store.js';
import { defineStoreSuite } from '../../src/testing/store-suite.js';
import { operations } from '../support/deep.js';
import { POLICIES } from '../support/policies.js';
import { createFamily } from './families.js';
import { readSeed } from './seeds.js';

const seed = readSeed();

describe.each(POLICIES)('%s', (policy) => {
  defineStoreSuite(
    {
      name: 'heap store',
      create: (settings) => createHeapStore({ ...settings, policy: createFamily(policy, createRandom(seed)), seed }),
    },
    { test },
    { seed, steps: operations(20_000) },
  );
});

/** What a user may hand us: all entries in one shard, or no number at all. */
const hostileHashes: Readonly<Record<string, (key: string) => unknown>> = {
  constant: () => 7,
  'not a number': () => Number.NaN,
  negative: (key) => -key.length - 0.5,
  infinite: () => Number.NEGATIVE_INFINITY,
  huge: (key) => key.length * 1e18,
  'a text': (key) => key,
  'a bigint': (key) => BigInt(key.length),
  nothing: () => undefined,
  throwing: () => {
    throw new Error('no hash today');
  },
};

describe.each(Object.entries(hostileHashes))('a hash that is %s', (_name, hash) => {
  defineStoreSuite(
    {
      name: 'heap store',
      create: (settings) => createHeapStore({ ...settings, policy: 'lru', seed, hash: hash as HashFunction }),
    },
    { test },
    { seed, steps: operations(5000) },
  );
});
