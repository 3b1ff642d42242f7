/**
 * How values stand in the store: as they are, or as frames of bytes of which each read gives a fresh copy.
 * encode, decode and weigh may throw what a user's serializer or weigher throws; the cache contains it.
 */
import { defaultSerializer, type Serializer } from '../codec/serializer.js';
import type { CacheConfig } from './config.js';
import { ENTRY_OVERHEAD_BYTES, stringBytes, weighValue } from './weigh.js';

export interface StoredValues<V> {
  /** Values stand as they are: decode() may be left out. */
  readonly isPlain: boolean;
  encode(value: V): unknown;
  decode(stored: unknown): V;
  /** Whole bytes of an entry: value, key and overhead. */
  weigh(key: string, value: V, stored: unknown): number;
  /** Serialised bytes over stored bytes, of all values encoded so far; 1 when nothing is compressed. */
  readonly compressionRatio: number;
}

export function createStoredValues<V>(config: Readonly<CacheConfig<V>>): StoredValues<V> {
  return new PlainValues(config);
}

class PlainValues<V> implements StoredValues<V> {
  readonly isPlain: boolean = true;
  readonly compressionRatio: number = 1;
  readonly #config: Readonly<CacheConfig<V>>;
  readonly #serializer: Serializer<V>;
  readonly #isExact: boolean;

  constructor(config: Readonly<CacheConfig<V>>) {
    this.#config = config;
    this.#serializer = config.serializer ?? (defaultSerializer as Serializer<V>);
    this.#isExact = config.maxBytes !== undefined || config.maxEntryBytes !== undefined;
  }
  encode(value: V): unknown {
    return value;
  }
  decode(stored: unknown): V {
    return stored as V;
  }
  weigh(key: string, value: V): number {
    const { weigher } = this.#config;
    const bytes = weigher === undefined ? weighValue(value, this.#serializer, this.#isExact) : weigher(value, key);
    return entryBytes(key, bytes);
  }
}

/** The weight of an entry whose value weighs `bytes`; NaN, which no store takes, for a weigher's answer that is no weight. */
function entryBytes(key: string, bytes: number): number {
  return bytes >= 0 ? Math.ceil(bytes) + stringBytes(key) + ENTRY_OVERHEAD_BYTES : Number.NaN;
}
