/** Small writers of characters into a buffer, from which key shapes are made. Each returns the position after it. */
import { mix32 } from '../random.mjs';

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_', 'latin1');
const HEX = Buffer.from('0123456789abcdef', 'latin1');

/**
 * @param {Buffer} buffer
 * @param {number} at
 * @param {string} text
 */
export function writeText(buffer, at, text) {
  return at + buffer.write(text, at, 'latin1');
}

/**
 * `count` characters of 64, from a stream that differs for every `seed` and `id`.
 * @param {Buffer} buffer
 * @param {number} at
 * @param {number} count
 * @param {number} id
 */
export function writeRandom(buffer, at, count, id) {
  const end = at + count;
  const low = mix32(id);
  const high = mix32(id ^ 0x5bd1e995);
  let bits = 0;
  for (let position = at, block = 0; position < end; position++) {
    if ((position - at) % 5 === 0) bits = mix32(low + Math.imul(++block, 0x9e3779b1)) ^ high;
    buffer[position] = /** @type {number} */ (ALPHABET[bits & 63]);
    bits >>>= 6;
  }
  return end;
}

/**
 * Makes the `count` one-byte characters at 0 two-byte ones (UTF-16, little endian), each `up` further on. Returns the
 * position after them.
 * @param {Buffer} buffer
 * @param {number} count
 * @param {number} up
 */
export function widen(buffer, count, up) {
  // From the end, so that none is overwritten before its turn.
  for (let i = count - 1; i >= 0; i--) buffer.writeUInt16LE(up + /** @type {number} */ (buffer[i]), 2 * i);
  return 2 * count;
}

/**
 * `count` hexadecimal digits that differ for every `id`.
 * @param {Buffer} buffer
 * @param {number} at
 * @param {number} count
 * @param {number} id
 */
export function writeHex(buffer, at, count, id) {
  const end = at + count;
  let bits = 0;
  for (let position = at, block = 0; position < end; position++) {
    if ((position - at) % 8 === 0) bits = mix32(mix32(id) + block++);
    buffer[position] = /** @type {number} */ (HEX[bits & 15]);
    bits >>>= 4;
  }
  return end;
}

/**
 * The decimal digits of a whole number, 0..2^53.
 * @param {Buffer} buffer
 * @param {number} at
 * @param {number} number
 */
export function writeDecimal(buffer, at, number) {
  let count = 1;
  for (let rest = Math.floor(number / 10); rest > 0; rest = Math.floor(rest / 10)) count++;
  let rest = number;
  for (let position = at + count - 1; position >= at; position--) {
    buffer[position] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return at + count;
}
