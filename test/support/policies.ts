/** Every eviction policy that a cache can be given. */
import type { PolicyName } from '../../src/engine/policy.js';

const ALL: Readonly<Record<PolicyName, true>> = {
  lru: true,
  lfu: true,
  fifo: true,
  random: true,
  sieve: true,
  's3-fifo': true,
  'w-tinylfu': true,
  adaptive: true,
};

export const POLICIES: readonly PolicyName[] = Object.keys(ALL) as PolicyName[];
