/** Warming up: in order of priority, into any cache, told of, stopped, and repeated. */
import { describe, expect, test } from 'vitest';
import { createShardedCache, withClock as withCacheClock } from '../../../src/cache/index.js';
import {
  type ChatResponse,
  createClient,
  isConfigError,
  scheduleWarmup,
  userMessage,
  type WarmupRun,
  warmupCache,
  withCache,
  withCacheScope,
  withClock,
  withFallback,
  withModel,
  withProvider,
} from '../../../src/llm/index.js';
import { createFakeClock } from '../../../src/testing/fake-clock.js';
import { createPuppet, fail, hang, type Play, rejection, settle, speak } from '../puppet.js';
import { setUp } from '../puppet-client.js';

const textAsked: Play = (call) => speak(call, `re ${String(call.request.messages.at(-1)?.content)}`);
const askedOf = ({ calls }: ReturnType<typeof createPuppet>) =>
  calls.map(({ request }) => String(request.messages.at(-1)?.content));

describe('a warmup', () => {
  test('asks what has the greater priority first, and tells how far it is', async () => {
    const { client, puppet } = setUp(textAsked, withCache(true));
    const told: number[][] = [];
    const queries = ['plain', { query: 'late', priority: -1 }, { query: 'first', priority: 2 }, { query: 'plain too' }];
    const result = await warmupCache(client, queries, {
      concurrency: 1,
      onProgress: ({ warmed, failed, skipped, total }) => told.push([warmed, failed, skipped, total]),
    });
    expect(askedOf(puppet)).toEqual(['first', 'plain', 'plain too', 'late']);
    expect(told).toEqual([1, 2, 3, 4].map((warmed) => [warmed, 0, 0, 4]));
    expect(result).toEqual({ warmed: 4, failed: 0, skipped: 0 });
  });

  test('asks nothing more once too great a share has failed, but not before ten answers', async () => {
    const { client, puppet } = setUp(
      (call, index) => (index % 2 === 0 ? fail(500) : speak(call, 'ok')),
      withCache(true),
    );
    const queries = Array.from({ length: 100 }, (_, i) => `${i}`);
    const result = await warmupCache(client, queries, { concurrency: 1, maxErrorShare: 0.4 });
    expect(result).toEqual({ warmed: 5, failed: 5, skipped: 90 });
    expect(puppet.calls.length).toBe(10);
    expect(await warmupCache(client, queries.slice(50), { concurrency: 1, maxErrorShare: 0.6 })).toEqual({
      warmed: 25,
      failed: 25,
      skipped: 0,
    });
  });

  test('fills a cache that another client of the same scope reads', async () => {
    const cache = createShardedCache<never>();
    const warmer = setUp(textAsked, withCacheScope('team'), withCache(true));
    const cached = createPuppet(() => fail(500));
    const reader = createClient(
      withProvider(cached),
      withModel('m'),
      withCache(cache as never),
      withCacheScope('team'),
    );
    expect(await warmupCache(cache, warmer.client, ['a', 'b'], { ttl: '24h' })).toMatchObject({ warmed: 2 });
    expect(await warmupCache(cache, warmer.client, ['a', 'b'])).toMatchObject({ warmed: 0, skipped: 2 });
    expect(await reader.chat([userMessage('a')])).toMatchObject({ text: 're a', cached: true });
    expect([warmer.puppet.calls.length, cached.calls.length]).toEqual([2, 0]);
    await reader.close();
    await cache.close();
  });

  test('keeps whole responses under keys of the caller, as the guide does', async () => {
    const clock = createFakeClock();
    const cache = createShardedCache<ChatResponse>(withCacheClock(clock));
    const { client } = setUp((call) => speak(call, 'endless', call.request.model === 'm' ? 'stop' : 'length'));
    await warmupCache(cache, client, ['why?'], { ttl: '24h', keyOf: (question) => String(question) });
    expect(cache.get('why?')?.text).toBe('endless');
    clock.advance(24 * 3_600_000);
    expect(cache.get('why?')).toBe(undefined);
    const unfinished = { keyOf: String, perCall: { model: 'other' } };
    expect(await warmupCache(cache, client, ['cut'], unfinished)).toMatchObject({ warmed: 0, failed: 1 });
    await cache.close();
  });

  test('never stores what a fallback has said under the key of the primary', async () => {
    const cache = createShardedCache<never>();
    const spare = createPuppet(textAsked, 'spare');
    const { client } = setUp(() => fail(500), withFallback([{ provider: spare, model: 's' }]));
    const errors: unknown[] = [];
    const result = await warmupCache(cache, client, ['a'], { onError: (error) => errors.push(error) });
    expect([result.failed, cache.size, spare.calls.length]).toEqual([1, 0, 1]);
    expect(errors).toMatchObject([{ code: 'ERR_CACHE_NOT_STORED' }]);
    await cache.close();
  });

  test('refuses options and queries that make no sense before it asks, and quotes no query', async () => {
    const { client, puppet } = setUp(textAsked, withCache(true));
    const bad = { maxErrorShare: 2, onProgress: 'tell me', colour: 'red' } as never;
    expect(await rejection(warmupCache(client, [], bad))).toMatchObject({
      issues: [{ path: 'colour' }, { path: 'onProgress' }, { path: 'maxErrorShare' }],
    });
    const queries = ['ok', { query: 'secret', priority: Number.NaN }, 7] as never;
    const error = await rejection(warmupCache(client, queries));
    expect(error).toMatchObject({ issues: [{ path: 'queries[1]' }, { path: 'queries[2]' }] });
    expect(String(error)).not.toContain('secret');
    expect(isConfigError(await rejection(warmupCache(client, ['a'], { keyOf: String })))).toBe(true);
    expect(puppet.calls.length).toBe(0);
  });
});

