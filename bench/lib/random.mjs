/** Seeded randomness for scripts of operations and key bytes. Equal seeds give equal sequences on every machine. */

/**
 * Mixes an integer into 32 well-spread bits; a bijection (lowbias32, found by Chris Wellons).
 * @param {number} value
 */
export function mix32(value) {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** A sequence of mixed counters: fast, and good enough to choose keys. */
export class Random {
  /** @param {number} seed */
  constructor(seed) {
    this.key = mix32(seed ^ 0x9e3779b9);
    this.counter = 0;
  }

  /** Uniform in 0..2^32-1. */
  nextUint32() {
    this.counter = (this.counter + 1) | 0;
    return mix32(mix32(this.counter) ^ this.key);
  }

  /** Uniform in [0, 1). */
  next() {
    return this.nextUint32() / 2 ** 32;
  }

  /**
   * Uniform in 0..bound-1.
   * @param {number} bound
   */
  nextInt(bound) {
    return Math.floor(this.next() * bound);
  }

  /**
   * A shuffled copy.
   * @template T
   * @param {readonly T[]} items
   * @returns {T[]}
   */
  shuffled(items) {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.nextInt(i + 1);
      const item = /** @type {T} */ (order[i]);
      order[i] = /** @type {T} */ (order[j]);
      order[j] = item;
    }
    return order;
  }
}
