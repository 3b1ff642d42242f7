/**
 * A cache as a store of Keyv: the adapter's verbs, a namespace, and nothing of Keyv itself.
 * Invariant: a store reads, iterates and clears its own namespace only, and no two namespaces share a key. What others
 * put into the cache belongs to the namespace before the first colon of its key.
 */
import { CacheError } from '../core/errors.js';
import { Emitter } from '../telemetry/emitter.js';
import { checkedKey } from './arguments.js';
import { type CacheOption, createShardedCache } from './create-sharded-cache.js';
import { nextTurn, SLICE_ENTRIES } from './slices.js';
import type { ShardedCache } from './types.js';

export interface KeyvStoreEntry {
  readonly key: string;
  readonly value: unknown;
  /** Milliseconds; absent: the cache's own time to live. 0 never expires. */
  readonly ttl?: number | undefined;
}

/** What Keyv expects of a store, and the cache beneath it. */
export interface KeyvStore {
  readonly cache: ShardedCache;
  /** Set by the Keyv that uses the store: so one store for each Keyv, over one cache if you like. */
  namespace: string | undefined;
  /** Keyv 5 lets a store iterate only if it knows its dialect; 'redis' stands for what can iterate over a namespace. */
  readonly opts: Record<string, unknown>;
  get<Value>(key: string): Promise<Value | undefined>;
  getMany<Value>(keys: readonly string[]): Promise<(Value | undefined)[]>;
  /**
   * `ttl` in milliseconds; absent: the cache's own time to live. False: not stored, and the 'error' listeners know why.
   * Rejects with CacheError for a malformed key, `undefined` or a ttl below 0.
   */
  set(key: string, value: unknown, ttl?: number): Promise<boolean>;
  /** One boolean an entry. What set() would reject with goes to the 'error' listeners; the other entries are stored. */
  setMany(entries: readonly KeyvStoreEntry[]): Promise<boolean[]>;
  /** The same, as Keyv 5 has its type. */
  setMany(entries: readonly KeyvStoreEntry[]): Promise<void>;
  delete(key: string): Promise<boolean>;
  /** True when every key was there. */
  deleteMany(keys: readonly string[]): Promise<boolean>;
  has(key: string): Promise<boolean>;
  hasMany(keys: readonly string[]): Promise<boolean[]>;
  /** Removes the entries of the namespace, or those without one. In slices, O(size of the cache). */
  clear(): Promise<void>;
  /** The entries of the namespace as it starts, but for those that leave meanwhile. In slices, O(size of the cache). */
  iterator<Value>(namespace?: string): AsyncGenerator<[string, Awaited<Value>], void>;
  /** Closes the cache if the store made it; a cache that was handed in stays open. */
  disconnect(): Promise<void>;
  /** Told of each entry that was not stored though its Keyv asked for it. */
  on(event: 'error', listener: (error: CacheError) => void): this;
  off(event: 'error', listener: (error: CacheError) => void): this;
}

/**
 * A store for Keyv 5 and 6, and so for cache-manager: `new Keyv({ store: createKeyvStore(cache) })`.
 * Takes a cache, which stays its owner's, or options for one of its own. Throws ConfigError like createShardedCache().
 * Without a ttl, Keyv's or one of the call, an entry lives as long as the cache's withTTL() says: 5 minutes by default.
 */
export function createKeyvStore(cache: ShardedCache): KeyvStore;
export function createKeyvStore(...options: readonly CacheOption[]): KeyvStore;
export function createKeyvStore(...given: readonly (ShardedCache | CacheOption)[]): KeyvStore {
  const [first] = given;
  if (given.length === 1 && isCache(first)) return new CacheKeyvStore(first, false);
  // A cache among options is refused there, with all else that is no option.
  return new CacheKeyvStore(createShardedCache(...(given as readonly CacheOption[])), true);
}

const NOT_STORED =
  'an entry was not stored: it is heavier than a limit allows, cannot be serialised, or the cache is closed';

