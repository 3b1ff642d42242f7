/**
 * Seeded 32-bit hash of a whole string, for strings that nobody chooses to do harm: some collide under every seed. The
 * cache's own hash of keys is engine/key-hash.ts. Not cryptographic: identity is SHA-256, elsewhere.
 */

/** Maps a key to an unsigned 32-bit integer. A user's own function may return any integer; it is taken modulo 2^32. */
export type HashFunction = (key: string) => number;

/** FNV-1a over UTF-16 code units from a seeded basis, with the murmur3 finaliser so that low bits are usable. O(length). */
export function hashString(key: string, seed: number): number {
  let hash = (seed ^ 0x811c9dc5) | 0;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return mix32(hash ^ key.length);
}

/** murmur3's finaliser (Austin Appleby, public domain): every input bit reaches every output bit. */
export function mix32(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
