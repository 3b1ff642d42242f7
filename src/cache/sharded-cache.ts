/**
 * The cache over one store: the public verbs, with expiry times, weights, relations and events. Storage is the store's
 * affair, running loads are those of `loads`, work in slices goes through `queue`.
 * Invariant: listeners and collectors run when an operation is complete, never inside the store.
 */
import type { Finding } from '../adaptive/finding.js';
import type { TunerDecision } from '../adaptive/tuner-decision.js';
import type { Clock } from '../core/clock.js';
import { CacheError, ClosedError } from '../core/errors.js';
import { takesWorth } from '../engine/create-policy.js';
import type { PolicyName } from '../engine/policy.js';
import type { RemovalReason, Store } from '../engine/store.js';
import type { Explained } from '../options/explain.js';
import type { Resolved } from '../options/resolve.js';
import type { Emitter } from '../telemetry/emitter.js';
import { checkedKeyBytes, checkedTags, checkedWeight, checkedWorth, checkListener } from './arguments.js';
import { settleOnClose } from './closing.js';
import type { CacheConfig, MetricsCollector } from './config.js';
import { Departures } from './departures.js';
import { Invalidation } from './invalidation.js';
import type { Lifetimes } from './lifetimes.js';
import { Loads } from './loads.js';
import { metricsOf } from './metrics.js';
import type { OperationLog } from './operation-log.js';
import { prometheusText } from './prometheus-text.js';
import { type ReadThroughParts, readStale, readThrough } from './read-through.js';
import type { Resizer } from './resizer.js';
import type { SliceQueue } from './slices.js';
import { StaleReads } from './stale-reads.js';
import { isLimited, type StoredValues } from './stored-values.js';
import type { Supervisor } from './supervisor.js';
import type {
  CacheEvents,
  CacheMetrics,
  Loader,
  LoadOptions,
  SetOptions,
  ShardedCache,
  StaleUse,
  WaitOptions,
} from './types.js';
import { entryBytes } from './weigh.js';

export interface CacheParts<V> {
  readonly resolved: Resolved<CacheConfig<V>>;
  readonly store: Store<unknown>;
  readonly values: StoredValues<V>;
  readonly lifetimes: Lifetimes;
  readonly log: OperationLog;
  readonly emitter: Emitter<CacheEvents<V>>;
  readonly queue: SliceQueue;
  readonly resizer: Resizer;
  readonly supervisor: Supervisor;
}

export class LocalShardedCache<V> implements ShardedCache<V> {
  private readonly parts: CacheParts<V>;
  private readonly store: Store<unknown>;
  private readonly stale: StaleReads;
  /** The store, or `stale` while expired entries are kept. */
  private reads: Pick<Store<unknown>, 'get'>;
  private readonly values: StoredValues<V>;
  private readonly clock: Clock;
  private readonly log: OperationLog;
  private readonly collector: MetricsCollector | undefined;
  private readonly loads: Loads<V>;
  private readonly readThroughParts: ReadThroughParts<V>;
  private readonly invalidation: Invalidation;
  private readonly departures: Departures<V>;
  private readonly policy: PolicyName;
  private readonly lifetimes: Lifetimes;
  private isWatched = false;
  private closing: Promise<void> | undefined;

  constructor(parts: CacheParts<V>) {
    const { config } = parts.resolved;
    this.parts = parts;
    this.store = parts.store;
    this.stale = new StaleReads(parts.store, config);
    this.reads = this.stale.keptMs === 0 ? this.store : this.stale;
    this.values = parts.values;
    this.clock = config.clock;
    this.log = parts.log;
    this.collector = config.metricsCollector;
    this.policy = config.evictionPolicy;
    this.lifetimes = parts.lifetimes;
    this.departures = new Departures(parts.emitter, config.metricsCollector, parts.values, parts.log);
    this.loads = new Loads({
      clock: config.clock,
      settings: () => parts.resolved.config,
      shardOf: (key) => parts.store.shardOf(key),
      store: (key, value, options) => this.keepLoaded(key, value, options),
    });
    this.readThroughParts = {
      loads: this.loads,
      stale: this.stale,
      clock: config.clock,
      policy: this.policy,
      assertOpen: () => this.assertOpen('getOrLoad'),
      get: (key) => this.get(key),
      decode: (key, stored) => this.decode(key, stored),
    };
    this.invalidation = new Invalidation({
      store: parts.store,
      clock: config.clock,
      loads: this.loads,
      queue: parts.queue,
      keptMs: () => this.stale.keptMs,
      tellDepartures: () => this.departures.tell(),
    });
    if (this.collector !== undefined) this.watch();
  }

