/** F49 and F52: everything expires at once, and everybody fails at once. */
import { expect, test } from 'vitest';
import {
  createShardedCache,
  withClock as withCacheClock,
  withCapacity,
  withCleanupBatchSize,
  withCleanupInterval,
  withSeed,
  withShardCount,
  withStaleIfError,
  withTTL,
  withTTLJitter,
} from '../../src/cache/index.js';
import {
  isProviderError,
  userMessage,
  withCache,
  withClock,
  withFallback,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';
import { answer, clientOf, serve } from './harness.js';

test('F49: 20,000 entries that expire in one moment are cleared in bounded batches, and none is served meanwhile', async () => {
  const clock = createFakeClock();
  const options = [withCapacity(40_000), withTTL('1m'), withCleanupInterval('1m'), withCleanupBatchSize(100)];
  const cache = createShardedCache<number>(withCacheClock(clock), ...options);
  for (let i = 0; i < 20_000; i++) cache.set(`key ${i}`, i);
  expect(cache.size).toBe(20_000);
  clock.advance(59_999);
  clock.advance(1);
  // The first batch has run in this turn, the others wait for theirs.
  expect(cache.size).toBeGreaterThanOrEqual(20_000 - 2 * 100);
  for (let i = 0; i < 20_000; i += 97) expect(cache.get(`key ${i}`)).toBeUndefined();
  let turns = 0;
  for (; cache.size > 0 && turns < 1000; turns++) {
    const before = cache.size;
    await clock.advanceAsync(0);
    await clock.advanceAsync(1);
    expect(before - cache.size).toBeLessThanOrEqual(500);
  }
  expect(cache.size).toBe(0);
  await cache.close();
  expect(clock.pendingTimers).toBe(0);
});

test('F49: 10,000 entries written in one moment expire all over the window of their jitter', () => {
  const clock = createFakeClock();
  const options = [withCapacity(20_000), withShardCount(1), withTTL('10m'), withTTLJitter(0.5), withSeed(1)];
  const cache = createShardedCache<number>(withCacheClock(clock), ...options);
  let expired = 0;
  for (let i = 0; i < 10_000; i++) cache.set(`key ${i}`, i);
  const countLeft = (): number => {
    let left = 0;
    for (let i = 0; i < 10_000; i++) if (cache.has(`key ${i}`)) left++;
    return left;
  };
  clock.advance(300_000);
  expect(countLeft()).toBe(10_000);
  // Half a minute is a tenth of the window.
  for (let tenth = 1; tenth <= 10; tenth++) {
    clock.advance(30_000);
    const now = 10_000 - countLeft();
    expect(now - expired).toBeGreaterThan(850);
    expect(now - expired).toBeLessThan(1150);
    expired = now;
  }
  expect(expired).toBe(10_000);
});

test('F52: all targets down is one typed error that names them all, or a marked answer of before', async () => {
  let isDown = false;
  const primary = await serve((request) => (isDown ? { status: 503 } : answer(request, 'from before')));
  const clock = createFakeClock();
  const backup = createScriptedProvider({
    clock,
    name: 'backup',
    answers: { fault: { kind: 'network', reason: 'connect' } },
  });
  const others = [withClock(clock), withTotalTimeout('30s'), withFallback([{ provider: backup, model: 'n' }])];
  const plain = clientOf(primary, ...others);
  const keeping = clientOf(primary, ...others, withCache(withTTL('1m'), withStaleIfError('1h')));
  const question = [userMessage('why?')];
  expect((await keeping.chat(question)).text).toBe('from before');
  isDown = true;
  await clock.advanceAsync(120_000);
  const error = await plain.chat(question).catch((caught: unknown) => caught);
  expect(isProviderError(error) && error.code).toBe('ERR_PROVIDER_ALL_FAILED');
  expect(isProviderError(error) && error.attempts.map(({ provider }) => provider)).toEqual(['vllm', 'backup']);
  expect(await keeping.chat(question)).toMatchObject({ text: 'from before', cached: true, stale: true });
  expect([plain.metrics().active, keeping.metrics().active]).toEqual([0, 0]);
});
