/**
 * The shapes of keys: each writes the key of a number into a buffer. Equal numbers give equal keys, different numbers
 * different ones. `random` is the yardstick; the others are what real traffic looks like.
 */
import { mix32 } from '../random.mjs';
import { CRAFTED_SHAPES, WIDE_SHAPES } from './crafted.mjs';
import { widen, writeDecimal, writeHex, writeRandom, writeText } from './writers.mjs';

/** @typedef {(buffer: Buffer, id: number) => number} KeyWriter writes the key of `id` at 0, returns its length in bytes */

/**
 * @typedef {object} KeyShape
 * @property {KeyWriter} write
 * @property {boolean} isWide a character takes two bytes (UTF-16, little endian) instead of one (Latin-1)
 */

const FIELDS = ['name', 'mail', 'avatar', 'settings', 'friends', 'history', 'tokens', 'limits'];
const PAGES = ['orders', 'invoices', 'products', 'reviews', 'addresses'];
const OPENING =
  'You are a careful assistant. Answer from the documents below and say so when they do not hold the answer. ' +
  'Keep the tone friendly and the answer short; quote figures exactly, name the page, and never guess. ';

/** @type {Record<string, KeyWriter>} */
export const KEY_SHAPES = {
  /** 24 to 64 characters of 64. */
  random: (buffer, id) => writeRandom(buffer, 0, 24 + (mix32(id ^ 0x51ab) % 41), id),

  /** user:N:profile:FIELD */
  user: (buffer, id) => {
    const at = writeDecimal(buffer, writeText(buffer, 0, 'user:'), Math.floor(id / FIELDS.length));
    return writeText(buffer, at, `:profile:${FIELDS[id % FIELDS.length]}`);
  },

  /** A long common head, one number in the middle, one at the end. */
  url: (buffer, id) => {
    const head = `https://api.example.com/v2/tenants/acme/${PAGES[id % PAGES.length]}/`;
    const at = writeDecimal(buffer, writeText(buffer, 0, head), 100_000_000 + Math.floor(id / 40));
    return writeDecimal(buffer, writeText(buffer, at, '/items?expand=lines&page='), 1 + (Math.floor(id / 5) % 8));
  },

  /** A prefix and a digest. */
  hash: (buffer, id) => writeHex(buffer, writeText(buffer, 0, 'sherd:answer:v1:'), 64, id),

  /** Consecutive numbers, written out. */
  digits: (buffer, id) => writeDecimal(buffer, 0, 1_000_000_000 + id),

  /** 8-4-4-4-12. */
  uuid: (buffer, id) => {
    const end = writeHex(buffer, 0, 36, id);
    for (const dash of [8, 13, 18, 23]) buffer[dash] = 45;
    buffer[14] = 52;
    return end;
  },

  /** About 2,000 characters of which only a number in the middle differs. */
  prompt: (buffer, id) => {
    let at = 0;
    for (let i = 0; i < 5; i++) at = writeText(buffer, at, OPENING);
    at = writeDecimal(buffer, writeText(buffer, at, 'Question '), id);
    for (let i = 0; i < 5; i++) at = writeText(buffer, at, OPENING);
    return at;
  },
};

const DOCUMENT = Buffer.alloc(65_536, OPENING, 'latin1');

/** Natural as well, but too long for caches of many entries. @type {Record<string, KeyWriter>} */
export const LONG_SHAPES = {
  /** A whole text as key, of which only a number in the middle differs. */
  document: (buffer, id) => {
    DOCUMENT.copy(buffer);
    writeDecimal(buffer, DOCUMENT.length / 2, 1_000_000 + id);
    return DOCUMENT.length;
  },
};

const SHAPES = { ...KEY_SHAPES, ...LONG_SHAPES, ...CRAFTED_SHAPES };

/** Where the two-byte characters of random keys begin. */
const WIDE_FROM = 0x4e00;

/**
 * By name: a natural shape, a crafted one, `random:44`, which is random characters of that length, or `random-wide:44`,
 * which is as many random two-byte characters.
 * @param {string} name
 * @returns {KeyShape}
 */
export function keyShape(name) {
  const [, wide, digits] = /^random(-wide)?:(\d+)$/.exec(name) ?? [];
  const length = Number(digits);
  if (wide !== undefined)
    return { write: (buffer, id) => widen(buffer, writeRandom(buffer, 0, length, id), WIDE_FROM), isWide: true };
  if (digits !== undefined) return { write: (buffer, id) => writeRandom(buffer, 0, length, id), isWide: false };
  const write = SHAPES[name];
  if (write !== undefined) return { write, isWide: WIDE_SHAPES.has(name) };
  throw new Error(`key shape '${name}' is unknown; known: ${Object.keys(SHAPES).join(', ')}`);
}

/**
 * The name of random keys as long and as wide as those of a shape: what these are measured against.
 * @param {string} name
 * @param {number} length
 */
export function randomLike(name, length) {
  return `${keyShape(name).isWide ? 'random-wide' : 'random'}:${length}`;
}