  get size(): number {
    return this.store.size;
  }
  get bytes(): number {
    return this.store.bytes;
  }
  get capacity(): number {
    return this.store.capacity;
  }
  get shardCount(): number {
    return this.store.shardCount;
  }
  get takesWorth(): boolean {
    return takesWorth(this.policy);
  }

  get(key: string): V | undefined {
    if (!this.log.isSampled()) return this.read(key);
    const startMs = this.log.start();
    const value = this.read(key);
    this.log.endGet(startMs);
    return value;
  }

  peek(key: string): V | undefined {
    if (typeof key !== 'string') return undefined;
    const stored = this.store.peek(key, this.clock.nowMs());
    return stored === undefined ? undefined : this.decode(key, stored);
  }

  has(key: string): boolean {
    return typeof key === 'string' && this.store.has(key, this.clock.nowMs());
  }

  set(key: string, value: V, options?: SetOptions): boolean {
    if (!this.log.isSampled()) return this.write(key, value, options);
    const startMs = this.log.start();
    const isStored = this.write(key, value, options);
    this.log.endSet(startMs);
    return isStored;
  }

  delete(key: string): boolean {
    if (typeof key !== 'string') return false;
    const isDeleted = this.invalidation.remove(key);
    this.departures.tell();
    return isDeleted;
  }

  clear(): void {
    this.loads.overtakeAll(() => true);
    this.store.clear();
    this.invalidation.clear();
    this.departures.tell();
  }

  getMany(keys: Iterable<string>): Map<string, V> {
    const found = new Map<string, V>();
    for (const key of keys) {
      const value = this.get(key);
      if (value !== undefined) found.set(key, value);
    }
    return found;
  }

  setMany(entries: Iterable<readonly [string, V]>, options?: SetOptions): number {
    let stored = 0;
    for (const [key, value] of entries) if (this.set(key, value, options)) stored++;
    return stored;
  }

  keys(): IterableIterator<string> {
    return this.store.keys(this.clock.nowMs()).values();
  }

  entries(): IterableIterator<[string, V]> {
    return this.entriesOf(this.keys());
  }

  getOrLoad(key: string, loader: Loader<V>, options?: LoadOptions): Promise<V> {
    return readThrough(this.readThroughParts, key, loader, options);
  }

  getStale(key: string, use: StaleUse): V | undefined {
    return typeof key === 'string' ? readStale(this.readThroughParts, key, this.stale.windowMs(use)) : undefined;
  }

  async getAsync(key: string, options?: WaitOptions): Promise<V | undefined> {
    options?.signal?.throwIfAborted();
    return this.get(key);
  }

  async setAsync(key: string, value: V, options?: SetOptions & WaitOptions): Promise<boolean> {
    options?.signal?.throwIfAborted();
    return this.set(key, value, options);
  }

  async deleteAsync(key: string, options?: WaitOptions): Promise<boolean> {
    options?.signal?.throwIfAborted();
    return this.delete(key);
  }

  async flush(options?: WaitOptions): Promise<void> {
    options?.signal?.throwIfAborted();
  }

  async invalidateByTag(tag: string): Promise<number> {
    this.assertOpen('invalidateByTag');
    return this.invalidation.byTag(tag);
  }

  async invalidateByPattern(glob: string): Promise<number> {
    this.assertOpen('invalidateByPattern');
    if (typeof glob !== 'string')
      throw new CacheError('invalidateByPattern needs a glob string', { code: 'ERR_CACHE_KEY_INVALID' });
    return this.invalidation.byPattern(glob);
  }

  addDependency(key: string, source: string): boolean {
    if (!this.has(key) || typeof source !== 'string') return false;
    this.watch();
    this.invalidation.depend(key, source);
    return true;
  }

  async resize(shardCount: number): Promise<void> {
    this.assertOpen('resize');
    this.parts.resolved.tune({ shardCount } as Partial<CacheConfig<V>>, `resize(${shardCount})`, this.clock.wallMs());
    await this.parts.resizer.to(this.parts.resolved.config.shardCount);
  }

