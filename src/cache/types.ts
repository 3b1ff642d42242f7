/// <reference lib="esnext.disposable" preserve="true" />
/** The public face of the cache: what createShardedCache() gives. Types only. */
import type { Alert } from '../adaptive/alerts.js';
import type { Finding } from '../adaptive/finding.js';
import type { TunerDecision } from '../adaptive/tuner-decision.js';
import type { Duration } from '../core/units.js';
import type { Explained } from '../options/explain.js';
import type { CacheConfig } from './config.js';
import type { ResizeEvent } from './resizer.js';

export interface SetOptions {
  /** Overrides the default time to live; 0 never expires. */
  readonly ttl?: Duration;
  /** Names under which invalidateByTag() finds the entry. */
  readonly tags?: readonly string[];
  /** Bytes the value counts for, a whole number from 0, instead of the weigher's figure; key and overhead come on top. */
  readonly weight?: number;
  /**
   * What it costs to make the value again: a finite number from 0, in one unit for all of the cache, such as US dollars.
   * Eviction keeps what is worth more a weighed byte; what is worth 0 leaves first. Default: an entry counts as others
   * do on average. Under the eviction policy 'lru' only: under another, CacheError (ERR_CACHE_WORTH_UNSUPPORTED).
   */
  readonly worth?: number;
}

/** Ends a wait with the signal's reason; one that has aborted already changes nothing. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
}

/** Of callers who share a load, the one who started it says how its value is stored. An abort leaves the wait; the load itself is aborted only when nobody waits any more. */
export interface LoadOptions extends SetOptions, WaitOptions {
  /** Takes a value that expired at most this long ago: 0 to the cache's own window, which is the default. */
  readonly staleWhileRevalidate?: Duration;
}

/** What an expired value stands in for: one that is being made anew, or one that could not be made. */
export type StaleUse = 'while-revalidate' | 'if-error';

/** Loads the value of a key. `signal` aborts when nobody waits for the value any more. */
export type Loader<V> = (key: string, context: { readonly signal: AbortSignal }) => V | Promise<V>;

export interface CacheMetrics {
  /** Fractions 0..1 of the reads since the start; 0 without reads. */
  readonly hitRate: number;
  readonly missRate: number;
  /** Evictions a write, 0..1; 0 without writes. */
  readonly evictionRate: number;
  /** Milliseconds, over a sample of the calls; 0 without samples. */
  readonly avgGetLatency: number;
  readonly avgSetLatency: number;
  /** Weighed bytes of all entries. */
  readonly memoryUsage: number;
  readonly itemCount: number;
  /** Entries in each shard. */
  readonly shardBalance: readonly number[];
  readonly p50GetLatency: number;
  readonly p99GetLatency: number;
  readonly p50SetLatency: number;
  readonly p99SetLatency: number;
  /** Operations a second over the last minute. */
  readonly requestRate: number;
  readonly hits: number;
  readonly misses: number;
  readonly sets: number;
  readonly deletes: number;
  readonly evictions: number;
  readonly expirations: number;
  /** Sets that stored nothing. */
  readonly refusals: number;
  readonly loads: number;
  readonly loadFailures: number;
  /** Waits for a load slot (withMaxShardConcurrency). */
  readonly loadWaits: number;
  /** Expired values given (withStaleWhileRevalidate, withStaleIfError). */
  readonly staleHits: number;
  /** Loads in the background that failed; they are among loadFailures, too. */
  readonly refreshFailures: number;
  /** Alerts that stand: raised by withAlerts and not cleared. */
  readonly alerts: readonly Alert[];
  /** Errors of listeners, weighers, serializers and codecs that were contained. */
  readonly containedErrors: number;
  /** Bytes before compression over bytes after; 1 without compression. */
  readonly compressionRatio: number;
}

export interface CacheEvents<V> {
  readonly 'entry-evicted': { readonly key: string; readonly value: V };
  readonly 'entry-expired': { readonly key: string; readonly value: V };
  readonly 'shards-resized': ResizeEvent;
  readonly 'tuner-decided': TunerDecision;
  readonly alert: Alert;
  readonly 'alert-cleared': Alert;
  readonly closed: { readonly reason: 'closed' };
}

