/** The naive models by the names of the policies that they are held against. */
import { WindowTuner } from '../../../src/adaptive/window-tuner.js';
import { ACCESSES_PER_HALVING, type AdmissionTuner } from '../../../src/engine/policies/w-tinylfu.js';
import type { Policy, PolicyFamily, PolicyName } from '../../../src/engine/policy.js';
import { FrequencySketch } from '../../../src/structures/frequency-sketch.js';
import { NaiveLfu } from './naive-lfu.js';
import { NaiveLru } from './naive-lru.js';
import { NaiveQueue } from './naive-queue.js';
import { NaiveS3Fifo } from './naive-s3-fifo.js';
import { NaiveSieve } from './naive-sieve.js';
import { NaiveWTinyLfu } from './naive-w-tinylfu.js';

/**
 * Of 'random', only what they hold counts. The tuner of 'adaptive' is a second real one, which has tests of its own: told
 * of the same accesses in the same order, it chooses the same rules.
 */
export function createNaiveFamily(name: PolicyName): PolicyFamily {
  if (name === 'w-tinylfu') return createNaiveWTinyLfus();
  if (name === 'adaptive') return createNaiveWTinyLfus(new WindowTuner());
  const create: Readonly<Record<Exclude<PolicyName, 'w-tinylfu' | 'adaptive'>, () => Policy>> = {
    lru: () => new NaiveLru(),
    fifo: () => new NaiveQueue({ movesOnAccess: false }),
    random: () => new NaiveQueue({ movesOnAccess: false }),
    lfu: () => new NaiveLfu(),
    sieve: () => new NaiveSieve(),
    's3-fifo': () => new NaiveS3Fifo(),
  };
  return { create: create[name], setCapacity: () => undefined };
}

function createNaiveWTinyLfus(tuner?: AdmissionTuner): PolicyFamily {
  const sketch = new FrequencySketch();
  const rule = tuner?.rule ?? { windowShare: 0.01, requestsToEnter: 0 };
  return {
    create: () => new NaiveWTinyLfu(sketch, rule, tuner),
    setCapacity(entries) {
      sketch.setCapacity(entries, ACCESSES_PER_HALVING * entries);
      tuner?.setCapacity(entries);
    },
  };
}
