/** The policies under test, as the suites take them. */
import type { PolicySubject } from '../../../src/testing/policy-suite.js';
import { POLICIES } from '../../support/policies.js';
import { createFamily } from '../families.js';

export const SUBJECTS: readonly PolicySubject[] = POLICIES.map((name) => ({
  name,
  create: (random) => createFamily(name, random).create(),
  keepsOrder: name !== 'random',
}));
