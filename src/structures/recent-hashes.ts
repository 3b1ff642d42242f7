/**
 * Remembers the hashes that were added last, a word each: what a ghost queue needs, without a queue. Approximate: it
 * takes a strange hash for one of its own now and then, and forgets the oldest of a crowded bucket early.
 *
 * Words lie in buckets, picked by the upper bits of a hash. A word is a fingerprint of the lower bits, never 0, above a
 * stamp: how many hashes had been added by then, in units that let the stamp come round only after many times the room.
 * So a word is overwritten long before its stamp could look young again.
 */
import { ceilPowerOfTwo } from '../core/bits.js';
import { mix32 } from '../core/hash.js';
import { NO_INT32 } from './columns.js';

/** Words of a bucket: a cache line. With room for so many hashes on average, few buckets overflow. */
const BUCKET_LENGTH = 16;
const BUCKET_ROOM = 13;
/** Lower bits of a word. */
const STAMP_BITS = 12;
const STAMP_MASK = 2 ** STAMP_BITS - 1;
/** Ages up to the room are told apart in at most 2 ** AGE_BITS steps. */
const AGE_BITS = 8;

export class RecentHashes {
  /** How many of those added last count as remembered: 0 up to the room. */
  limit = 0;
  private words: Int32Array = NO_INT32;
  private bucketCount = 0;
  private added = 0;
  /** The stamp counts units of 2 ** unitShift hashes. */
  private unitShift = 0;
  private unit = 1;

  /** Makes room for as many hashes, and forgets all: the words do not hold what would place them anew. O(room). */
  grow(room: number): void {
    this.bucketCount = Math.ceil(room / BUCKET_ROOM);
    this.words = new Int32Array(this.bucketCount * BUCKET_LENGTH);
    this.unitShift = Math.max(0, Math.log2(ceilPowerOfTwo(room)) - AGE_BITS);
    this.unit = 2 ** this.unitShift;
  }

  /** Remembers a hash in place of the oldest of its bucket. O(1). */
  add(hash: number): void {
    const { words } = this;
    const mixed = mix32(hash);
    this.added = (this.added + 1) | 0;
    const first = this.bucketOf(mixed);
    let oldest = first;
    let greatestAge = -1;
    for (let place = first; place < first + BUCKET_LENGTH; place++) {
      const age = this.ageOf(words[place] as number);
      if (age > greatestAge) {
        oldest = place;
        greatestAge = age;
      }
    }
    words[oldest] = fingerprintOf(mixed) | ((this.added >>> this.unitShift) & STAMP_MASK);
  }

  /** Whether a hash is remembered; it is forgotten then. O(1). */
  take(hash: number): boolean {
    const { words } = this;
    const mixed = mix32(hash);
    const fingerprint = fingerprintOf(mixed);
    const first = this.bucketOf(mixed);
    for (let place = first; place < first + BUCKET_LENGTH; place++) {
      const word = words[place] as number;
      if ((word & ~STAMP_MASK) !== fingerprint || this.ageOf(word) >= this.limit) continue;
      words[place] = 0;
      return true;
    }
    return false;
  }

  private bucketOf(mixed: number): number {
    return Math.floor((mixed * this.bucketCount) / 2 ** 32) * BUCKET_LENGTH;
  }

  /** Hashes added since, give or take a unit; of an empty word more than of any other. */
  private ageOf(word: number): number {
    if (word === 0) return Number.POSITIVE_INFINITY;
    return (((this.added >>> this.unitShift) - word) & STAMP_MASK) * this.unit;
  }
}

function fingerprintOf(mixed: number): number {
  return (mixed | 1) << STAMP_BITS;
}
