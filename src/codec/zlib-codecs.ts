/** Deflate and brotli from node:zlib. Slower than LZ4 and denser; both have levels. */
import type { BrotliOptions, ZlibOptions } from 'node:zlib';
import { zlib } from '../core/builtins.js';
import type { Codec } from './codec.js';

/** RFC 1951 codes a run of 258 bytes in no less than two bits. */
const DEFLATE_MAX_EXPANSION = 1032;
/** What zlib takes for a piece of output. */
const MIN_CHUNK_BYTES = 64;
/** A frame that lies about its length gets no more than this before the lie is found out. */
const MAX_CHUNK_BYTES = 2 ** 20;
/** Brotli's own bounds of the window, the upper one being its default. */
const MIN_WINDOW_BITS = 10;
const MAX_WINDOW_BITS = 22;
/** RFC 7932, section 9.1: a window is so much shorter than its power of two. */
const WINDOW_GAP_BYTES = 16;

/** Raw deflate (RFC 1951). Level 0 (stored) to 9 (densest). */
export function createDeflateCodec(level: number): Codec {
  return {
    id: 2,
    name: 'deflate',
    compress: (bytes) => zlib().deflateRawSync(bytes, { level }),
    decompress: (bytes, rawLength) => zlib().inflateRawSync(bytes, outputOf(rawLength)),
    maxRawLength: (compressedLength) => compressedLength * DEFLATE_MAX_EXPANSION,
  };
}

/** Brotli (RFC 7932). Level 0 to 9, of its 11: the last two cost more than a cache can repay. */
export function createBrotliCodec(level: number): Codec {
  return {
    id: 3,
    name: 'brotli',
    compress(bytes) {
      const { brotliCompressSync, constants } = zlib();
      return brotliCompressSync(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: level,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
          [constants.BROTLI_PARAM_LGWIN]: windowBitsFor(bytes.length),
        },
      });
    },
    decompress: (bytes, rawLength) => zlib().brotliDecompressSync(bytes, outputOf(rawLength)),
    // The format sets no bound; zlib allocates as the output grows and stops at the promised length.
    maxRawLength: () => Number.POSITIVE_INFINITY,
  };
}

/**
 * The output is one piece of the promised length where that is not much. It has room for one byte more: zlib takes a piece
 * that is full for a sign that there is more to come.
 */
function outputOf(rawLength: number): ZlibOptions & BrotliOptions {
  const chunkSize = Math.min(Math.max(rawLength + 1, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES);
  return { maxOutputLength: Math.max(1, rawLength), chunkSize };
}

/** The smallest window that reaches from the last byte to the first: a larger one finds nothing more and must be set up. */
function windowBitsFor(length: number): number {
  const bits = 32 - Math.clz32(length + WINDOW_GAP_BYTES - 1);
  return Math.min(Math.max(bits, MIN_WINDOW_BITS), MAX_WINDOW_BITS);
}
