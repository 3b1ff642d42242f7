/** Random replacement, with a generator of its own (a linear congruential one, Knuth's MMIX constants). */
import type { Simulator } from './simulator.js';

export function createRandomReplacement(capacity: number, seed: number): Simulator {
  const places = new Map<number, number>();
  const keys: number[] = [];
  let state = BigInt(seed);
  function draw(bound: number): number {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number((state >> 33n) % BigInt(bound));
  }
  return {
    access(key) {
      if (places.has(key)) return true;
      let place = keys.length;
      if (place === capacity) {
        place = draw(capacity);
        places.delete(keys[place] as number);
      }
      keys[place] = key;
      places.set(key, place);
      return false;
    },
  };
}
