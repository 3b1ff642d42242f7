/** Deflate and brotli from node:zlib. Slower than LZ4 and denser; both have levels. */
import { brotliCompressSync, brotliDecompressSync, constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Codec } from './codec.js';

/** RFC 1951 codes a run of 258 bytes in no less than two bits. */
const DEFLATE_MAX_EXPANSION = 1032;

/** Raw deflate (RFC 1951). Level 0 (stored) to 9 (densest). */
export function createDeflateCodec(level: number): Codec {
  return {
    id: 2,
    name: 'deflate',
    compress: (bytes) => deflateRawSync(bytes, { level }),
    decompress: (bytes, rawLength) => inflateRawSync(bytes, { maxOutputLength: Math.max(1, rawLength) }),
    maxRawLength: (compressedLength) => compressedLength * DEFLATE_MAX_EXPANSION,
  };
}

/** Brotli (RFC 7932). Level 0 to 9, of its 11: the last two cost more than a cache can repay. */
export function createBrotliCodec(level: number): Codec {
  return {
    id: 3,
    name: 'brotli',
    compress: (bytes) =>
      brotliCompressSync(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: level, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      }),
    decompress: (bytes, rawLength) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, rawLength) }),
    // The format sets no bound; zlib allocates as the output grows and stops at the promised length.
    maxRawLength: () => Number.POSITIVE_INFINITY,
  };
}
