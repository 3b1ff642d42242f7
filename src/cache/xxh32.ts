/** xxHash32 as a hash function: faster than the built-in one on long keys. Loaded when asked for. */
import type { HashFunction } from '../core/hash.js';

/** For `withHashFunction(await xxh32())`. Loads xxhash-wasm. The seed, 0..2^32-1, should not be known to who chooses keys. */
export async function xxh32(seed = 0): Promise<HashFunction> {
  const { default: xxhash } = await import('xxhash-wasm');
  const { h32 } = await xxhash();
  return (key) => h32(key, seed);
}
