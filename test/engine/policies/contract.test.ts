import { test } from 'vitest';
import { createPolicy } from '../../../src/engine/create-policy.js';
import { definePolicySuite } from '../../../src/testing/policy-suite.js';
import { POLICY_NAMES, readSeed } from '../seeds.js';

for (const name of POLICY_NAMES) {
  definePolicySuite({ name, create: (random) => createPolicy(name, random) }, { test }, { seed: readSeed() });
}
