/**
 * The frame around stored bytes, so that a torn, foreign or lying one is an error and never an answer.
 *
 *     0      2         3       4            8          12
 *     | "Sh" | version | codec | raw length | checksum | payload ...
 *
 * Numbers are little-endian; the checksum is the CRC-32 of the raw bytes. The raw length is held against the limit
 * and against what the payload can hold before anything is allocated. Detects accidents, not forgery.
 */
import { zlib } from '../core/builtins.js';
import { CacheError } from '../core/errors.js';
import { asBuffer } from './as-buffer.js';
import type { Codec } from './codec.js';

export const HEADER_BYTES = 12;
const MAGIC = 0x6853;
const VERSION = 1;
const NOT_COMPRESSED = 0;
/** Compressed bytes over raw bytes above which the raw ones are kept. */
const WORTHWHILE_RATIO = 0.9;
const MAX_RAW_BYTES = 2 ** 32 - 1;

export interface EnvelopeOptions {
  /** Compresses, and reads what it compressed. Without one, bytes are framed as they are. */
  readonly codec?: Codec | undefined;
  /** Shorter input is not compressed. Default 1024 bytes. */
  readonly thresholdBytes?: number | undefined;
  /** Longer input is neither framed nor believed. Default and greatest: 2^32 - 1 bytes. */
  readonly maxRawBytes?: number | undefined;
}

/** Frames `raw`, compressed when that saves at least 10 %. Throws CacheError when it is longer than the limit. */
export function encodeEnvelope(raw: Uint8Array, options: EnvelopeOptions): Uint8Array {
  if (raw.length > limitOf(options)) throw invalid(`${raw.length} bytes, more than the limit of ${limitOf(options)}`);
  const { codec } = options;
  if (codec !== undefined && raw.length >= (options.thresholdBytes ?? 1024)) {
    const payload = codec.compress(raw);
    if (payload.length <= raw.length * WORTHWHILE_RATIO) return writeFrame(raw, codec.id, payload);
  }
  return writeFrame(raw, NOT_COMPRESSED, raw);
}

/** The raw bytes of a frame, in memory nobody else holds. Throws CacheError for anything encodeEnvelope has not made. */
export function decodeEnvelope(bytes: Uint8Array, options: EnvelopeOptions): Uint8Array {
  if (bytes.length < HEADER_BYTES) throw invalid(`${bytes.length} bytes, shorter than a header`);
  const frame = asBuffer(bytes);
  if (frame.readUInt16LE(0) !== MAGIC) throw invalid('no magic number');
  if (frame.readUInt8(2) !== VERSION) throw invalid(`version ${frame.readUInt8(2)}, not ${VERSION}`);
  const rawLength = frame.readUInt32LE(4);
  if (rawLength > limitOf(options)) throw invalid(`a length of ${rawLength}, above the limit of ${limitOf(options)}`);
  const raw = unpack(frame.subarray(HEADER_BYTES), frame.readUInt8(3), rawLength, options.codec);
  if (raw.length !== rawLength) throw invalid(`${raw.length} bytes where the header promises ${rawLength}`);
  if (zlib().crc32(raw) !== frame.readUInt32LE(8)) throw invalid('a checksum that does not fit');
  return raw;
}

/** The one allocation of an entry: exactly as long as what is stored, and no view of a pool that would be kept alive. */
function writeFrame(raw: Uint8Array, codecId: number, payload: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafeSlow(HEADER_BYTES + payload.length);
  frame.writeUInt16LE(MAGIC, 0);
  frame.writeUInt8(VERSION, 2);
  frame.writeUInt8(codecId, 3);
  frame.writeUInt32LE(raw.length, 4);
  frame.writeUInt32LE(zlib().crc32(raw), 8);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

function unpack(payload: Uint8Array, codecId: number, rawLength: number, codec: Codec | undefined): Uint8Array {
  if (codecId === NOT_COMPRESSED) return new Uint8Array(payload);
  if (codecId !== codec?.id) throw invalid(`codec ${codecId}, not ${codec?.name ?? 'uncompressed bytes'}`);
  if (rawLength > codec.maxRawLength(payload.length)) {
    throw invalid(`a length of ${rawLength}, which ${payload.length} bytes of ${codec.name} cannot hold`);
  }
  try {
    return codec.decompress(payload, rawLength);
  } catch (cause) {
    throw invalid(`a payload that ${codec.name} cannot read`, cause);
  }
}

function limitOf(options: EnvelopeOptions): number {
  return Math.min(options.maxRawBytes ?? MAX_RAW_BYTES, MAX_RAW_BYTES);
}

function invalid(what: string, cause?: unknown): CacheError {
  return new CacheError(`not a frame of this cache: ${what}`, { code: 'ERR_CODEC_FRAME_INVALID', cause });
}
