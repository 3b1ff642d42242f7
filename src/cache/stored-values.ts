/**
 * How values stand in the store: as they are, or as frames of bytes of which each read gives a fresh copy.
 * encode, decode and weigh may throw what a user's serializer or weigher throws; the cache contains it.
 */

import type { Codec } from '../codec/codec.js';
import { decodeEnvelope, type EnvelopeOptions, encodeEnvelope } from '../codec/envelope.js';
import { createLz4Codec } from '../codec/lz4.js';
import { defaultSerializer, type Serializer } from '../codec/serializer.js';
import { createBrotliCodec, createDeflateCodec } from '../codec/zlib-codecs.js';
import { assertNever } from '../core/assert.js';
import { CacheError } from '../core/errors.js';
import type { CacheConfig } from './config.js';
import { LAST_FAST_LEVEL } from './scope.js';
import { weighValue } from './weigh.js';

export interface StoredValues<V> {
  /** Values stand as they are: decode() may be left out. */
  readonly isPlain: boolean;
  encode(value: V): unknown;
  decode(stored: unknown): V;
  /** Bytes of the value; whatever a user's weigher answers. */
  weigh(key: string, value: V, stored: unknown): unknown;
  /** Weighs objects by their serialised length from now on, or not: a limit in bytes has been set or not. */
  setExact(isExact: boolean): void;
  /** Serialised bytes over stored bytes, of all values encoded so far; 1 when nothing is compressed. */
  readonly compressionRatio: number;
}

export function createStoredValues<V>(config: Readonly<CacheConfig<V>>): StoredValues<V> {
  return config.compression ? new FramedValues(config) : new PlainValues(config);
}

class PlainValues<V> implements StoredValues<V> {
  readonly isPlain: boolean = true;
  readonly compressionRatio: number = 1;
  readonly #weigher: CacheConfig<V>['weigher'];
  readonly #serializer: Serializer<V>;
  #isExact: boolean;

  constructor(config: Readonly<CacheConfig<V>>) {
    this.#weigher = config.weigher;
    this.#serializer = config.serializer ?? (defaultSerializer as Serializer<V>);
    this.#isExact = isLimited(config);
  }
  setExact(isExact: boolean): void {
    this.#isExact = isExact;
  }
  encode(value: V): unknown {
    return value;
  }
  decode(stored: unknown): V {
    return stored as V;
  }
  weigh(key: string, value: V): unknown {
    const weigher = this.#weigher;
    return weigher === undefined ? weighValue(value, this.#serializer, this.#isExact) : weigher(value, key);
  }
}

/** Compressed values: serialised, framed, and checked when read. */
class FramedValues<V> implements StoredValues<V> {
  readonly isPlain: boolean = false;
  readonly #weigher: CacheConfig<V>['weigher'];
  readonly #serializer: Serializer<V>;
  readonly #envelope: EnvelopeOptions;
  #rawBytes = 0;
  #storedBytes = 0;

  constructor(config: Readonly<CacheConfig<V>>) {
    this.#weigher = config.weigher;
    this.#serializer = config.serializer ?? (defaultSerializer as Serializer<V>);
    this.#envelope = { codec: codecOf(config), thresholdBytes: config.compressionThresholdBytes };
  }
  get compressionRatio(): number {
    return this.#storedBytes === 0 ? 1 : this.#rawBytes / this.#storedBytes;
  }
  encode(value: V): unknown {
    const raw = this.#serializer.serialize(value);
    if (!(raw instanceof Uint8Array)) {
      throw new CacheError('a serializer gives a Uint8Array', { code: 'ERR_CODEC_VALUE_INVALID' });
    }
    const framed = encodeEnvelope(raw, this.#envelope);
    this.#rawBytes += raw.length;
    this.#storedBytes += framed.length;
    return framed;
  }
  decode(stored: unknown): V {
    // Only encode() puts values into the store.
    return this.#serializer.deserialize(decodeEnvelope(stored as Uint8Array, this.#envelope));
  }
  weigh(key: string, value: V, stored: unknown): unknown {
    return this.#weigher === undefined ? (stored as Uint8Array).length : this.#weigher(value, key);
  }
  /** Frames are weighed by their length in any case. */
  setExact(): void {}
}

/** True when the sum of the weights decides what is kept. */
export function isLimited({ maxBytes, maxEntryBytes }: Pick<CacheConfig, 'maxBytes' | 'maxEntryBytes'>): boolean {
  return maxBytes !== undefined || maxEntryBytes !== undefined;
}

/** LZ4 has no levels, so 'auto' turns to deflate where more effort is asked for. */
function codecOf({
  compressionCodec,
  compressionLevel,
}: Pick<CacheConfig, 'compressionCodec' | 'compressionLevel'>): Codec {
  switch (compressionCodec) {
    case 'lz4':
      return createLz4Codec();
    case 'deflate':
      return createDeflateCodec(compressionLevel);
    case 'brotli':
      return createBrotliCodec(compressionLevel);
    case 'auto':
      return compressionLevel > LAST_FAST_LEVEL ? createDeflateCodec(compressionLevel) : createLz4Codec();
    default:
      return assertNever(compressionCodec);
  }
}
