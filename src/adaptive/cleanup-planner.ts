/**
 * What each cleanup strategy decides: whether rounds run in the background, when one comes early, and how the pace
 * moves. Rules only: the scheduler carries them out. Reads remove what they find expired under every strategy.
 */

/**
 * periodic: a round every interval. lazy: no rounds, only reads remove.
 * adaptive: rounds at a pace that follows load and yield, and an early one at the threshold.
 * hybrid: a round every interval, and an early one at the threshold.
 */
export type CleanupStrategy = 'periodic' | 'lazy' | 'adaptive' | 'hybrid';

export interface CleanupPlan {
  /** Rounds run in the background. */
  readonly runsRounds: boolean;
  /** A load factor that reaches withCleanupThreshold starts a round before its time. */
  readonly startsEarly: boolean;
  /** The interval moves with the outcome of each round. */
  readonly movesInterval: boolean;
}

/** What a round found. */
export interface RoundOutcome {
  readonly removed: number;
  /** Fill after the round, 0..1. */
  readonly loadFactor: number;
  readonly capacity: number;
}

const PLANS: Readonly<Record<CleanupStrategy, CleanupPlan>> = {
  periodic: { runsRounds: true, startsEarly: false, movesInterval: false },
  lazy: { runsRounds: false, startsEarly: false, movesInterval: false },
  adaptive: { runsRounds: true, startsEarly: true, movesInterval: true },
  hybrid: { runsRounds: true, startsEarly: true, movesInterval: false },
};

const BUSY_LOAD = 0.9;
const BUSY_YIELD = 0.1;
const IDLE_LOAD = 0.5;
const IDLE_YIELD = 0.01;
const SHORTEST_MS = 10_000;
const LONGEST_MS = 600_000;

export function cleanupPlan(strategy: CleanupStrategy): CleanupPlan {
  return PLANS[strategy];
}

/**
 * The adaptive rule: half the interval when the cache is above 90 % full or the round removed above 10 % of capacity,
 * twice when it is below 50 % and the round removed below 1 %, else as it was. Between 10 s and 10 min; an interval
 * configured outside of that widens the range to itself. Milliseconds.
 */
export function nextCleanupInterval(currentMs: number, configuredMs: number, outcome: RoundOutcome): number {
  const yielded = outcome.removed / outcome.capacity;
  if (outcome.loadFactor > BUSY_LOAD || yielded > BUSY_YIELD) {
    return Math.max(Math.min(SHORTEST_MS, configuredMs), currentMs / 2);
  }
  if (outcome.loadFactor < IDLE_LOAD && yielded < IDLE_YIELD) {
    return Math.min(Math.max(LONGEST_MS, configuredMs), currentMs * 2);
  }
  return currentMs;
}
