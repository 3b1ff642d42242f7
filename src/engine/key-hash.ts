/**
 * The hash of keys: seeded, 32 bits, over the characters at a few places where keys are known to differ, or over the
 * whole key, or a user's own made safe. It routes and places; whoever finds by it compares the full key.
 * Why places: of `user:1234567:profile`, seven characters tell keys apart, and reading the others costs as much again.
 * It is the sum of each character times a secret odd number of its place (multilinear: Lemire & Kaser, "Strongly
 * universal string hashing is fast", 2014): no two keys meet under more than a small share of the seeds, which no chain
 * over the characters with a public multiplier can say. Of a product, the upper bits tell characters apart, and the higher
 * the bit in which those differ the fewer are left: so the upper byte of a character has a multiplier of its own.
 * Not a PRF: who sees hashes, or times many calls, can learn it.
 */
import { type HashFunction, mix32 } from '../core/hash.js';
import { createRandom } from '../core/random.js';
import { readTextWords, textWords, WORD_GROUP } from '../structures/text-words.js';

/** Characters with a multiplier of their own, no fewer than places there may be; of longer keys, whole, all are shared by some. */
const MAX_SUMMED = 64;
/** Characters of one byte: they need no second sum. */
const MAX_NARROW = 0xff;
/** Bits of a user's hash that stay as they are, since they choose the shard. */
const OWN_BITS = 0xffff;

export class KeyHash {
  /** Where to read, in rising order, from the start (0 is the first) or, below 0, from the end (-1 is the last). Undefined: everywhere. */
  readonly places: Int32Array | undefined;
  readonly isCustom: boolean;
  private readonly seed: number;
  /**
   * One a place, one for the length, and one a place for the upper byte. Odd: keys that differ in one narrow character, or
   * in length alone, never meet.
   */
  private readonly multipliers: Int32Array;
  private readonly custom: HashFunction | undefined;

  constructor(seed: number, places: Int32Array | undefined, custom?: HashFunction) {
    const random = createRandom(seed);
    this.seed = seed | 0;
    this.multipliers = Int32Array.from({ length: 2 * MAX_SUMMED + 1 }, () => random.nextInt(2 ** 32) | 1);
    this.places = places;
    this.custom = custom;
    this.isCustom = custom !== undefined;
  }

  /** A signed 32-bit integer, which V8 passes on without a box, always the same for equal keys. O(places), or O(length). */
  of(key: string): number {
    const { places, multipliers } = this;
    if (places === undefined) return this.custom === undefined ? this.ofWhole(key) : this.ofCustom(key);
    const { length } = key;
    let sum = this.startOf(length);
    let seen = 0;
    for (let i = 0; i < places.length; i++) {
      let place = places[i] as number;
      if (place < 0) place += length;
      // Of a negative number, the unsigned form is beyond any length.
      if (place >>> 0 < length) {
        const code = key.charCodeAt(place);
        seen |= code;
        sum = (sum + Math.imul(code, multipliers[i] as number)) | 0;
      }
    }
    if (seen > MAX_NARROW) sum = (sum + this.upperBytesAt(key, places)) | 0;
    return mix32(sum) | 0;
  }

  private ofWhole(key: string): number {
    const { length } = key;
    if (length > MAX_SUMMED) return this.ofLong(key);
    const { multipliers } = this;
    let sum = this.startOf(length);
    let seen = 0;
    for (let i = 0; i < length; i++) {
      const code = key.charCodeAt(i);
      seen |= code;
      sum = (sum + Math.imul(code, multipliers[i] as number)) | 0;
    }
    if (seen > MAX_NARROW) sum = (sum + this.upperBytesAt(key, undefined)) | 0;
    return mix32(sum) | 0;
  }

  /** The sum of the upper bytes at these places, or everywhere, each times a number of its own. */
  private upperBytesAt(key: string, places: Int32Array | undefined): number {
    const { multipliers } = this;
    const { length } = key;
    const count = places === undefined ? length : places.length;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      let place = places === undefined ? i : (places[i] as number);
      if (place < 0) place += length;
      if (place >>> 0 >= length) continue;
      sum = (sum + Math.imul(key.charCodeAt(place) >>> 8, multipliers[MAX_SUMMED + 1 + i] as number)) | 0;
    }
    return sum;
  }

  /** Sums of eight characters, each mixed before the next: the same multipliers come again, and would else cancel out. */
  private ofLong(key: string): number {
    const { length } = key;
    const { multipliers } = this;
    const m0 = multipliers[0] as number;
    const m1 = multipliers[1] as number;
    const m2 = multipliers[2] as number;
    const m3 = multipliers[3] as number;
    const m4 = multipliers[4] as number;
    const m5 = multipliers[5] as number;
    const m6 = multipliers[6] as number;
    const m7 = multipliers[7] as number;
    const mixer = multipliers[8] as number;
    let sum = this.startOf(length);
    for (let from = 0; from < length; ) {
      const count = readTextWords(key, from);
      for (let i = 0; i < count; i += WORD_GROUP) {
        const a = textWords[i] as number;
        const b = textWords[i + 1] as number;
        const c = textWords[i + 2] as number;
        const d = textWords[i + 3] as number;
        const first = Math.imul(a & 0xffff, m0) + Math.imul(a >>> 16, m1) + Math.imul(b & 0xffff, m2);
        const second = Math.imul(b >>> 16, m3) + Math.imul(c & 0xffff, m4) + Math.imul(c >>> 16, m5);
        const third = Math.imul(d & 0xffff, m6) + Math.imul(d >>> 16, m7);
        sum = (Math.imul(sum ^ (sum >>> 15), mixer) + first + second + third) | 0;
      }
      from += 2 * count;
    }
    return mix32(sum) | 0;
  }

  private startOf(length: number): number {
    return (this.seed + Math.imul(length, this.multipliers[MAX_SUMMED] as number)) | 0;
  }

  /**
   * Any integer modulo 2^32, its upper half replaced by a mix of all bits: an index places keys by it, and many a hash
   * has most of its variety below. A function that throws, or answers with anything but a number, gives that key 0: the
   * cache stays right, if slow. It must be pure: a key whose hash changes is not found again.
   */
  private ofCustom(key: string): number {
    let own = 0;
    try {
      own = (this.custom as HashFunction)(key) | 0;
    } catch {
      // 0 it is.
    }
    return (mix32(own) & ~OWN_BITS) | (own & OWN_BITS);
  }
}
