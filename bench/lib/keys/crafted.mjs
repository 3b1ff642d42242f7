/**
 * Keys made by someone who has read how this cache and others hash, but does not know the seed: a hash of a few places
 * that are learnt from the keys (src/engine/learn-places.ts), a sum of characters times secret odd numbers
 * (src/engine/key-hash.ts), and FNV-1a. Same contract as the shapes in shapes.mjs.
 *
 * one-place: long keys that differ in a single character, at any place: whoever samples characters rarely sees it.
 * unread: keys that differ only where learning never looks: neither near the ends nor at any of the places between.
 * shifting: keys that differ in one window, which moves on: whoever learns where keys differ has just learned the past.
 * taught: keys that teach one set of places, and then, when that is learnt, differ elsewhere, at unread places.
 * sparse: natural keys, and among them a few that differ at unread places: too few to be noticed.
 * high-bit: keys that differ everywhere, but nowhere in more than the highest bit of a character: times an odd number of
 *   32 bits that leaves 17 bits, so all sums of them fall on one value in 32,768, whatever the numbers.
 * fnv-1a: keys that all have one FNV-1a hash from the published basis.
 * any-seed: keys that all have one FNV-1a hash whatever the basis.
 */
import { mix32 } from '../random.mjs';
import { collideFromAnyBasis, collideFromBasis, writeMember } from './multicollisions.mjs';
import { writeHex, writeText } from './writers.mjs';

/** @typedef {import('./shapes.mjs').KeyWriter} KeyWriter */
/** @typedef {import('./multicollisions.mjs').Family} Family */

const ONE_PLACE_LENGTH = 2_048;
const PRINTABLE = 94;
const WINDOW = 6;
const WINDOW_KEYS = 4_096;
const SHIFTING_LENGTH = 512;
const LONG = 1_024;
/** Between the first characters, which are all looked at, and the first place beyond them, which also is. */
const UNREAD = 100;
const LESSON = 30_000;
/** One key in so many is a crafted one, once the hash has been learnt, and they all belong to a few groups. */
const SPARSE_SHARE = 40;
const SPARSE_FROM = 2_048;
const SPARSE_GROUPS = 32;
const HEAD = 24;
const HIGH_BIT_LENGTH = 40;
const [LOW, HIGH] = [0x61, 0x8061];

/** @type {Family | undefined} */
let fromBasis;
/** @type {Family | undefined} */
let fromAnyBasis;

/** @type {Record<string, KeyWriter>} */
export const CRAFTED_SHAPES = {
  /** Distinct for ids below 190,464. */
  'one-place': (buffer, id) => {
    buffer.fill(33, 0, ONE_PLACE_LENGTH);
    buffer[id % ONE_PLACE_LENGTH] = 34 + (Math.floor(id / ONE_PLACE_LENGTH) % (PRINTABLE - 1));
    return ONE_PLACE_LENGTH;
  },

  unread: (buffer, id) => {
    buffer.fill(120, 0, LONG);
    writeNumber(buffer, UNREAD, id);
    return LONG;
  },

  /** Distinct for all ids: the id stands in the window, and the window's place follows from it. */
  shifting: (buffer, id) => {
    buffer.fill(120, 0, SHIFTING_LENGTH);
    const window = Math.floor(id / WINDOW_KEYS);
    const places = Math.floor(SHIFTING_LENGTH / WINDOW) - 1;
    writeNumber(buffer, (window % places) * WINDOW, id);
    return SHIFTING_LENGTH;
  },

  taught: (buffer, id) => {
    buffer.fill(120, 0, LONG);
    writeNumber(buffer, id < LESSON ? 0 : UNREAD, id);
    return LONG;
  },

  sparse: (buffer, id) => {
    const isCrafted = id >= SPARSE_FROM && id % SPARSE_SHARE === 0;
    const group = Math.floor(id / SPARSE_SHARE) % SPARSE_GROUPS;
    buffer.fill(120, 0, LONG);
    writeHex(buffer, 0, HEAD, isCrafted ? group : id);
    if (isCrafted) writeNumber(buffer, UNREAD, id);
    return LONG;
  },

  /** Distinct for all ids: the first 32 places spell a mix of the id. */
  'high-bit': (buffer, id) => {
    const mixed = mix32(id);
    const more = mix32(mixed);
    for (let place = 0; place < HIGH_BIT_LENGTH; place++) {
      const bit = ((place < 32 ? mixed : more) >>> (place % 32)) & 1;
      buffer.writeUInt16LE(bit === 1 ? HIGH : LOW, 2 * place);
    }
    return 2 * HIGH_BIT_LENGTH;
  },

  /** Distinct for ids below 2^18. */
  'fnv-1a': (buffer, id) => {
    fromBasis ??= collideFromBasis();
    return writeMember(fromBasis, buffer, id);
  },

  /** Distinct for ids below 2^18. */
  'any-seed': (buffer, id) => {
    fromAnyBasis ??= collideFromAnyBasis();
    return writeMember(fromAnyBasis, buffer, id);
  },
};

/** Shapes of which a character is written as two bytes (UTF-16, little endian); of all others as one. */
export const WIDE_SHAPES = new Set(['high-bit']);

/**
 * Six digits of 36.
 * @param {Buffer} buffer
 * @param {number} at
 * @param {number} id
 */
function writeNumber(buffer, at, id) {
  writeText(buffer, at, id.toString(36).padStart(WINDOW, '0'));
}
