/** Options on what the cache holds: size, life, memory, compression. Each writes one setting; checks stand in fields.ts. */
import type { Serializer } from '../codec/serializer.js';
import type { HashFunction } from '../core/hash.js';
import { type ByteSize, type Duration, parseByteSize, parseDuration } from '../core/units.js';
import type { PolicyName } from '../engine/policy.js';
import { labelOf, type Option, option } from '../options/option.js';
import type { CompressionCodec, LoadBalancing, StorageKind, WarmupEntries, Weigher } from './config.js';

/** A word in lower, upper or capitalised spelling. */
export type AnyCase<W extends string> = W | Uppercase<W> | Capitalize<W>;

/**
 * Splits the cache into shards: the unit of bounded pauses. Range 0 to 4096, 0 is CPU x 4; rounded up to a power of
 * two, but with withLoadBalancing('consistent-hash'). Default: 32. Live.
 */
export function withShardCount(count: number): Option<'cache', { shardCount: number }> {
  return option('cache', labelOf('withShardCount', count), { shardCount: count });
}

/** Bounds the cache in entries over all shards, of which each holds at most 2^24. Range 1 to 2^31. Default: 10,000. Live. */
export function withCapacity(entries: number): Option<'cache', { capacity: number }> {
  return option('cache', labelOf('withCapacity', entries), { capacity: entries });
}

/** Time to live of entries that name none. Range 0 (never expires) to 100 years. Default: 5 minutes. Live, for later sets. */
export function withTTL(ttl: Duration): Option<'cache', { ttlMs: number }> {
  return option('cache', labelOf('withTTL', ttl), { ttlMs: milliseconds(ttl) });
}

/** Alias of withTTL. */
export function withDefaultTTL(ttl: Duration): Option<'cache', { ttlMs: number }> {
  return option('cache', labelOf('withDefaultTTL', ttl), { ttlMs: milliseconds(ttl) });
}

/**
 * Lets each entry expire early, by a random share of its time to live up to this one, so that entries written in one
 * moment do not expire in one: 0.1 spreads a TTL of 5 minutes over its last 30 s. No entry lives longer than its time to
 * live, and one that never expires stays so. Range 0 (exactly on time) to 1. Default: 0. Live, for later sets.
 */
export function withTTLJitter(share: number): Option<'cache', { ttlJitter: number }> {
  return option('cache', labelOf('withTTLJitter', share), { ttlJitter: share });
}

/**
 * Chooses which entry gives way at a limit: least recently used, least frequently used (with ageing), first in,
 * or any. Fixed at creation. Default: 'lru'.
 */
export function withEvictionPolicy(policy: AnyCase<PolicyName>): Option<'cache', { evictionPolicy: PolicyName }> {
  return option('cache', labelOf('withEvictionPolicy', policy), { evictionPolicy: policy as PolicyName });
}

/**
 * Where entries live: 'heap' keeps values by reference in this process. Any other word is refused; storage that worker
 * threads share is not built yet. Fixed at creation. Default: 'heap'.
 */
export function withStorage(storage: AnyCase<StorageKind>): Option<'cache', { storage: StorageKind }> {
  return option('cache', labelOf('withStorage', storage), { storage: storage as StorageKind });
}

/** Bounds the weighed bytes of all entries, in MiB. Default: none. Live. Same setting as withMemoryLimit. */
export function withMaxMemoryMB(mebibytes: number): Option<'cache', { maxBytes: number }> {
  // Only a number is counted in MiB: '64' times 2^20 would be one, too.
  const maxBytes = typeof mebibytes === 'number' ? mebibytes * 2 ** 20 : mebibytes;
  return option('cache', labelOf('withMaxMemoryMB', mebibytes), { maxBytes });
}

/**
 * Bounds the weighed bytes of all entries: values, keys and 88 bytes of overhead an entry. The sum is exact in these
 * units and never above the limit. The process takes more than that: garbage until it is collected, room to grow, and
 * whatever a weigher does not see. Range 1 KiB to 1 TiB. Default: none. Live.
 */
