/** The policies under test, as the suites take them. */
import { createPolicyFamily, type PlainPolicyName } from '../../../src/engine/create-policy.js';
import type { PolicySubject } from '../../../src/testing/policy-suite.js';

const NAMES: readonly PlainPolicyName[] = ['lru', 'lfu', 'fifo', 'random', 'sieve', 's3-fifo', 'w-tinylfu'];

export const SUBJECTS: readonly PolicySubject[] = NAMES.map((name) => ({
  name,
  create: (random) => createPolicyFamily(name, random).create(),
  keepsOrder: name !== 'random',
}));