  async cleanup(): Promise<number> {
    this.assertOpen('cleanup');
    return this.parts.supervisor.cleanupRound();
  }

  tune(settings: Partial<CacheConfig<V>>): void {
    this.assertOpen('tune');
    this.apply(this.parts.resolved.tune(settings, 'tune()', this.clock.wallMs()));
  }

  /** Puts settings that have just changed into force. */
  apply(changed: readonly (keyof CacheConfig)[]): void {
    const { config } = this.parts.resolved;
    this.lifetimes.configure(config);
    this.stale.configure(config);
    this.reads = this.stale.keptMs === 0 ? this.store : this.stale;
    if (changed.some((key) => key === 'capacity' || key === 'maxBytes' || key === 'maxEntryBytes')) this.applyLimits();
    this.loads.setLimit(config.maxShardConcurrency);
    this.parts.supervisor.reconfigure();
    if (changed.includes('shardCount')) void this.parts.resizer.to(config.shardCount);
    this.departures.tell();
  }

  /** Tells listeners of entries that left outside of a call. */
  tellDepartures(): void {
    this.departures.tell();
  }

  metrics(): CacheMetrics {
    const { store, log, loads, values } = this;
    const containedErrors =
      log.containedErrors + this.parts.supervisor.containedErrors + this.parts.emitter.containedErrors;
    return metricsOf({
      store,
      log,
      loads,
      staleHits: this.stale.hits,
      values,
      alerts: this.parts.supervisor.activeAlerts(),
      containedErrors,
      nowMs: this.clock.nowMs(),
    });
  }
  prometheus(): string {
    return prometheusText(this.metrics());
  }
  diagnose(): readonly Finding[] {
    return this.parts.supervisor.diagnose(this.metrics());
  }
  explain(): readonly Explained[] {
    return this.parts.resolved.explain();
  }
  tunerHistory(): readonly TunerDecision[] {
    return this.parts.supervisor.tunerHistory();
  }

  on<K extends keyof CacheEvents<V>>(kind: K, listener: (event: CacheEvents<V>[K]) => void): () => void {
    checkListener(kind, listener);
    if (kind === 'entry-evicted' || kind === 'entry-expired') this.watch();
    return this.parts.emitter.on(kind, listener);
  }
  off<K extends keyof CacheEvents<V>>(kind: K, listener: (event: CacheEvents<V>[K]) => void): void {
    checkListener(kind, listener);
    this.parts.emitter.off(kind, listener);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }
  [Symbol.dispose](): void {
    void this.close();
  }

  /** O(size). */
  private applyLimits(): void {
    const { config } = this.parts.resolved;
    this.values.setExact(isLimited(config));
    this.store.setLimits({
      capacity: config.capacity,
      maxBytes: config.maxBytes ?? Number.POSITIVE_INFINITY,
      maxEntryBytes: config.maxEntryBytes ?? Number.POSITIVE_INFINITY,
    });
  }

  private *entriesOf(keys: Iterable<string>): IterableIterator<[string, V]> {
    for (const key of keys) {
      const value = this.peek(key);
      if (value !== undefined) yield [key, value];
    }
  }

  private read(key: string): V | undefined {
    if (typeof key !== 'string') return undefined;
    const nowMs = this.clock.nowMs();
    if (this.log.isOn && nowMs >= this.log.rate.nextMarkMs) this.markRate(nowMs);
    const stored = this.reads.get(key, nowMs);
    const value = stored === undefined || this.values.isPlain ? (stored as V | undefined) : this.decodeHit(key, stored);
    if (this.isWatched) this.tellRead(key, value);
    return value;
  }

  /** A loader's undefined means that there is no value: handed over, not kept, and an expired one is not given again. */
  private keepLoaded(key: string, value: V, options: SetOptions): void {
    if (value !== undefined) this.set(key, value, options);
    else this.store.delete(key, this.clock.nowMs());
    this.departures.tell();
  }

