/**
 * Makes keys as a server meets them: flat one-byte strings whose hash nobody has computed yet. A key that is made here is
 * to be used once and dropped (or kept by a cache): a second use would find its hash already there.
 */
import { keyShape } from './shapes.mjs';

const LONGEST = 16_384;

export class KeyMaker {
  /** @param {string} shape a name of KEY_SHAPES */
  constructor(shape) {
    this.write = keyShape(shape);
    this.buffer = Buffer.alloc(LONGEST);
  }

  /**
   * A fresh string for the key of `id`, 0..2^32-1.
   * @param {number} id
   */
  make(id) {
    return this.buffer.latin1Slice(0, this.write(this.buffer, id));
  }

  /**
   * @param {number} count
   * @param {number} firstId
   * @returns {string[]}
   */
  makeMany(count, firstId = 0) {
    return Array.from({ length: count }, (_, index) => this.make(firstId + index));
  }
}
