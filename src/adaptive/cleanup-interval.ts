/** How far apart cleanup rounds should be, from how long entries live and how fast they change. A pure rule. */
import { requireNumbers } from './input-check.js';

export interface CleanupQuestion {
  /** Entries in the cache, 0 or more. An empty one gets the longest interval. */
  readonly cacheSize: number;
  /** Time to live in milliseconds; 0 never expires and gets the longest interval. */
  readonly ttlMs: number;
  /** Share of the entries that are replaced or expire in a minute, 0 or more; 0.05 is 5 %. */
  readonly churn: number;
}

const LONGEST_MS = 600_000;
const SHORTEST_BASE_MS = 10_000;
const HIGH_CHURN_MS = 30_000;

/**
 * A tenth of the TTL, at least 10 s, times 3 below 1 % churn, as it is below 5 %, halved below 10 %; from 10 % on a
 * flat 30 s. Never above 10 min. Milliseconds. Throws ConfigError for a negative or non-finite number.
 */
export function recommendCleanupInterval(question: CleanupQuestion): number {
  const { cacheSize, ttlMs, churn } = question;
  requireNumbers('recommendCleanupInterval', { cacheSize, ttlMs, churn }, { cacheSize: 0, ttlMs: 0, churn: 0 });
  if (cacheSize === 0 || ttlMs === 0) return LONGEST_MS;
  const baseMs = Math.max(SHORTEST_BASE_MS, ttlMs / 10);
  return Math.min(LONGEST_MS, paced(baseMs, churn));
}

function paced(baseMs: number, churn: number): number {
  if (churn < 0.01) return baseMs * 3;
  if (churn < 0.05) return baseMs;
  if (churn < 0.1) return baseMs / 2;
  return HIGH_CHURN_MS;
}
