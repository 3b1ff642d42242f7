/** The policies under test, as the suites take them. */
import { LfuPolicy } from '../../../src/engine/policies/lfu.js';
import { QueuePolicy } from '../../../src/engine/policies/queue.js';
import { RandomPolicy } from '../../../src/engine/policies/random.js';
import { S3FifoPolicy } from '../../../src/engine/policies/s3-fifo.js';
import { SievePolicy } from '../../../src/engine/policies/sieve.js';
import type { PolicyName } from '../../../src/engine/policy.js';
import type { PolicySubject } from '../../../src/testing/policy-suite.js';

export const SUBJECTS: readonly (PolicySubject & { readonly name: PolicyName })[] = [
  { name: 'lru', create: () => new QueuePolicy({ movesOnAccess: true }) },
  { name: 'lfu', create: () => new LfuPolicy() },
  { name: 'fifo', create: () => new QueuePolicy({ movesOnAccess: false }) },
  { name: 'random', create: (random) => new RandomPolicy(random), keepsOrder: false },
  { name: 'sieve', create: () => new SievePolicy() },
  { name: 's3-fifo', create: () => new S3FifoPolicy() },
];
