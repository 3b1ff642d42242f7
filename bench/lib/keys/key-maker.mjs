/**
 * Makes keys as a server meets them: flat strings whose hash nobody has computed yet, one-byte ones unless their shape is wide. A key that is made here is
 * to be used once and dropped (or kept by a cache): a second use would find its hash already there.
 */
import { keyShape } from './shapes.mjs';

const LONGEST = 131_072;
const BATCH_BYTES = 2 ** 20;

export class KeyMaker {
  /** @param {string} shape as keyShape() knows it */
  constructor(shape) {
    const { write, isWide } = keyShape(shape);
    this.write = write;
    /** @type {'utf16le' | 'latin1'} */
    this.encoding = isWide ? 'utf16le' : 'latin1';
    this.buffer = Buffer.alloc(LONGEST);
  }

  /**
   * A fresh string for the key of `id`, 0..2^32-1.
   * @param {number} id
   */
  make(id) {
    return this.buffer.toString(this.encoding, 0, this.write(this.buffer, id));
  }

  /**
   * Characters of a typical key: the mean of some.
   * @param {number} ids below which the shape's keys are taken
   */
  typicalLength(ids) {
    const sample = Array.from({ length: 100 }, (_, index) => this.make(Math.floor((index * ids) / 100)).length);
    return Math.round(sample.reduce((sum, length) => sum + length, 0) / sample.length);
  }

  /**
   * How many keys to make at a time, at most `most`: less than the young generation holds, so that making them does not
   * decide what is timed.
   * @param {number} ids below which the shape's keys are taken
   * @param {number} most
   */
  batchLength(ids, most) {
    return Math.max(1, Math.min(most, Math.floor(BATCH_BYTES / this.typicalLength(ids))));
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
