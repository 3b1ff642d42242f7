/**
 * Values to bytes and back. The default writes strings and byte arrays as they are behind a one-byte tag and leaves the
 * rest to the structured clone of node:v8: plain data, Map, Set, Date, typed arrays, cycles; functions are refused,
 * and instances of classes come back as plain objects. A clone needs no tag of ours: V8 begins it with a byte of its own.
 */
import { v8 } from '../core/builtins.js';
import { CacheError } from '../core/errors.js';
import { asBuffer } from './as-buffer.js';
import { isLatin1 } from './latin1.js';
import { Scratch } from './scratch.js';

export interface Serializer<V> {
  /** The bytes of the value. They are read before the next call, and may be gone after it. */
  serialize(value: V): Uint8Array;
  /** The value of bytes that serialize() made. May keep views into `bytes`, which are its own. */
  deserialize(bytes: Uint8Array): V;
}

const TAG = { utf8: 1, buffer: 2, byteArray: 3, latin1: 4, clone: 0xff } as const;
/** Longer values are written into memory of their own, which costs little beside what is done with them. */
const MAX_SCRATCH_BYTES = 2 ** 20;
const scratch = new Scratch(MAX_SCRATCH_BYTES);

/** Throws CacheError for a value that cannot be cloned (ERR_CODEC_VALUE_INVALID) and for foreign bytes (ERR_CODEC_FRAME_INVALID). */
export const defaultSerializer: Serializer<unknown> = {
  serialize(value) {
    if (typeof value === 'string') {
      if (isLatin1(value)) return writeText(TAG.latin1, value, 'latin1', value.length);
      // UTF-8 would make lone surrogates equal: such strings are cloned.
      if (value.isWellFormed()) return writeText(TAG.utf8, value, 'utf8', Buffer.byteLength(value, 'utf8'));
    } else if (Buffer.isBuffer(value)) {
      return writeBytes(TAG.buffer, value);
    } else if (isPlainByteArray(value)) {
      return writeBytes(TAG.byteArray, value);
    }
    return clone(value);
  },
  deserialize(bytes) {
    switch (bytes[0]) {
      case TAG.latin1:
        return asBuffer(bytes).toString('latin1', 1);
      case TAG.utf8:
        return asBuffer(bytes).toString('utf8', 1);
      case TAG.buffer:
        return asBuffer(bytes.subarray(1));
      case TAG.byteArray:
        return new Uint8Array(bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1);
      case TAG.clone:
        return restore(bytes);
      default:
        throw new CacheError('bytes without a known tag', { code: 'ERR_CODEC_FRAME_INVALID' });
    }
  },
};

function writeText(tag: number, text: string, encoding: 'latin1' | 'utf8', length: number): Uint8Array {
  const bytes = scratch.take(1 + length);
  bytes[0] = tag;
  bytes.write(text, 1, encoding);
  return bytes;
}

function writeBytes(tag: number, body: Uint8Array): Uint8Array {
  const bytes = scratch.take(1 + body.length);
  bytes[0] = tag;
  bytes.set(body, 1);
  return bytes;
}

/** A subclass would come back as its base. */
function isPlainByteArray(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && Object.getPrototypeOf(value) === Uint8Array.prototype;
}

function clone(value: unknown): Uint8Array {
  try {
    return v8().serialize(value);
  } catch {
    // V8's message quotes the value, so it stays behind.
    throw new CacheError('a value with something in it that cannot be cloned, such as a function', {
      code: 'ERR_CODEC_VALUE_INVALID',
    });
  }
}

function restore(bytes: Uint8Array): unknown {
  try {
    return v8().deserialize(bytes);
  } catch (cause) {
    throw new CacheError('bytes that are no serialised value', { code: 'ERR_CODEC_FRAME_INVALID', cause });
  }
}
