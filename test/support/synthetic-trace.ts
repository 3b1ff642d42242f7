/** A made-up trace that has what real ones have: favourites that change, keys asked for once, and loops. */
import { createRandom } from '../../src/core/random.js';

const FAVOURITES = 2000;
const LOOP = 700;

/** Keys as numbers. Equal seeds give equal traces. */
export function createSyntheticTrace(length: number, seed: number): Uint32Array {
  const random = createRandom(seed);
  let newest = 10 ** 6;
  return Uint32Array.from({ length }, (_, i) => {
    const kind = random.nextInt(10);
    if (kind === 0) return newest++;
    if (kind === 1) return 10 ** 5 + (i % LOOP);
    // Every so often other keys are the favourites.
    const era = Math.floor(i / 10_000);
    return (Math.floor(FAVOURITES * random.next() ** 3) + era * 300) % (2 * FAVOURITES);
  });
}
