/**
 * LZ4 block compression through lz4-napi, a native addon that is loaded when compression is asked for and not before.
 * A compressed block begins with its raw length, 4 bytes little-endian, which the addon believes when it allocates: it
 * is held against the frame's own first. LZ4 has no levels.
 */
import { createRequire } from 'node:module';
import { CacheError, ConfigError } from '../core/errors.js';
import { asBuffer } from './as-buffer.js';
import type { Codec } from './codec.js';

/** What is used of lz4-napi. */
export interface Lz4Module {
  compressSync(data: Buffer): Buffer;
  uncompressSync(data: Uint8Array): Buffer;
}

const ID = 1;
const PREFIX_BYTES = 4;
/** A run of 255 further bytes costs one byte; a block may open with a few at a better rate. */
const MAX_EXPANSION = 255;
const EXPANSION_SLACK = 64;

/** The LZ4 codec. Throws ConfigError when the addon has no binary for this platform; `load` stands in for it in tests. */
export function createLz4Codec(load: () => Lz4Module = loadAddon): Codec {
  const addon = loadOrExplain(load);
  return {
    id: ID,
    name: 'lz4',
    compress: (bytes) => addon.compressSync(asBuffer(bytes)),
    decompress(bytes, rawLength) {
      const promised = bytes.length < PREFIX_BYTES ? undefined : asBuffer(bytes).readUInt32LE(0);
      if (promised !== rawLength) {
        throw new CacheError('an lz4 block of another length than its frame', { code: 'ERR_CODEC_FRAME_INVALID' });
      }
      return addon.uncompressSync(bytes);
    },
    maxRawLength: (compressedLength) => compressedLength * MAX_EXPANSION + EXPANSION_SLACK,
  };
}

function loadAddon(): Lz4Module {
  const require = createRequire(import.meta.url);
  return require('lz4-napi') as Lz4Module;
}

function loadOrExplain(load: () => Lz4Module): Lz4Module {
  try {
    return load();
  } catch (cause) {
    const issue = {
      path: 'compressionCodec',
      expected: `the lz4-napi binary for ${process.platform}-${process.arch}; 'deflate' needs none`,
      received: 'none that loads',
      setBy: 'withCompression(true)',
      suggestion: "withCompressionCodec('deflate')",
    };
    throw new ConfigError('the lz4 codec', [issue], { cause });
  }
}
