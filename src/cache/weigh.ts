/** What an entry weighs, in bytes: value, key and a fixed overhead. An estimate, but the sum of it is kept exactly. */
import { isLatin1 } from '../codec/latin1.js';
import type { Serializer } from '../codec/serializer.js';

/** Index, links, times and counters of one entry. */
export const ENTRY_OVERHEAD_BYTES = 96;

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
