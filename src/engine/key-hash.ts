/** The hash that routes keys to shards: seeded and over the whole key, or a user's own made safe. */
import { type HashFunction, hashString } from '../core/hash.js';
import { createRandom } from '../core/random.js';

/**
 * Any integer modulo 2^32. A custom function that throws, or answers with anything but a number, routes that key to
 * shard 0: the cache stays right, if slow. It must be pure: a key whose hash changes is not found again.
 */
export function createKeyHash(seed: number, custom: HashFunction | undefined): HashFunction {
  if (custom === undefined) {
    const basis = createRandom(seed).nextInt(2 ** 32);
    return (key) => hashString(key, basis);
  }
  return (key) => {
    try {
      return custom(key) >>> 0;
    } catch {
      return 0;
    }
  };
}
