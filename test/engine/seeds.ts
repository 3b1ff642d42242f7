/** Seeds of the random walks: a fresh one each run, or SHERD_SEED to replay the run that failed. */
import { createSeed } from '../../src/core/random.js';
import type { PlainPolicyName } from '../../src/engine/create-policy.js';

export const POLICY_NAMES: readonly PlainPolicyName[] = [
  'lru',
  'lfu',
  'fifo',
  'random',
  'sieve',
  's3-fifo',
  'w-tinylfu',
];

export function readSeed(): number {
  const given = process.env['SHERD_SEED'];
  return given === undefined ? createSeed() : Number(given);
}