export function withMemoryLimit(limit: ByteSize): Option<'cache', { maxBytes: number }> {
  return option('cache', labelOf('withMemoryLimit', limit), { maxBytes: bytes(limit) });
}

/** Refuses entries that weigh more: set() returns false. Range 1 B to 1 TiB. Default: none. Live. */
export function withMaxEntrySize(limit: ByteSize): Option<'cache', { maxEntryBytes: number }> {
  return option('cache', labelOf('withMaxEntrySize', limit), { maxEntryBytes: bytes(limit) });
}

/**
 * Weighs values, in bytes. Default: strings 1 or 2 bytes a character, buffers their length, other values their
 * serialised length when a limit in bytes is set. A weigher that throws makes the set fail, counted.
 */
export function withWeigher<V>(weigher: Weigher<V>): Option<'cache', { weigher: Weigher<V> }> {
  return option('cache', 'withWeigher(fn)', { weigher });
}

/** Turns values into bytes and back, for compression and weighing. Default: strings and buffers directly, others by node:v8. */
export function withSerializer<V>(serializer: Serializer<V>): Option<'cache', { serializer: Serializer<V> }> {
  return option('cache', 'withSerializer(serializer)', { serializer });
}

/** Keeps values as compressed bytes; every read then gives a fresh copy. Default: false. */
export function withCompression(enabled: boolean): Option<'cache', { compression: boolean }> {
  return option('cache', labelOf('withCompression', enabled), { compression: enabled });
}

/** Chooses the compressor. 'auto' is LZ4 for levels 0 to 6 and deflate for 7 to 9. Default: 'auto'. */
export function withCompressionCodec(
  codec: AnyCase<CompressionCodec>,
): Option<'cache', { compressionCodec: CompressionCodec }> {
  return option('cache', labelOf('withCompressionCodec', codec), { compressionCodec: codec as CompressionCodec });
}

/** Compression effort, 0 to 9. Default: 6. LZ4 has no levels; explain() says when a level has no effect. */
export function withCompressionLevel(level: number): Option<'cache', { compressionLevel: number }> {
  return option('cache', labelOf('withCompressionLevel', level), { compressionLevel: level });
}

/** Values of fewer serialised bytes are not compressed. Range 0 to 1 GiB. Default: 1024. */
export function withCompressionThreshold(limit: ByteSize): Option<'cache', { compressionThresholdBytes: number }> {
  return option('cache', labelOf('withCompressionThreshold', limit), { compressionThresholdBytes: bytes(limit) });
}

/** Spreads keys over shards. A poor one costs balance, never correctness. Default: a seeded hash of the characters in which keys differ. */
export function withHashFunction(hash: HashFunction): Option<'cache', { hashFunction: HashFunction }> {
  return option('cache', 'withHashFunction(fn)', { hashFunction: hash });
}

/**
 * Chooses how hashes are spread over shards. 'hash': by their low bits; the shard count is rounded up to a power of two,
 * and to double it moves half of the keys. 'consistent-hash': over 2^14 slots shared out evenly; the shard count is
 * taken as it is, and a change from n to m shards moves the keys of those that come or go, |m - n| of max(m, n).
 * 'round-robin', 'least-loaded' and 'random' are refused: they choose without the key, so no read could find it again.
 * Fixed at creation. Default: 'hash'.
 */
export function withLoadBalancing(strategy: AnyCase<LoadBalancing>): Option<'cache', { loadBalancing: LoadBalancing }> {
  return option('cache', labelOf('withLoadBalancing', strategy), { loadBalancing: strategy as LoadBalancing });
}

/** Stores these entries, with the default time to live, before the cache is handed out. */
export function withWarmup<V>(entries: WarmupEntries<V>): Option<'cache', { warmup: WarmupEntries<V> }> {
  return option('cache', 'withWarmup(entries)', { warmup: entries });
}

/** Milliseconds, or the value as it came, for the field to refuse. */
export function milliseconds(value: Duration): number {
  return parseDuration(value) ?? (value as number);
}
function bytes(value: ByteSize): number {
  return parseByteSize(value) ?? (value as number);
}
