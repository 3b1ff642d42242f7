/** Expired answers: in place of a wait (stale-while-revalidate), and in place of an error (stale-if-error). */
import { describe, expect, test } from 'vitest';
import {
  createShardedCache,
  withClock,
  withStaleIfError,
  withStaleWhileRevalidate,
  withTTL,
} from '../../src/cache/index.js';
import {
  type AnswerCache,
  type ClientEvents,
  type StoredAnswer,
  userMessage,
  withCache,
  withCacheScope,
  withCircuitBreaker,
  withFallback,
  withRateLimiting,
  withRetryCount,
  withTimeout,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import {
  collect,
  createGate,
  createPuppet,
  fail,
  hang,
  type Play,
  rejection,
  settle,
  speak,
  textOf,
} from './puppet.js';
import { question, setUp } from './puppet-client.js';

const revalidating = withCache(withTTL('10s'), withStaleWhileRevalidate('1m'));
const forErrors = withCache(withTTL('10s'), withStaleIfError('1m'));

/** Answers 'old', then what `later` says. */
const oldThen =
  (later: Play): Play =>
  (call, index) =>
    index === 0 ? speak(call, 'old') : later(call, index);

describe('stale-while-revalidate', () => {
  test.each(['chat', 'stream'] as const)(
    'gives %s the expired answer at once, marked and with its age, while one refresh flies for all',
    async (how) => {
      const gate = createGate();
      const { client, puppet, clock } = setUp(
        oldThen(async function* (call) {
          await gate.passed;
          yield* speak(call, 'new');
        }),
        revalidating,
      );
      await client.chat(question);
      clock.advance(12_000);
      const ask = () => (how === 'chat' ? client.chat(question) : client.stream(question).final());
      for (const response of await Promise.all(Array.from({ length: 50 }, ask))) {
        expect(response).toMatchObject({ text: 'old', cached: true, stale: true, ageMs: 12_000, cost: 0 });
      }
      await settle();
      expect(puppet.calls.length).toBe(2);
      gate.open();
      await settle();
      expect(await client.chat(question)).toMatchObject({ text: 'new', cached: true, stale: false, ageMs: 0 });
      expect(client.metrics()).toMatchObject({ staleHits: 50, cacheHits: 1, cacheMisses: 51, refreshFailures: 0 });
    },
  );

  test('tells of a stale hit, and that the refresh is paid for', async () => {
    const { client, clock } = setUp((call) => speak(call, 'x'), revalidating);
    const hits: ClientEvents['cache-hit'][] = [];
    client.on('cache-hit', (event) => hits.push(event));
    await client.chat(question);
    clock.advance(10_000);
    await client.chat(question);
    await settle();
    await client.chat(question);
    expect(hits.map(({ stale }) => stale)).toEqual([true, false]);
    expect(hits[0]?.savedCost).toBe(0);
  });

  test('ends with the window, to the millisecond', async () => {
    const { client, puppet, clock } = setUp(oldThen(hang), revalidating);
    await client.chat(question);
    clock.advance(69_999);
    expect((await client.chat(question)).stale).toBe(true);
    clock.advance(1);
    const waiting = rejection(client.chat(question));
    await settle();
    expect(puppet.calls.length).toBe(2);
    const closing = client.close();
    await clock.advanceAsync(5_000);
    expect(await waiting).toMatchObject({ code: 'ERR_CLOSED' });
    await closing;
  });

  test('a refresh that fails is counted, and the next caller starts another', async () => {
    const { client, puppet, clock } = setUp(
      oldThen(() => fail(503)),
      revalidating,
    );
    await client.chat(question);
    clock.advance(10_000);
    for (let i = 1; i <= 3; i++) {
      expect((await client.chat(question)).text).toBe('old');
      await settle();
      expect([client.metrics().refreshFailures, puppet.calls.length]).toEqual([i, i + 1]);
    }
    expect(client.metrics()).toMatchObject({ failures: 0, successes: 4, upstreamFailures: 3 });
  });

  test('a refresh obeys limits, retries and the total timeout like any call', async () => {
    const { client, puppet, clock } = setUp(
      oldThen(hang),
      revalidating,
      withRetryCount(5),
      withTotalTimeout('2s'),
      withRateLimiting(600),
    );
    await client.chat(question);
    clock.advance(10_000);
    await client.chat(question);
    await settle();
    await clock.advanceAsync(2_000);
    expect([puppet.calls.length, puppet.aborted, client.metrics().refreshFailures]).toEqual([2, 1, 1]);
    expect(clock.pendingTimers).toBeLessThanOrEqual(1);
  });

  test('a refresh survives the caller who started it, and close() ends it at once', async () => {
    const { client, puppet, clock } = setUp(oldThen(hang), revalidating);
    await client.chat(question);
    clock.advance(10_000);
    const controller = new AbortController();
    await client.chat(question, { signal: controller.signal });
    controller.abort();
    await settle();
    expect([puppet.aborted, client.metrics().active]).toEqual([0, 0]);
    await client.close();
    expect(puppet.aborted).toBe(1);
    expect(client.metrics().refreshFailures).toBe(0);
  });

  test('a caller who asks upstream by himself is not given the expired answer, and replaces it', async () => {
    const { client, puppet, clock } = setUp((call, index) => speak(call, String(index)), revalidating);
    await client.chat(question);
    clock.advance(10_000);
    expect(await client.chat(question, { cache: false })).toMatchObject({ text: '1', cached: false, ageMs: undefined });
    expect(puppet.calls.length).toBe(2);
  });

  test('no refresh begins while a flight of the same question is under way', async () => {
    const gate = createGate();
    const kept = { get: () => undefined, set: () => true, getStale: () => stale };
    let stale: unknown;
    const { client, puppet } = setUp(async function* (call) {
      await gate.passed;
      yield* speak(call, 'new');
    }, withCache(kept));
    const waiting = client.chat(question);
    await settle();
    stale = { schema: 1, provider: 'p', model: 'm', storedAtMs: 0, answer: await oldAnswer() };
    expect((await client.chat(question)).text).toBe('old');
    gate.open();
    expect((await waiting).text).toBe('new');
    expect(puppet.calls.length).toBe(1);
  });
});

async function oldAnswer(): Promise<object> {
  const { client } = setUp((call) => speak(call, 'old'));
  const { id, model, text, toolCalls, finishReason, usage } = await client.chat(question);
  return { id, model, text, toolCalls, finishReason, usage };
}

describe('stale-if-error', () => {
  test.each<[string, Play]>([
    ['a 503', () => fail(503)],
    ['a 429', () => fail(429, { retryable: true })],
    ['a timeout of the attempt', hang],
  ])('gives the expired answer in place of %s, to chat and to stream', async (_what, play) => {
    const { client, clock } = setUp(oldThen(play), forErrors, withTimeout('1s'));
    await client.chat(question);
    clock.advance(10_000);
    const answers = Promise.all([client.chat(question), client.stream(question).final()]);
    await settle();
    await clock.advanceAsync(1_000);
    for (const response of await answers) expect(response).toMatchObject({ text: 'old', cached: true, stale: true });
    expect(client.metrics()).toMatchObject({ staleHits: 2, failures: 0, successes: 3 });
  });

  test.each([400, 401, 403, 404, 422])('lets a %i through: it is an answer', async (status) => {
    const { client, clock } = setUp(
      oldThen(() => fail(status)),
      forErrors,
    );
    await client.chat(question);
    clock.advance(10_000);
    expect(await rejection(client.chat(question))).toMatchObject({ status });
  });

  test('stands in while the breaker is open, without asking upstream', async () => {
    const { client, puppet, clock } = setUp(
      oldThen(() => fail(500, { retryable: false })),
      forErrors,
      withCircuitBreaker({ failureThreshold: 1, resetTimeout: '1h' }),
    );
    await client.chat(question);
    clock.advance(10_000);
    await rejection(client.chat([userMessage('another')]));
    expect(client.metrics().breakers[0]?.state).toBe('open');
    expect(await client.chat(question)).toMatchObject({ text: 'old', stale: true });
    expect(puppet.calls.length).toBe(2);
  });

  test('stands in when the total timeout fires, and not for a caller who left', async () => {
    const { client, clock } = setUp(oldThen(hang), forErrors, withTotalTimeout('2s'));
    await client.chat(question);
    clock.advance(10_000);
    const controller = new AbortController();
    const left = rejection(client.chat(question, { signal: controller.signal }));
    const patient = client.chat(question);
    await settle();
    controller.abort(new Error('gone'));
    expect(await left).toMatchObject({ message: 'gone' });
    await clock.advanceAsync(2_000);
    expect(await patient).toMatchObject({ text: 'old', stale: true });
  });

  test('waits for all targets: a fresh answer of the fallback comes first, and its expired one is better than none', async () => {
    let isDown = false;
    const other = createPuppet((call) => (isDown ? fail(503) : speak(call, 'other')), 'other');
    const { client, clock } = setUp(() => fail(500), forErrors, withFallback([{ provider: other, model: 'o' }]));
    expect(await client.chat(question)).toMatchObject({ text: 'other', target: 1 });
    clock.advance(10_000);
    expect(await client.chat(question)).toMatchObject({ text: 'other', stale: false });
    clock.advance(10_000);
    isDown = true;
    expect(await client.chat(question)).toMatchObject({ text: 'other', stale: true, provider: 'other', target: 1 });
  });

  test('a stream that has begun ends with its error', async () => {
    const { client, clock } = setUp(
      oldThen(async function* () {
        yield { kind: 'start', id: 'a', model: 'm' };
        yield { kind: 'text-delta', text: 'ne' };
        yield* fail(503);
      }),
      forErrors,
    );
    await client.chat(question);
    clock.advance(10_000);
    const stream = client.stream(question);
    expect(await rejection(collect(stream))).toMatchObject({ status: 503 });
  });

  test('is over when its window is, and where the entry was deleted', async () => {
    const clock = createFakeClock();
    const cache = createShardedCache<StoredAnswer>(withClock(clock), withTTL('10s'), withStaleIfError('1m'));
    const { client } = setUp((call, index) => (index < 2 ? speak(call, 'old') : fail(503)), withCache(cache));
    await client.chat(question);
    clock.advance(70_000);
    await client.chat(question);
    clock.advance(10_000);
    cache.delete(client.cacheKey(question));
    expect(await rejection(client.chat(question))).toMatchObject({ status: 503 });
  });
});

describe('a cache of somebody else', () => {
  test('that is a ShardedCache brings its own windows, for every client that names its scope', async () => {
    const clock = createFakeClock();
    const cache = createShardedCache<StoredAnswer>(withClock(clock), withTTL('10s'), withStaleIfError('1m'));
    const one = setUp((call) => speak(call, 'old'), withCache(cache), withCacheScope('us'));
    const two = setUp(() => fail(503), withCache(cache), withCacheScope('us'));
    await one.client.chat(question);
    clock.advance(10_000);
    expect(await two.client.chat(question)).toMatchObject({ text: 'old', stale: true });
    expect(cache.get(two.client.cacheKey(question))).toBeUndefined();
  });

  test('without getStale gives no expired answers; a getStale that throws, or promises, is a counted miss', async () => {
    const plain: AnswerCache = { get: () => undefined, set: () => true };
    const { client } = setUp(() => fail(503), withCache(plain));
    expect(await rejection(client.chat(question))).toMatchObject({ status: 503 });
    const broken: AnswerCache = {
      ...plain,
      getStale: (_key, use) => {
        if (use === 'if-error') throw new Error('broken');
        return Promise.reject(new Error('late'));
      },
    };
    const second = setUp(() => fail(503), withCache(broken));
    expect(await rejection(second.client.chat(question))).toMatchObject({ status: 503 });
    await settle();
    expect(second.client.metrics().cacheErrors).toBe(2);
  });

  test('replays an expired answer as a stream of the usual chunks', async () => {
    const { client, clock } = setUp(oldThen(hang), revalidating);
    await client.chat(question);
    clock.advance(10_000);
    const chunks = await collect(client.stream(question));
    expect(textOf(chunks)).toBe('old');
    expect(chunks.map(({ kind }) => kind)).toEqual(['start', 'text-delta', 'usage', 'finish']);
  });
});