class CacheKeyvStore implements KeyvStore {
  readonly cache: ShardedCache;
  readonly opts: Record<string, unknown> = { dialect: 'redis' };
  readonly #isOwner: boolean;
  readonly #emitter: Emitter<{ error: CacheError }> = new Emitter();
  #namespace: string | undefined;
  #prefix: string = prefixOf(undefined);

  constructor(cache: ShardedCache, isOwner: boolean) {
    this.cache = cache;
    this.#isOwner = isOwner;
  }

  get namespace(): string | undefined {
    return this.#namespace;
  }
  set namespace(namespace: string | undefined) {
    this.#prefix = prefixOf(namespace);
    this.#namespace = namespace;
  }

  async get<Value>(key: string): Promise<Value | undefined> {
    return this.cache.get(this.#scoped(key)) as Value | undefined;
  }
  async getMany<Value>(keys: readonly string[]): Promise<(Value | undefined)[]> {
    return keys.map((key) => this.cache.get(this.#scoped(key)) as Value | undefined);
  }

  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    return this.#put({ key, value, ttl });
  }

  setMany(entries: readonly KeyvStoreEntry[]): Promise<boolean[]>;
  setMany(entries: readonly KeyvStoreEntry[]): Promise<void>;
  async setMany(entries: readonly KeyvStoreEntry[]): Promise<unknown> {
    return entries.map((entry) => {
      try {
        return this.#put(entry);
      } catch (error) {
        // set() of a cache throws nothing else.
        this.#emitter.emit('error', error as CacheError);
        return false;
      }
    });
  }

  async delete(key: string): Promise<boolean> {
    return this.cache.delete(this.#scoped(key));
  }
  async deleteMany(keys: readonly string[]): Promise<boolean> {
    return keys.map((key) => this.cache.delete(this.#scoped(key))).every(Boolean);
  }

  async has(key: string): Promise<boolean> {
    return this.cache.has(this.#scoped(key));
  }
  async hasMany(keys: readonly string[]): Promise<boolean[]> {
    return keys.map((key) => this.cache.has(this.#scoped(key)));
  }

  async clear(): Promise<void> {
    await this.cache.invalidateByPattern(`${this.#prefix.replaceAll(/[*?\\]/g, '\\$&')}*`);
  }

  async *iterator<Value>(namespace?: string): AsyncGenerator<[string, Awaited<Value>], void> {
    const prefix = namespace === undefined ? this.#prefix : prefixOf(namespace);
    let examined = 0;
    for (const key of this.cache.keys()) {
      if (key.startsWith(prefix)) {
        const value = this.cache.peek(key);
        if (value !== undefined) yield [key.slice(prefix.length), value as Awaited<Value>];
      }
      if (++examined % SLICE_ENTRIES === 0) await nextTurn();
    }
  }

  async disconnect(): Promise<void> {
    if (this.#isOwner) await this.cache.close();
  }

  on(event: 'error', listener: (error: CacheError) => void): this {
    this.#emitter.on(event, listener);
    return this;
  }
  off(event: 'error', listener: (error: CacheError) => void): this {
    this.#emitter.off(event, listener);
    return this;
  }

  #put({ key, value, ttl }: KeyvStoreEntry): boolean {
    const isStored = this.cache.set(this.#scoped(key), value, ttl === undefined ? undefined : { ttl });
    if (!isStored) this.#emitter.emit('error', new CacheError(NOT_STORED, { code: 'ERR_CACHE_NOT_STORED' }));
    return isStored;
  }

  /** The key as it stands in the cache. What is no string goes on as it is, for the cache to refuse. */
  #scoped(key: string): string {
    return typeof key === 'string' ? this.#prefix + key : key;
  }
}

/** Ends at the first colon of a key, so that no key of one namespace is a key of another. Throws CacheError. */
function prefixOf(namespace: string | undefined): string {
  const escaped = checkedKey(namespace ?? '').replaceAll('%', '%25');
  return `${escaped.replaceAll(':', '%3A')}:`;
}

function isCache(given: ShardedCache | CacheOption | undefined): given is ShardedCache {
  return typeof (given as Partial<ShardedCache> | undefined)?.getOrLoad === 'function';
}
