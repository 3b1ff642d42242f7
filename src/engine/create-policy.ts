/** The eviction policies by name. */
import { assertNever } from '../core/assert.js';
import type { Random } from '../core/random.js';
import { LfuPolicy } from './policies/lfu.js';
import { QueuePolicy } from './policies/queue.js';
import { RandomPolicy } from './policies/random.js';
import { S3FifoPolicy } from './policies/s3-fifo.js';
import { SievePolicy } from './policies/sieve.js';
import { createWTinyLfuFamily } from './policies/w-tinylfu.js';
import type { Policy, PolicyFamily, PolicyName } from './policy.js';

/** Policies that need nothing but their name; 'adaptive' is made where its decisions are. */
export type PlainPolicyName = Exclude<PolicyName, 'adaptive'>;

/** Whether a policy keeps what is worth more: the worth of an entry changes nothing under the others. */
export function takesWorth(name: PolicyName): boolean {
  return name === 'lru';
}

/** The policies of one store. Only 'random' draws from `random`. */
export function createPolicyFamily(name: PlainPolicyName, random: Random): PolicyFamily {
  if (name === 'w-tinylfu') return createWTinyLfuFamily();
  return { create: () => createPolicy(name, random), setCapacity: () => undefined };
}

function createPolicy(name: Exclude<PlainPolicyName, 'w-tinylfu'>, random: Random): Policy {
  switch (name) {
    case 'lru':
      return new QueuePolicy({ movesOnAccess: true });
    case 'lfu':
      return new LfuPolicy();
    case 'fifo':
      return new QueuePolicy({ movesOnAccess: false });
    case 'random':
      return new RandomPolicy(random);
    case 'sieve':
      return new SievePolicy();
    case 's3-fifo':
      return new S3FifoPolicy();
    default:
      return assertNever(name);
  }
}
