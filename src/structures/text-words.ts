/**
 * The characters of a long string as 32-bit words of two: one copy by the engine costs less than asking for each. There is
 * one buffer, so words are good until the next call.
 */

/** Characters read at a time; a multiple of WORD_GROUP words. */
const CHUNK = 2048;
/** Words come in groups of so many. */
export const WORD_GROUP = 4;
const bytes = /* @__PURE__ */ Buffer.alloc(2 * CHUNK);
const units = /* @__PURE__ */ new Uint16Array(bytes.buffer, bytes.byteOffset, CHUNK);
export const textWords: Int32Array = /* @__PURE__ */ new Int32Array(bytes.buffer, bytes.byteOffset, CHUNK / 2);

/** Puts what follows character `from` into textWords, as much as has room; the last group is filled up with zeros. Returns the words. */
export function readTextWords(text: string, from: number): number {
  const count = Math.min(CHUNK, text.length - from);
  bytes.write(count === text.length ? text : text.slice(from, from + count), 'utf16le');
  let end = count;
  for (; end % (2 * WORD_GROUP) !== 0; end++) units[end] = 0;
  return end >>> 1;
}
