/** What an entry weighs, in bytes: value, key and a fixed overhead. An estimate, but the sum of it is kept exactly. */
import { isLatin1 } from '../codec/latin1.js';
import type { Serializer } from '../codec/serializer.js';

/** What the store keeps of an entry: its place in the index, links, times and counters, in a shard of the expected size. */
const STORE_BYTES = 48;
/** Header of a string in V8, and what rounds it up to whole words, on average. A buffer has more of it, a number none. */
const STRING_BYTES = 20;
/** What an entry takes beyond the characters of its key and a value that is a string. */
export const ENTRY_OVERHEAD_BYTES: number = STORE_BYTES + 2 * STRING_BYTES;

/** V8 keeps a string in one byte a character unless one of them needs two. */
export function stringBytes(text: string): number {
  return isLatin1(text) ? text.length : text.length * 2;
}

/** The weight of an entry whose value weighs `bytes`; NaN, which no store takes, for what is no weight. */
export function entryBytes(keyBytes: number, bytes: unknown): number {
  return typeof bytes === 'number' && bytes >= 0 ? Math.ceil(bytes) + keyBytes + ENTRY_OVERHEAD_BYTES : Number.NaN;
}

/**
 * The built-in weigher: strings and buffers by their length, numbers and booleans 8, other values their serialised
 * length when `exact`, else nothing beyond the overhead: serialising only to count would cost more than it tells.
 */
export function weighValue(value: unknown, serializer: Serializer<unknown>, exact: boolean): number {
  if (typeof value === 'string') return stringBytes(value);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return value.byteLength;
  if (typeof value !== 'object' && typeof value !== 'function') return 8;
  return exact && value !== null ? serializer.serialize(value).byteLength : 0;
}
