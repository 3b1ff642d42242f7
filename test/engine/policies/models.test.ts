/** Every policy but random against its naive model, over random walks of two policies that give entries to each other. */
import { describe, test } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import type { Policy } from '../../../src/engine/policy.js';
import { operations } from '../../support/deep.js';
import { NaiveLfu } from '../models/naive-lfu.js';
import { NaiveLru } from '../models/naive-lru.js';
import { NaiveQueue } from '../models/naive-queue.js';
import { NaiveS3Fifo } from '../models/naive-s3-fifo.js';
import { NaiveSieve } from '../models/naive-sieve.js';
import { readSeed } from '../seeds.js';
import { walkBesideModel } from './model-walk.js';
import { SUBJECTS } from './subjects.js';

const NAIVE: ReadonlyMap<string, () => Policy> = new Map<string, () => Policy>([
  ['lru', () => new NaiveLru()],
  ['fifo', () => new NaiveQueue({ movesOnAccess: false })],
  ['lfu', () => new NaiveLfu()],
  ['sieve', () => new NaiveSieve()],
  ['s3-fifo', () => new NaiveS3Fifo()],
]);
const STEPS = operations(50_000);

describe.each(SUBJECTS.filter(({ name }) => NAIVE.has(name)))('$name', ({ name, create }) => {
  test(`does what its naive model does, over ${STEPS.toLocaleString('en')} random steps`, () => {
    const seed = readSeed();
    const random = createRandom(seed);
    const createNaive = NAIVE.get(name) as () => Policy;
    try {
      walkBesideModel(() => [create(random), createNaive()], random, STEPS);
    } catch (cause) {
      throw new Error(`seed ${seed}`, { cause });
    }
  });
});
