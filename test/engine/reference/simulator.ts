/**
 * What the reference simulators have in common. They are the published algorithms in their plainest form: Maps and
 * linked objects, a cache of `capacity` keys without values. They share no code with src, so that the policies of the
 * product can be held against them.
 */

export interface Simulator {
  /** Asks for a key, and takes it in when it is not there. True: it was there. */
  access(key: number): boolean;
}

/** Hits of all accesses in a row. */
export function countHits(simulator: Simulator, accesses: Uint32Array): number {
  let hits = 0;
  for (const key of accesses) if (simulator.access(key)) hits++;
  return hits;
}
