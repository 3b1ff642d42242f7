/** The orders of the exact policies in their plainest form: the rank of an entry, and a scan for the least. */
import type { PolicyName } from '../../../src/engine/policy.js';

export interface Rank {
  priority: number;
  tick: number;
}
export type RankedPolicyName = Exclude<PolicyName, 'random'>;

export function rankOnInsert(name: RankedPolicyName, age: number, tick: number): Rank {
  return { priority: name === 'lfu' ? age + 1 : 0, tick };
}

/** Of a read and of an update alike. */
export function rankOnAccess(name: RankedPolicyName, rank: Rank, tick: number): Rank {
  if (name === 'fifo') return rank;
  return { priority: name === 'lfu' ? rank.priority + 1 : 0, tick };
}

/** What the eviction of an entry of this rank teaches. */
export function ageOnEviction(name: RankedPolicyName, age: number, rank: Rank): number {
  return name === 'lfu' ? Math.max(age, rank.priority) : 0;
}

export function compareRanks(a: Rank, b: Rank): number {
  return a.priority - b.priority || a.tick - b.tick;
}

/** The first of the least rank. */
export function leastOf<T extends Rank>(items: Iterable<T>): T | undefined {
  let least: T | undefined;
  for (const item of items) if (least === undefined || compareRanks(item, least) < 0) least = item;
  return least;
}
