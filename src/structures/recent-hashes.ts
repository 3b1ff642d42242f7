/**
 * Remembers the hashes that were added last, three bytes each: what a ghost queue needs, without a queue. Approximate:
 * it takes a strange hash for one of its own once in some thousand times, and forgets the oldest of a crowded bucket
 * early.
 *
 * The upper bits of a hash pick a bucket, the lower are its fingerprint. A bucket is a ring: its first word says where
 * the last fingerprint went, the next overwrites the oldest. Beside each fingerprint stands a stamp: how many hashes
 * had been added by then, in units that let the stamp come round only after several times the room.
 *
 *     words    [ 3 | f g h . . . ] [ 1 | k . . . ] ...
 *     stamps   [   | s s s . . . ] [   | s . . . ] ...
 */
import { mix32 } from '../core/hash.js';
import { NO_UINT8, NO_UINT16 } from './columns.js';

/** Words of a bucket. With room for so many hashes on average, few buckets overflow. */
const BUCKET_LENGTH = 16;
const BUCKET_ROOM = 13;
const RING_LENGTH = BUCKET_LENGTH - 1;
const STAMP_MASK = 0xff;
/** Ages up to the room are told apart in at most 2 ** AGE_BITS steps, a quarter of what a stamp can tell. */
const AGE_BITS = 6;

export class RecentHashes {
  /** How many of those added last count as remembered: 0 up to the room. */
  limit = 0;
  private words: Uint16Array = NO_UINT16;
  private stamps: Uint8Array = NO_UINT8;
  private bucketCount = 0;
  private added = 0;
  /** The stamp counts units of 2 ** unitShift hashes. */
  private unitShift = 0;

  /** Makes room for as many hashes, and forgets all: the words do not hold what would place them anew. O(room). */
  grow(room: number): void {
    // Few buckets are filled less evenly than many.
    this.bucketCount = Math.ceil(room / BUCKET_ROOM) + 2;
    this.words = new Uint16Array(this.bucketCount * BUCKET_LENGTH);
    this.stamps = new Uint8Array(this.bucketCount * BUCKET_LENGTH);
    this.unitShift = Math.max(0, 32 - Math.clz32(room) - AGE_BITS);
  }

  /** Remembers a hash in place of the oldest of its bucket. O(1). */
  add(hash: number): void {
    const { words } = this;
    const mixed = mix32(hash);
    const first = this.bucketOf(mixed);
    const last = words[first] as number;
    const next = last === RING_LENGTH ? 1 : last + 1;
    this.added = (this.added + 1) | 0;
    words[first] = next;
    words[first + next] = fingerprintOf(mixed);
    this.stamps[first + next] = this.added >>> this.unitShift;
  }

  /** Whether a hash is remembered; it is forgotten then. O(1). */
  take(hash: number): boolean {
    const { words } = this;
    const mixed = mix32(hash);
    const fingerprint = fingerprintOf(mixed);
    const first = this.bucketOf(mixed);
    for (let place = first + RING_LENGTH; place > first; place--) {
      if (words[place] !== fingerprint || this.ageOf(place) >= this.limit) continue;
      words[place] = 0;
      return true;
    }
    return false;
  }

  private bucketOf(mixed: number): number {
    return Math.floor((mixed * this.bucketCount) / 2 ** 32) * BUCKET_LENGTH;
  }

  /** Hashes added since, give or take a unit. */
  private ageOf(place: number): number {
    return (((this.added >>> this.unitShift) - (this.stamps[place] as number)) & STAMP_MASK) << this.unitShift;
  }
}

/** Never 0, which is an empty word. */
function fingerprintOf(mixed: number): number {
  return mixed & 0xffff || 1;
}
