/**
 * Whose turn it is, by weight: smooth weighted round robin, as nginx spreads requests. Among the same candidates each
 * gets its share, and the turns of one are spread out evenly instead of coming in a row. Needs no randomness.
 */

/** One who takes turns. `credit` is the rotation's own; it starts at 0. */
export interface TurnTaker {
  /** Above 0; shares are weights over their sum. */
  readonly weight: number;
  credit: number;
}

/**
 * The one whose turn it is; undefined without candidates. Who is no candidate now neither gains nor loses.
 * Invariant: the credits of all sum up to 0. O(candidates).
 */
export function takeTurn<T extends TurnTaker>(candidates: readonly T[]): T | undefined {
  let best: T | undefined;
  let total = 0;
  for (const candidate of candidates) {
    candidate.credit += candidate.weight;
    total += candidate.weight;
    if (best === undefined || candidate.credit > best.credit) best = candidate;
  }
  if (best !== undefined) best.credit -= total;
  return best;
}
