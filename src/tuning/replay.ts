/**
 * Replays a trace against the product's own cache: get, and set on a miss, in the order of the trace.
 * Time is the trace's: it stands still where the trace has none. Knows nothing of how a policy works.
 */
import { setImmediate } from 'node:timers/promises';
import { withCleanupStrategy, withClock, withMetrics, withSeed } from '../cache/behaviour-options.js';
import { createShardedCache } from '../cache/create-sharded-cache.js';
import { withCapacity, withEvictionPolicy, withShardCount, withTTL } from '../cache/storage-options.js';
import type { Clock } from '../core/clock.js';
import { ConfigError } from '../core/errors.js';
import type { PolicyName } from '../engine/policy.js';
import type { Trace } from './trace.js';

export interface ReplaySettings {
  readonly policy: PolicyName;
  readonly shardCount: number;
  /** Entries over all shards. */
  readonly capacity: number;
  /** Time to live in milliseconds of the trace; 0 never expires. Above 0 the trace must have times. */
  readonly ttlMs: number;
  readonly seed: number;
}

export interface ReplayResult extends ReplaySettings {
  readonly requests: number;
  readonly hits: number;
  /** hits / requests, 0..1. */
  readonly hitRatio: number;
}

/** Told now and then how many requests have been replayed so far. */
export type ReplayProgress = (requests: number) => void;

/** Requests between two turns of the event loop. */
const SLICE = 65_536;

/** Throws ConfigError for settings no cache can be made from. O(accesses). */
export async function replay(
  trace: Trace,
  settings: ReplaySettings,
  onProgress?: ReplayProgress,
): Promise<ReplayResult> {
  const { keys, accesses, timesMs } = trace;
  if (settings.ttlMs > 0 && timesMs === undefined) throw timeless(settings.ttlMs);
  const clock = createTraceClock();
  const cache = createReplayCache(settings, clock);
  let hits = 0;
  for (let start = 0; start < accesses.length; start += SLICE) {
    const end = Math.min(start + SLICE, accesses.length);
    for (let i = start; i < end; i++) {
      if (timesMs !== undefined) clock.moveTo(timesMs[i] as number);
      // Every access is an index into keys.
      const key = keys[accesses[i] as number] as string;
      if (cache.get(key) === undefined) cache.set(key, true);
      else hits++;
    }
    onProgress?.(end);
    await setImmediate();
  }
  await cache.close();
  return { ...settings, requests: accesses.length, hits, hitRatio: accesses.length === 0 ? 0 : hits / accesses.length };
}

function createReplayCache(settings: ReplaySettings, clock: Clock): ReturnType<typeof createShardedCache<boolean>> {
  return createShardedCache<boolean>(
    withEvictionPolicy(settings.policy),
    withShardCount(settings.shardCount),
    withCapacity(settings.capacity),
    withTTL(settings.ttlMs),
    // An expired entry leaves when it is asked for or evicted: no timer belongs to a time that only moves by accesses.
    withCleanupStrategy('lazy'),
    withMetrics(false),
    withClock(clock),
    withSeed(settings.seed),
  );
}

/** A clock that stands where the last access put it and never runs a timer. */
function createTraceClock(): Clock & { moveTo(nowMs: number): void } {
  let nowMs = 0;
  return {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    setTimer: () => () => {},
    moveTo(to) {
      nowMs = Math.max(nowMs, to);
    },
  };
}

function timeless(ttlMs: number): ConfigError {
  return new ConfigError('replay', [
    { path: 'ttlMs', expected: '0 for a trace without times', received: String(ttlMs), setBy: 'the replay' },
  ]);
}
