/** The naive models by the names of the policies that they are held against. */
import type { PlainPolicyName } from '../../../src/engine/create-policy.js';
import { ACCESSES_PER_HALVING } from '../../../src/engine/policies/w-tinylfu.js';
import type { Policy, PolicyFamily } from '../../../src/engine/policy.js';
import { FrequencySketch } from '../../../src/structures/frequency-sketch.js';
import { NaiveLfu } from './naive-lfu.js';
import { NaiveLru } from './naive-lru.js';
import { NaiveQueue } from './naive-queue.js';
import { NaiveS3Fifo } from './naive-s3-fifo.js';
import { NaiveSieve } from './naive-sieve.js';
import { NaiveWTinyLfu } from './naive-w-tinylfu.js';

/** Of 'random', only what they hold counts. */
export function createNaiveFamily(name: PlainPolicyName): PolicyFamily {
  if (name === 'w-tinylfu') {
    const sketch = new FrequencySketch();
    return {
      create: () => new NaiveWTinyLfu(sketch, { windowShare: 0.01, requestsToEnter: 0 }),
      setCapacity: (entries) => sketch.setCapacity(entries, ACCESSES_PER_HALVING * entries),
    };
  }
  const create: Readonly<Record<Exclude<PlainPolicyName, 'w-tinylfu'>, () => Policy>> = {
    lru: () => new NaiveLru(),
    fifo: () => new NaiveQueue({ movesOnAccess: false }),
    random: () => new NaiveQueue({ movesOnAccess: false }),
    lfu: () => new NaiveLfu(),
    sieve: () => new NaiveSieve(),
    's3-fifo': () => new NaiveS3Fifo(),
  };
  return { create: create[name], setCapacity: () => undefined };
}
