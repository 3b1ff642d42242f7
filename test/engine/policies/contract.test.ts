import { test } from 'vitest';
import { definePolicySuite } from '../../../src/testing/policy-suite.js';
import { operations } from '../../support/deep.js';
import { readSeed } from '../seeds.js';
import { SUBJECTS } from './subjects.js';

for (const subject of SUBJECTS) {
  definePolicySuite(subject, { test }, { seed: readSeed(), steps: operations(20_000) });
}
