/**
 * How often a key was asked for lately, up to 15, where keys take turns at being halved: each is, once in eight times
 * the capacity accesses, instead of all at the same moment. Exact: a Map.
 */
import type { Frequencies } from './frequencies.js';

const MAX_FREQUENCY = 15;
const PERIOD_FACTOR = 8;

export function createGradualFrequencies(capacity: number): Frequencies {
  const period = PERIOD_FACTOR * capacity;
  const counts = new Map<number, { count: number; turns: number }>();
  let accesses = 0;

  /** Turns that a key has had by now. */
  function turnsOf(key: number): number {
    return Math.floor((accesses + ((key * 7919) % period)) / period);
  }
  function of(key: number): number {
    const known = counts.get(key);
    return known === undefined ? 0 : Math.floor(known.count / 2 ** (turnsOf(key) - known.turns));
  }
  return {
    of,
    count(key) {
      accesses++;
      counts.set(key, { count: Math.min(MAX_FREQUENCY, of(key) + 1), turns: turnsOf(key) });
    },
  };
}
