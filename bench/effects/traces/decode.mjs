/** Decodes a trace: its distinct keys, and the accesses as indexes into them, in order. */
import { readUnpacked } from './decompress.mjs';

/**
 * @typedef {object} Trace
 * @property {string[]} keys the distinct ones, by first access
 * @property {Uint32Array} accesses indexes into `keys`
 */

/**
 * @param {string} path
 * @param {import('./catalogue.mjs').Format} format
 * @returns {Promise<Trace>}
 */
export async function decodeTrace(path, format) {
  return traceOf(DECODERS[format](await readUnpacked(path)));
}

/**
 * @param {Iterable<string | number | bigint>} ids one an access
 * @returns {Trace}
 */
export function traceOf(ids) {
  /** @type {Map<string | number | bigint, number>} */
  const indexes = new Map();
  const accesses = [];
  for (const id of ids) {
    let index = indexes.get(id);
    if (index === undefined) {
      index = indexes.size;
      indexes.set(id, index);
    }
    accesses.push(index);
  }
  return { keys: Array.from(indexes.keys(), String), accesses: Uint32Array.from(accesses) };
}

/** @type {Record<import('./catalogue.mjs').Format, (bytes: Buffer) => Iterable<string | number | bigint>>} */
const DECODERS = {
  /** A JSON object a line; each id in `hash_ids` stands for one block of 512 tokens and is one access. */
  *mooncake(bytes) {
    for (const line of linesOf(bytes)) yield* JSON.parse(line).hash_ids;
  },
  /** `start count ignored request`: `count` accesses from `start` on. */
  *arc(bytes) {
    for (const line of linesOf(bytes)) {
      const [start = Number.NaN, count = 0] = line.split(/\s+/).map(Number);
      for (let id = start; id < start + count; id++) yield id;
    }
  },
  /** One id a line; lines of a single `*` are marks. */
  *lines(bytes) {
    for (const line of linesOf(bytes)) if (line !== '*') yield line;
  },
  *int32(bytes) {
    for (let at = 0; at + 4 <= bytes.length; at += 4) yield bytes.readInt32BE(at);
  },
  *int64(bytes) {
    for (let at = 0; at + 8 <= bytes.length; at += 8) yield bytes.readBigInt64BE(at);
  },
};

/** Lines without surrounding space; empty ones are passed over. */
function* linesOf(/** @type {Buffer} */ bytes) {
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.toString('latin1', start, end).trim();
    if (line !== '') yield line;
    start = end + 1;
  }
}
