/**
 * Values to bytes and back. The default writes strings and byte arrays as they are behind a one-byte tag and leaves the
 * rest to the structured clone of node:v8: plain data, Map, Set, Date, typed arrays, cycles; functions are refused,
 * and instances of classes come back as plain objects.
 */
import { deserialize, serialize } from 'node:v8';
import { CacheError } from '../core/errors.js';
import { asBuffer } from './as-buffer.js';

export interface Serializer<V> {
  serialize(value: V): Uint8Array;
  /** The value of bytes that serialize() made. May keep views into `bytes`, which are its own. */
  deserialize(bytes: Uint8Array): V;
}

const TAG = { clone: 0, string: 1, buffer: 2, byteArray: 3 } as const;

/** Throws CacheError for a value that cannot be cloned (ERR_CODEC_VALUE_INVALID) and for foreign bytes (ERR_CODEC_FRAME_INVALID). */
export const defaultSerializer: Serializer<unknown> = {
  serialize(value) {
    // UTF-8 would make lone surrogates equal: such strings are cloned.
    if (typeof value === 'string' && value.isWellFormed()) return tagged(TAG.string, Buffer.from(value, 'utf8'));
    if (Buffer.isBuffer(value)) return tagged(TAG.buffer, value);
    if (isPlainByteArray(value)) return tagged(TAG.byteArray, value);
    return tagged(TAG.clone, clone(value));
  },
  deserialize(bytes) {
    const body = bytes.subarray(1);
    switch (bytes[0]) {
      case TAG.string:
        return asBuffer(body).toString('utf8');
      case TAG.buffer:
        return asBuffer(body);
      case TAG.byteArray:
        return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
      case TAG.clone:
        return restore(body);
      default:
        throw new CacheError('bytes without a known tag', { code: 'ERR_CODEC_FRAME_INVALID' });
    }
  },
};

function tagged(tag: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + body.length);
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
    return serialize(value);
  } catch {
    // V8's message quotes the value, so it stays behind.
    throw new CacheError('a value with something in it that cannot be cloned, such as a function', {
      code: 'ERR_CODEC_VALUE_INVALID',
    });
  }
}

function restore(bytes: Uint8Array): unknown {
  try {
    return deserialize(bytes);
  } catch (cause) {
    throw new CacheError('bytes that are no serialised value', { code: 'ERR_CODEC_FRAME_INVALID', cause });
  }
}
