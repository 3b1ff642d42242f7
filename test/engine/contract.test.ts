import { test } from 'vitest';
import { createHeapStore } from '../../src/engine/heap-store.js';
import { defineStoreSuite } from '../../src/testing/store-suite.js';
import { POLICY_NAMES, readSeed } from './seeds.js';

for (const policy of POLICY_NAMES) {
  const seed = readSeed();
  defineStoreSuite(
    { name: `heap store, ${policy}`, create: (settings) => createHeapStore({ ...settings, policy, seed }) },
    { test },
    { seed },
  );
}