  private write(key: string, value: V, options: SetOptions | undefined): boolean {
    if (this.closing !== undefined) return false;
    if (!this.loads.isIdle && typeof key === 'string') this.loads.overtake(key);
    const nowMs = this.clock.nowMs();
    if (this.log.isOn && nowMs >= this.log.rate.nextMarkMs) this.markRate(nowMs);
    let isStored = false;
    try {
      const keyBytes = checkedKeyBytes(key);
      if (value === undefined)
        throw new CacheError('undefined cannot be stored: delete the key instead', {
          code: 'ERR_CACHE_VALUE_UNDEFINED',
        });
      const expiresAtMs = this.lifetimes.expiryOf(options?.ttl, nowMs);
      const weight = options?.weight === undefined ? undefined : checkedWeight(options.weight);
      const worth = options?.worth === undefined ? undefined : checkedWorth(options.worth, this.policy);
      const tags = options?.tags === undefined ? undefined : checkedTags(options.tags);
      isStored = this.put(key, keyBytes, value, weight, expiresAtMs, nowMs, worth);
      // Also of a key that was absent: something may still have been made from what it once was.
      if (isStored) this.invalidation.spread(key);
      if (isStored && tags !== undefined && tags.length > 0) this.tag(key, tags);
      this.parts.supervisor.noteGrowth();
      return isStored;
    } finally {
      // A set that fails for whatever reason leaves no old value behind.
      if (!isStored && typeof key === 'string') {
        this.store.delete(key, this.clock.nowMs());
        this.invalidation.spread(key);
      }
      if (this.isWatched) this.tellWritten(key, isStored);
    }
  }

  /** Encodes, weighs and stores; what a weigher, serializer or codec throws is contained, counted, and false. */
  private put(
    key: string,
    keyBytes: number,
    value: V,
    weight: number | undefined,
    expiresAtMs: number,
    nowMs: number,
    worth: number | undefined,
  ): boolean {
    try {
      const stored = this.values.encode(value);
      const bytes = weight === undefined ? this.values.weigh(key, value, stored) : weight;
      return this.store.set(key, stored, entryBytes(keyBytes, bytes), expiresAtMs, nowMs, worth);
    } catch {
      this.log.containedErrors++;
      return false;
    }
  }

  private tag(key: string, tags: readonly string[]): void {
    this.watch();
    this.invalidation.tag(key, tags);
  }

  /** From now on the store tells of entries that leave. */
  private watch(): void {
    if (this.isWatched) return;
    this.isWatched = true;
    this.store.onRemoval((key: string, stored: unknown, reason: RemovalReason) => {
      this.invalidation.noteRemoval(key, reason);
      this.departures.add(key, stored, reason);
    });
  }

  private tellRead(key: string, value: V | undefined): void {
    if (this.collector !== undefined)
      this.departures.contain(value === undefined ? this.collector.onMiss : this.collector.onHit, key);
    this.departures.tell();
  }
  private tellWritten(key: string, isStored: boolean): void {
    if (isStored && this.collector !== undefined) this.departures.contain(this.collector.onSet, key);
    this.departures.tell();
  }

  private decode(key: string, stored: unknown): V | undefined {
    try {
      return this.values.decode(stored);
    } catch {
      // Bytes that cannot be read back are of no use to anyone.
      this.log.containedErrors++;
      this.store.delete(key, this.clock.nowMs());
      return undefined;
    }
  }
  private decodeHit(key: string, stored: unknown): V | undefined {
    const value = this.decode(key, stored);
    if (value === undefined) this.log.unreadable++;
    return value;
  }

  private markRate(nowMs: number): void {
    const { hits, misses, inserts, updates } = this.store.counters;
    this.log.rate.mark(nowMs, hits + misses + inserts + updates);
  }

  private assertOpen(verb: string): void {
    if (this.closing !== undefined)
      throw new ClosedError(`${verb} was called on a closed cache`, { code: 'ERR_CACHE_CLOSED' });
  }

  private async shutDown(): Promise<void> {
    this.parts.supervisor.stop();
    // At once: sets are refused from now on, and no old value may be read in their place.
    this.store.clear();
    this.invalidation.clear();
    this.loads.abandonRefreshes();
    await settleOnClose(this.clock, this.loads.settled());
    this.loads.abort(new ClosedError('the cache was closed before the load ended', { code: 'ERR_CACHE_CLOSED' }));
    this.parts.emitter.emit('closed', { reason: 'closed' });
  }
}
