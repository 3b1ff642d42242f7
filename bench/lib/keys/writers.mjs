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
  return at + buffer.latin1Write(text, at);
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
