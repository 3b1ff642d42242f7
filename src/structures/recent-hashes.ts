/**
 * Remembers the hashes that were added last, two bytes each: what a ghost queue needs, without a queue. Approximate: it
 * takes a strange hash for one of its own once in some thousand times, and forgets the hashes of a crowded bucket early,
 * those of a quiet one late.
 *
 * The upper bits of a hash pick a bucket, the lower are its fingerprint. A bucket is a ring: its first word says where
 * the last fingerprint went, the next overwrites the oldest.
 *
 *     words   [ 3 | f g h . . . ] [ 1 | k ... ] ...
 */
import { mix32 } from '../core/hash.js';
import { NO_UINT16 } from './columns.js';

const BUCKET_LENGTH = 16;
const RING_LENGTH = BUCKET_LENGTH - 1;

export class RecentHashes {
  private words: Uint16Array = NO_UINT16;
  private bucketCount = 0;

  /** Remembers about so many from now on, and forgets all: fingerprints do not say where they would belong. O(count). */
  grow(count: number): void {
    this.bucketCount = Math.ceil(count / RING_LENGTH);
    this.words = new Uint16Array(this.bucketCount * BUCKET_LENGTH);
  }

  /** Remembers a hash in place of the oldest of its bucket. O(1). */
  add(hash: number): void {
    const { words } = this;
    const mixed = mix32(hash);
    const first = this.bucketOf(mixed);
    const last = words[first] as number;
    const next = last === RING_LENGTH ? 1 : last + 1;
    words[first] = next;
    words[first + next] = fingerprintOf(mixed);
  }

  /** Whether a hash is remembered; it is forgotten then. O(1). */
  take(hash: number): boolean {
    const { words } = this;
    const mixed = mix32(hash);
    const fingerprint = fingerprintOf(mixed);
    const first = this.bucketOf(mixed);
    for (let place = first + RING_LENGTH; place > first; place--) {
      if (words[place] !== fingerprint) continue;
      words[place] = 0;
      return true;
    }
    return false;
  }

  private bucketOf(mixed: number): number {
    return Math.floor((mixed * this.bucketCount) / 2 ** 32) * BUCKET_LENGTH;
  }
}

/** Never 0, which is an empty word. */
function fingerprintOf(mixed: number): number {
  return mixed & 0xffff || 1;
}
