import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isConfigError } from '../../src/core/errors.js';
import { createRandom } from '../../src/core/random.js';
import { loadTrace } from '../../src/tuning/read-trace.js';
import { type ReplaySettings, replay } from '../../src/tuning/replay.js';
import { createTraceBuilder, type Trace } from '../../src/tuning/trace.js';

const SETTINGS: ReplaySettings = { policy: 'lru', shardCount: 1, capacity: 50, ttlMs: 0, seed: 7 };

function traceOf(keys: readonly string[], timesMs?: readonly number[]): Trace {
  const builder = createTraceBuilder();
  for (const [i, key] of keys.entries()) builder.add({ key, atMs: timesMs?.[i] });
  return builder.build();
}

function skewedKeys(count: number): readonly string[] {
  const random = createRandom(11);
  return Array.from({ length: count }, () => `key-${Math.floor(400 * random.next() ** 2)}`);
}

/** Hits of a textbook LRU: a Map in order of use. */
function hitsOfNaiveLru(keys: readonly string[], capacity: number): number {
  const used = new Map<string, true>();
  let hits = 0;
  for (const key of keys) {
    if (used.delete(key)) hits++;
    used.set(key, true);
    const [oldest] = used.keys();
    if (used.size > capacity && oldest !== undefined) used.delete(oldest);
  }
  return hits;
}

test('LRU at one shard hits exactly as a textbook LRU does', async () => {
  const keys = skewedKeys(20_000);
  const result = await replay(traceOf(keys), SETTINGS);
  expect(result).toEqual({
    ...SETTINGS,
    requests: 20_000,
    hits: hitsOfNaiveLru(keys, 50),
    hitRatio: result.hits / 20_000,
  });
  expect(result.hits).toBeGreaterThan(1000);
});

test.each(['lru', 'lfu', 'fifo', 'random'] as const)('%s that holds every key misses each key once', async (policy) => {
  const trace = traceOf(skewedKeys(5000));
  const result = await replay(trace, { ...SETTINGS, policy, shardCount: 4, capacity: 400 });
  expect(result.requests - result.hits).toBe(trace.keys.length);
});

test('an entry older than the time to live, by the times of the trace, is a miss', async () => {
  const trace = traceOf(['a', 'a', 'a'], [0, 900, 2000]);
  expect((await replay(trace, { ...SETTINGS, ttlMs: 1000 })).hits).toBe(1);
  expect((await replay(trace, SETTINGS)).hits).toBe(2);
});

test('a time to live on a trace without times is refused', async () => {
  const replaying = replay(traceOf(['a', 'a']), { ...SETTINGS, ttlMs: 1000 });
  await expect(replaying).rejects.toSatisfy(isConfigError);
});

test('progress tells the requests replayed so far, the last time all of them', async () => {
  const told: number[] = [];
  await replay(traceOf(skewedKeys(150_000)), SETTINGS, (requests) => told.push(requests));
  expect(told).toEqual([65_536, 131_072, 150_000]);
});

const MOONCAKE = fileURLToPath(new URL('../../../shared/traces/mooncake/conversation_trace.jsonl', import.meta.url));
const hasTrace = existsSync(MOONCAKE);

test.skipIf(!hasTrace).each([1, 32])(
  `LRU with a tenth of the keys of the mooncake trace, at %d shards, hits 27.84 %% within 0.1${hasTrace ? '' : ' (skipped: the trace is not at hand)'}`,
  async (shardCount) => {
    const trace = await loadTrace(MOONCAKE);
    expect([trace.accesses.length, trace.keys.length]).toEqual([288_500, 182_790]);
    const result = await replay(trace, { ...SETTINGS, shardCount, capacity: 18_279 });
    expect(Math.abs(result.hitRatio * 100 - 27.84)).toBeLessThan(0.1);
  },
  60_000,
);
