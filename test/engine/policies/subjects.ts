/** The policies under test, as the suites take them. */
import { WindowTuner } from '../../../src/adaptive/window-tuner.js';
import type { Random } from '../../../src/core/random.js';
import { createPolicyFamily, type PlainPolicyName } from '../../../src/engine/create-policy.js';
import { createWTinyLfuFamily } from '../../../src/engine/policies/w-tinylfu.js';
import type { PolicySubject } from '../../../src/testing/policy-suite.js';

const NAMES: readonly PlainPolicyName[] = ['lru', 'lfu', 'fifo', 'random', 'sieve', 's3-fifo', 'w-tinylfu'];

export const SUBJECTS: readonly PolicySubject[] = [
  ...NAMES.map((name) => ({
    name,
    create: (random: Random) => createPolicyFamily(name, random).create(),
    keepsOrder: name !== 'random',
  })),
  { name: 'adaptive', create: () => createWTinyLfuFamily(new WindowTuner()).create(), keepsOrder: true },
];
