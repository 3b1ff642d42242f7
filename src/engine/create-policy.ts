/** The eviction policies by name. */
import { assertNever } from '../core/assert.js';
import type { Random } from '../core/random.js';
import { LfuPolicy } from './policies/lfu.js';
import { QueuePolicy } from './policies/queue.js';
import { RandomPolicy } from './policies/random.js';
import type { Policy, PolicyName } from './policy.js';

/** A new, empty policy. Only 'random' draws from `random`. */
export function createPolicy(name: PolicyName, random: Random): Policy {
  switch (name) {
    case 'lru':
      return new QueuePolicy({ movesOnAccess: true });
    case 'lfu':
      return new LfuPolicy();
    case 'fifo':
      return new QueuePolicy({ movesOnAccess: false });
    case 'random':
      return new RandomPolicy(random);
    default:
      return assertNever(name);
  }
}
