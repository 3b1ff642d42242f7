/** Keys made by someone who has read how a hash chains characters with a public multiplier, but knows no seed. */

const FNV_PRIME = 0x01000193;

/**
 * `2 ** stages` keys of one length that all have one 32-bit FNV-1a hash from every basis: at each stage either of two
 * blocks of the characters 0 and 1 that add the same (Joux, "Multicollisions in iterated hash functions", 2004). Of
 * characters that differ in the lowest bit alone, what they add follows from the lowest bit of the state, and that from
 * the basis's.
 */
export function collidingFromAnyBasis(stages: number): string[] {
  let keys = [''];
  let state = 0;
  for (let stage = 0; stage < stages; stage++) {
    const { blocks, next } = findCollision(state);
    keys = keys.flatMap((key) => blocks.map((block) => key + block));
    state = next;
  }
  return keys;
}

/** Two keys of `2 ** doublings` characters that have one polynomial hash modulo 2^32 under any multiplier, from 11 doublings on (Thue-Morse). */
export function thueMorse(doublings: number): string[] {
  let [key, other] = ['a', 'b'];
  for (let i = 0; i < doublings; i++) [key, other] = [key + other, other + key];
  return [key, other];
}

export function fnv1a(state: number, key: string): number {
  let hash = state;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), FNV_PRIME);
  return hash;
}

function findCollision(state: number): { readonly blocks: readonly string[]; readonly next: number } {
  const seen = new Map<number, string>();
  for (let number = 0; ; number++) {
    const bits = Math.imul(number, 0x9e3779b1);
    const block = Array.from({ length: 28 }, (_, i) => String.fromCharCode((bits >>> i) & 1)).join('');
    const next = fnv1a(state, block);
    const other = seen.get(next);
    if (other !== undefined && other !== block) return { blocks: [other, block], next };
    seen.set(next, block);
  }
}
