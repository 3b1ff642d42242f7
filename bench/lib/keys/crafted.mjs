/**
 * Keys made by someone who knows how caches hash, but not this cache's seed. Same contract as the shapes in shapes.mjs.
 *
 * one-place: long keys that differ in a single character, at any place: whoever samples characters rarely sees it.
 * shifting: keys that differ in one window, which moves on: whoever learns where keys differ has just learned the past.
 * fnv-1a: keys that all have one 32-bit FNV-1a hash from the published basis (Joux's multicollisions, CRYPTO 2004).
 */
import { writeHex, writeText } from './writers.mjs';

/** @typedef {import('./shapes.mjs').KeyWriter} KeyWriter */

const ONE_PLACE_LENGTH = 2_048;
const PRINTABLE = 94;
const WINDOW = 6;
const WINDOW_KEYS = 4_096;
const SHIFTING_LENGTH = 512;
const STAGES = 18;
const BLOCK = 5;

/** @type {Buffer | undefined} */
let blocks;

/** @type {Record<string, KeyWriter>} */
export const CRAFTED_SHAPES = {
  /** Distinct for ids below 190,464. */
  'one-place': (buffer, id) => {
    buffer.fill(33, 0, ONE_PLACE_LENGTH);
    buffer[id % ONE_PLACE_LENGTH] = 34 + (Math.floor(id / ONE_PLACE_LENGTH) % (PRINTABLE - 1));
    return ONE_PLACE_LENGTH;
  },

  /** Distinct for all ids: the window's number stands in the middle, the id in the window. */
  shifting: (buffer, id) => {
    buffer.fill(120, 0, SHIFTING_LENGTH);
    const window = Math.floor(id / WINDOW_KEYS);
    const places = Math.floor(SHIFTING_LENGTH / WINDOW) - 1;
    writeText(buffer, (window % places) * WINDOW, id.toString(36).padStart(WINDOW, '0'));
    return SHIFTING_LENGTH;
  },

  /** Distinct for ids below 2^18. */
  'fnv-1a': (buffer, id) => {
    blocks ??= findCollidingBlocks();
    for (let stage = 0; stage < STAGES; stage++) {
      const from = (2 * stage + ((id >>> stage) & 1)) * BLOCK;
      blocks.copy(buffer, stage * BLOCK, from, from + BLOCK);
    }
    return STAGES * BLOCK;
  },
};

/**
 * For each stage two blocks that lead from the stage's state to one and the same next state: 2^STAGES keys, one hash.
 * By the birthday paradox some 2^16 tries a stage are enough.
 */
function findCollidingBlocks() {
  const found = Buffer.alloc(2 * STAGES * BLOCK);
  const block = Buffer.alloc(BLOCK);
  let state = 0x811c9dc5 | 0;
  for (let stage = 0; stage < STAGES; stage++) {
    /** @type {Map<number, number>} */
    const seen = new Map();
    for (let attempt = 0; ; attempt++) {
      writeHex(block, 0, BLOCK, attempt);
      const next = fnv1a(state, block);
      const other = seen.get(next);
      if (other !== undefined && !sameBlock(other, attempt)) {
        writeHex(found, 2 * stage * BLOCK, BLOCK, other);
        writeHex(found, (2 * stage + 1) * BLOCK, BLOCK, attempt);
        state = next;
        break;
      }
      seen.set(next, attempt);
    }
  }
  return found;
}

/**
 * @param {number} state
 * @param {Buffer} bytes
 */
function fnv1a(state, bytes) {
  let hash = state;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}

/**
 * @param {number} left
 * @param {number} right
 */
function sameBlock(left, right) {
  const [one, other] = [Buffer.alloc(BLOCK), Buffer.alloc(BLOCK)];
  writeHex(one, 0, BLOCK, left);
  writeHex(other, 0, BLOCK, right);
  return one.equals(other);
}
