/** Builds a cache from options: resolves them, makes the parts, wires them once. */
import { WindowTuner } from '../adaptive/window-tuner.js';
import { createRandom, createSeed } from '../core/random.js';
import { createHeapStore } from '../engine/heap-store.js';
import { createWTinyLfuFamily } from '../engine/policies/w-tinylfu.js';
import type { Option } from '../options/option.js';
import { type Resolved, resolve } from '../options/resolve.js';
import { Emitter } from '../telemetry/emitter.js';
import { createAnnounce } from './announce.js';
import type { CacheConfig } from './config.js';
import { Lifetimes } from './lifetimes.js';
import { OperationLog } from './operation-log.js';
import { Resizer } from './resizer.js';
import { cacheScope } from './scope.js';
import { consistentLayout } from './shard-layout.js';
import { LocalShardedCache } from './sharded-cache.js';
import { SliceQueue } from './slices.js';
import { createStoredValues } from './stored-values.js';
import { Supervisor } from './supervisor.js';
import type { CacheEvents, ShardedCache } from './types.js';
import { warmUp } from './warm-up.js';

/** Any option of the cache. */
export type CacheOption<V = unknown> = Option<'cache', Partial<CacheConfig<V>>>;

/**
 * A sharded cache in this process's heap. Without options: 32 shards, 10,000 entries, 5 minutes to live, LRU.
 * Throws one ConfigError that lists every bad option.
 */
export function createShardedCache<V = unknown>(...options: readonly CacheOption<V>[]): ShardedCache<V> {
  // The fields check values of any type; which type V is, only the caller knows.
  const resolved = resolve(cacheScope, options) as unknown as Resolved<CacheConfig<V>>;
  const { config } = resolved;
  // First, since a compressor that cannot be loaded must leave no timers behind.
  const values = createStoredValues(config);
  const emitter = new Emitter<CacheEvents<V>>();
  if (config.alerts?.onAlert !== undefined) emitter.on('alert', config.alerts.onAlert);
  const seed = config.seed ?? createSeed();
  // A sequence of its own, so that jitter moves no hash and no eviction.
  const lifetimes = new Lifetimes(config, createRandom(seed + 1));
  const log = new OperationLog(config.metrics, config.clock);
  const store = createHeapStore<unknown>({
    shardCount: config.shardCount,
    capacity: config.capacity,
    maxBytes: config.maxBytes,
    maxEntryBytes: config.maxEntryBytes,
    policy: config.evictionPolicy === 'adaptive' ? createWTinyLfuFamily(new WindowTuner()) : config.evictionPolicy,
    hash: config.hashFunction,
    layout: config.loadBalancing === 'consistent-hash' ? consistentLayout : undefined,
    seed,
  });
  const announce = createAnnounce(emitter);
  const queue = new SliceQueue();
  const resizer = new Resizer(store, queue, config.clock, (event) => announce('shards-resized', event));
  const supervisor = new Supervisor({
    resolved: resolved as unknown as Resolved<CacheConfig>,
    store,
    log,
    announce,
  });
  const cache = new LocalShardedCache<V>({
    resolved,
    store,
    values,
    lifetimes,
    log,
    emitter,
    queue,
    resizer,
    supervisor,
  });
  supervisor.start({ apply: (changed) => cache.apply(changed), tellDepartures: () => cache.tellDepartures() });
  try {
    if (config.warmup !== undefined) warmUp(cache, config.warmup);
    // Whoever made the cache may drop the entries it was made with; so must the cache.
    resolved.release('warmup');
  } catch (error) {
    void cache.close();
    throw error;
  }
  return cache;
}