describe('a warmup by schedule', () => {
  test('runs at once and then every interval, asks for what has expired or is new, and stops', async () => {
    const { client, puppet, clock } = setUp(textAsked, withCache(true, '90m'));
    const timersOfCache = clock.pendingTimers;
    const queries = ['a'];
    const runs: WarmupRun[] = [];
    const schedule = scheduleWarmup(client, () => queries, { every: '1h', clock, onRun: (run) => runs.push(run) });
    await clock.advanceAsync(0);
    expect([schedule.runs, askedOf(puppet)]).toEqual([1, ['a']]);
    queries.push('b');
    await clock.advanceAsync(3_600_000);
    expect([schedule.runs, askedOf(puppet)]).toEqual([2, ['a', 'b']]);
    await clock.advanceAsync(3_600_000);
    expect(askedOf(puppet)).toEqual(['a', 'b', 'a']);
    expect(runs).toEqual([
      { ok: true, result: { warmed: 1, failed: 0, skipped: 0 } },
      { ok: true, result: { warmed: 1, failed: 0, skipped: 1 } },
      { ok: true, result: { warmed: 1, failed: 0, skipped: 1 } },
    ]);
    expect(schedule.last).toBe(runs[2]);
    await Promise.all([schedule.stop(), schedule.stop()]);
    expect(clock.pendingTimers).toBe(timersOfCache);
    await clock.advanceAsync(7_200_000);
    expect([schedule.runs, puppet.calls.length]).toEqual([3, 3]);
  });

  test('never overlaps itself, goes on after a run that failed, and stop() ends the run under way', async () => {
    let isDown = true;
    const { client, puppet, clock } = setUp(hang, withCache(true));
    const find = async (): Promise<string[]> => {
      if (isDown) throw new Error('no log yet');
      return ['a'];
    };
    const schedule = scheduleWarmup(client, find, { every: '1s', immediately: false, clock });
    await clock.advanceAsync(999);
    expect(schedule.runs).toBe(0);
    await clock.advanceAsync(1);
    expect(schedule.last).toMatchObject({ ok: false, error: { message: 'no log yet' } });
    isDown = false;
    await clock.advanceAsync(5000);
    expect([schedule.runs, puppet.calls.length]).toEqual([1, 1]);
    await schedule.stop();
    await settle();
    expect([schedule.runs, puppet.aborted, client.metrics().active]).toEqual([1, 1, 0]);
  });

  test('ends with the signal of its calls, and refuses what makes no sense at once', async () => {
    const controller = new AbortController();
    const { client, puppet, clock } = setUp(textAsked, withCache(true));
    const perCall = { signal: controller.signal };
    const timersOfCache = clock.pendingTimers;
    const schedule = scheduleWarmup(client, ['a'], { every: '1m', clock, perCall });
    controller.abort();
    expect(clock.pendingTimers).toBe(timersOfCache);
    await clock.advanceAsync(120_000);
    expect([schedule.runs, puppet.calls.length]).toEqual([0, 0]);
    expect(() => scheduleWarmup(client, [], { every: 0, colour: 'red' } as never)).toThrow(/every/);
    expect(() => scheduleWarmup(client, [], { every: '1m', colour: 'red' } as never)).toThrow(/colour/);
    expect(() => scheduleWarmup(client, [], undefined as never)).toThrow(/every/);
  });
});

test('a client with a cache of its own is warmed by name, too', async () => {
  const puppet = createPuppet(textAsked);
  const client = createClient(withProvider(puppet), withModel('m'), withCache(true), withClock(createFakeClock()));
  expect(await warmupCache(client, client, ['a'])).toEqual({ warmed: 1, failed: 0, skipped: 0 });
  expect((await client.chat([userMessage('a')])).cached).toBe(true);
  await client.close();
});
