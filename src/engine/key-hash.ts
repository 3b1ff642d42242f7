/**
 * The hash of keys: seeded, 32 bits, over the characters at a few places where keys are known to differ, or over the
 * whole key, or a user's own made safe. It routes and places; whoever finds by it compares the full key.
 * Why places: of `user:1234567:profile`, seven characters tell keys apart, and reading the others costs as much again.
 */
import { type HashFunction, hashString, mix32 } from '../core/hash.js';

const FNV_PRIME = 0x01000193;
/** Bits of a user's hash that stay as they are, since they choose the shard. */
const OWN_BITS = 0xffff;

export class KeyHash {
  /** Where to read, in rising order, from the start (0 is the first) or, below 0, from the end (-1 is the last). Undefined: everywhere. */
  readonly places: Int32Array | undefined;
  readonly isCustom: boolean;
  private readonly seed: number;
  private readonly custom: HashFunction | undefined;

  constructor(seed: number, places: Int32Array | undefined, custom?: HashFunction) {
    this.seed = seed;
    this.places = places;
    this.custom = custom;
    this.isCustom = custom !== undefined;
  }

  /** A signed 32-bit integer, which V8 passes on without a box, always the same for equal keys. O(places), or O(length). */
  of(key: string): number {
    const { places } = this;
    if (places === undefined) return this.custom === undefined ? hashString(key, this.seed) | 0 : this.ofCustom(key);
    const { length } = key;
    // Multiplied before a character comes in: else what a length changes, the first character could undo.
    let hash = Math.imul(this.seed ^ length, FNV_PRIME);
    for (let i = 0; i < places.length; i++) {
      let place = places[i] as number;
      if (place < 0) place += length;
      // Of a negative number, the unsigned form is beyond any length.
      if (place >>> 0 < length) hash = Math.imul(hash ^ key.charCodeAt(place), FNV_PRIME);
    }
    return mix32(hash) | 0;
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
