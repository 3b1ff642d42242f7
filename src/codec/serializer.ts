/** Values to bytes and back. The default takes strings and buffers directly and everything else through node:v8. */
import { deserialize, serialize } from 'node:v8';
import { CacheError } from '../core/errors.js';

export interface Serializer<V> {
  serialize(value: V): Uint8Array;
  deserialize(bytes: Uint8Array): V;
}

const TAG_STRING = 1;
const TAG_BUFFER = 2;
const TAG_STRUCTURED = 3;

/** One tag byte, then UTF-8, raw bytes or V8's structured format. Lone surrogates and class instances are V8's to keep or lose. */
export const defaultSerializer: Serializer<unknown> = {
  serialize(value) {
    if (typeof value === 'string' && value.isWellFormed()) return tagged(TAG_STRING, Buffer.from(value));
    if (Buffer.isBuffer(value)) return tagged(TAG_BUFFER, value);
    return tagged(TAG_STRUCTURED, serialize(value));
  },
  deserialize(bytes) {
    const payload = Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.byteLength - 1);
    switch (bytes[0]) {
      case TAG_STRING:
        return payload.toString();
      case TAG_BUFFER:
        return Buffer.from(payload);
      case TAG_STRUCTURED:
        return deserialize(payload);
      default:
        throw new CacheError('stored bytes have an unknown tag', { code: 'ERR_CODEC_FRAME_INVALID' });
    }
  },
};

function tagged(tag: number, payload: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(payload.byteLength + 1);
  bytes[0] = tag;
  bytes.set(payload, 1);
  return bytes;
}
