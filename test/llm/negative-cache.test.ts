import { describe, expect, test } from 'vitest';
import { isProviderError, ProviderError, userMessage, withCache, withNegativeCache } from '../../src/llm/index.js';
import { fail, failure, rejection, speak } from './puppet.js';
import { question, setUp } from './puppet-client.js';

describe('a refusal', () => {
  test.each([400, 422])(
    'with %i is remembered for its time, to the millisecond, for chat and stream',
    async (status) => {
      const { client, puppet, clock } = setUp(() => fail(status), withCache(true), withNegativeCache({ ttl: '10s' }));
      const first = await rejection(client.chat(question));
      clock.advance(9_999);
      const again = await rejection(client.stream(question).final());
      expect([puppet.calls.length, isProviderError(again)]).toEqual([1, true]);
      expect(again).not.toBe(first);
      expect(again).toMatchObject({ code: 'ERR_PROVIDER_STATUS', status, provider: 'puppet', retryable: false });
      expect((again as Error).message).toBe((first as Error).message);
      clock.advance(1);
      await rejection(client.chat(question));
      expect(puppet.calls.length).toBe(2);
      expect(client.metrics()).toMatchObject({ refusalHits: 1, failures: 3, upstreamCalls: 2 });
    },
  );

  test.each([401, 403, 404, 408, 429, 500, 503])('with %i is asked again', async (status) => {
    const { client, puppet } = setUp(() => fail(status), withCache(true), withNegativeCache());
    await rejection(client.chat(question));
    await rejection(client.chat(question));
    expect(puppet.calls.length).toBe(2);
  });

  test('that says it may heal, or complains about the key, is asked again', async () => {
    const errors = [
      failure(400, { retryable: true }),
      new ProviderError('gemini answered 400: API key not valid', { code: 'ERR_PROVIDER_STATUS', status: 400 }),
    ];
    for (const error of errors) {
      const { client, puppet } = setUp(
        async function* () {
          yield* [];
          throw error;
        },
        withCache(true),
        withNegativeCache(),
      );
      await rejection(client.chat(question));
      await rejection(client.chat(question));
      expect(puppet.calls.length).toBe(2);
    }
  });

  test('belongs to its question, its settings and its scope, and a call may go past it', async () => {
    const { client, puppet } = setUp(() => fail(400), withCache(true), withNegativeCache());
    await rejection(client.chat(question, { scope: 'a' }));
    await rejection(client.chat(question, { scope: 'a' }));
    expect(puppet.calls.length).toBe(1);
    await rejection(client.chat(question, { scope: 'b' }));
    await rejection(client.chat(question, { scope: 'a', temperature: 0 }));
    await rejection(client.chat([userMessage('another')], { scope: 'a' }));
    await rejection(client.chat(question, { cache: false }));
    expect(puppet.calls.length).toBe(5);
  });

  test('is forgotten when there are too many, the least used first', async () => {
    const { client, puppet } = setUp(() => fail(400), withCache(true), withNegativeCache({ maxEntries: 1 }));
    for (const text of ['a', 'b', 'a']) await rejection(client.chat([userMessage(text)]));
    expect(puppet.calls.length).toBe(3);
  });

  test('carries neither the cause nor the attempts of the call that was made', async () => {
    const cause = new Error('why? is what was asked');
    const { client } = setUp(
      async function* () {
        yield* [];
        throw new ProviderError('refused', { code: 'ERR_PROVIDER_STATUS', status: 400, cause });
      },
      withCache(true),
      withNegativeCache(),
    );
    await rejection(client.chat(question));
    const again = (await rejection(client.chat(question))) as ProviderError;
    expect([again.cause, again.attempts]).toEqual([undefined, []]);
  });
});

describe('an answer cut by a content filter', () => {
  test('is kept as a refusal is where that is wanted, and not otherwise', async () => {
    const wanted = setUp(
      (call) => speak(call, 'no', 'content-filter'),
      withCache(true, '1h'),
      withNegativeCache({ ttl: '10s', contentFilter: true }),
    );
    await wanted.client.chat(question);
    expect(await wanted.client.chat(question)).toMatchObject({ cached: true, finishReason: 'content-filter' });
    wanted.clock.advance(10_000);
    expect((await wanted.client.chat(question)).cached).toBe(false);
    const plain = setUp((call) => speak(call, 'no', 'content-filter'), withCache(true), withNegativeCache());
    await plain.client.chat(question);
    expect((await plain.client.chat(question)).cached).toBe(false);
  });
});

test('statuses that pass are refused, and so is negative caching without a cache', () => {
  for (const status of [401, 403, 408, 429, 500, 200]) {
    expect(() => setUp((call) => speak(call, 'x'), withCache(true), withNegativeCache({ statuses: [status] }))).toThrow(
      /negativeCache\.statuses/,
    );
  }
  expect(() => setUp((call) => speak(call, 'x'), withNegativeCache())).toThrow(/withCache beside it/);
});
