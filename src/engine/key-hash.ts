/**
 * The hash of keys: seeded, 32 bits, over the characters at a few places where keys are known to differ, or over the
 * whole key, or a user's own made safe. It routes and places; whoever finds by it compares the full key.
 * Why places: of `user:1234567:profile`, seven characters tell keys apart, and reading the others costs as much again.
 */
import { type HashFunction, hashString, mix32 } from '../core/hash.js';

const FNV_PRIME = 0x01000193;

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

  /** An unsigned 32-bit integer, always the same for equal keys. O(places), or O(length). */
  of(key: string): number {
    const { places } = this;
    if (places === undefined) return this.custom === undefined ? hashString(key, this.seed) : this.ofCustom(key);
    const { length } = key;
    let hash = this.seed ^ length;
    for (let i = 0; i < places.length; i++) {
      let place = places[i] as number;
      if (place < 0) place += length;
      // Of a negative number, the unsigned form is beyond any length.
      if (place >>> 0 < length) hash = Math.imul(hash ^ key.charCodeAt(place), FNV_PRIME);
    }
    return mix32(hash);
  }

  /**
   * Any integer modulo 2^32. A function that throws, or answers with anything but a number, gives that key 0: the
   * cache stays right, if slow. It must be pure: a key whose hash changes is not found again.
   */
  private ofCustom(key: string): number {
    try {
      return (this.custom as HashFunction)(key) >>> 0;
    } catch {
      return 0;
    }
  }
}