export interface ShardedCache<V = unknown> {
  get(key: string): V | undefined;
  /** As get, but neither counted nor shown to the eviction policy. */
  peek(key: string): V | undefined;
  has(key: string): boolean;
  /** False: not stored (too heavy, or the cache is closed); the key's old value is gone. Throws CacheError for a malformed key or undefined. */
  set(key: string, value: V, options?: SetOptions): boolean;
  delete(key: string): boolean;
  clear(): void;
  getMany(keys: Iterable<string>): Map<string, V>;
  /** Returns how many were stored. */
  setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): number;
  /** A snapshot of the keys. */
  keys(): IterableIterator<string>;
  /** Over a snapshot of the keys; entries that left meanwhile are passed over. */
  entries(): IterableIterator<[string, V]>;
  /**
   * The value, or the loader's; one load a key however many ask. Within the window of withStaleWhileRevalidate an expired
   * value is given at once, while one load that nobody waits for replaces it; within that of withStaleIfError it is given
   * when the load has failed. Beside getStale the one verb that gives expired values.
   */
  getOrLoad(key: string, loader: Loader<V>, options?: LoadOptions): Promise<V>;
  /**
   * A value that expired within the window of withStaleWhileRevalidate or withStaleIfError, or has not expired; for those
   * who load by other means than getOrLoad. Counted as a stale hit, and not shown to the eviction policy.
   */
  getStale(key: string, use: StaleUse): V | undefined;
  /** As get. The promise is for tiers behind this process's memory. */
  getAsync(key: string, options?: WaitOptions): Promise<V | undefined>;
  /** As set; what set throws is a rejection. */
  setAsync(key: string, value: V, options?: SetOptions & WaitOptions): Promise<boolean>;
  /** As delete. */
  deleteAsync(key: string, options?: WaitOptions): Promise<boolean>;
  /** Resolves when every write so far is where it is to be; without a tier that is at once. */
  flush(options?: WaitOptions): Promise<void>;
  /** Removes the entries set with this tag and what was made from them; resolves to how many carried it. In slices. */
  invalidateByTag(tag: string): Promise<number>;
  /** Removes the entries whose key matches: `*` any run, `?` one character, `\` escapes. In slices. */
  invalidateByPattern(glob: string): Promise<number>;
  /**
   * Declares that `key` was made from `source`: a set, delete or invalidation of `source` removes `key`, and what was
   * made from that, in the same call however much it is. An eviction or expiry is no change: it removes nothing else,
   * and later changes pass it. `source` may be any name. False when `key` is absent.
   */
  addDependency(key: string, source: string): boolean;
  /** Moves to this many shards (0 = CPU x 4; rounded up to a power of two, but with consistent hashing) in slices; resolves when done. */
  resize(shardCount: number): Promise<void>;
  /** Removes all expired entries in slices; resolves to how many. */
  cleanup(): Promise<number>;
  readonly size: number;
  readonly bytes: number;
  readonly capacity: number;
  readonly shardCount: number;
  /** Whether entries may come with a `worth`: under the eviction policy 'lru'. */
  readonly takesWorth: boolean;
  /**
   * Changes live settings; throws ConfigError, then nothing has changed. A lower limit holds at once: what is over it is
   * evicted in this call, O(evictions); who comes down a long way may do so in several calls.
   */
  tune(settings: Partial<CacheConfig<V>>): void;
  metrics(): CacheMetrics;
  /** Prometheus text of the metrics. */
  prometheus(): string;
  diagnose(): readonly Finding[];
  explain(): readonly Explained[];
  /** Decisions of the auto-tuner, oldest first, at most 1,000. */
  tunerHistory(): readonly TunerDecision[];
  /** Returns the function that ends the listening. Throws CacheError for a kind that there is not. */
  on<K extends keyof CacheEvents<V>>(kind: K, listener: (event: CacheEvents<V>[K]) => void): () => void;
  off<K extends keyof CacheEvents<V>>(kind: K, listener: (event: CacheEvents<V>[K]) => void): void;
  /** Resolves when running loads have settled, at most 5 s; later calls are misses or ClosedErrors. Idempotent. */
  close(): Promise<void>;
  [Symbol.dispose](): void;
}
