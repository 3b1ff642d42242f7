/** Timeouts and rate limits of calls, on a fake clock. */
import { describe, expect, test } from 'vitest';
import { RateLimitError } from '../../src/core/errors.js';
import {
  userMessage,
  withCache,
  withFirstTokenTimeout,
  withRateLimitAlgorithm,
  withRateLimiting,
  withRetryCount,
  withRetryDelay,
  withStreamIdleTimeout,
  withTimeout,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { hang, opening, rejection, settle, speak, textOf } from './puppet.js';

import { question, setUp } from './puppet-client.js';

describe('a timeout', () => {
  test('of an attempt cancels it and may be retried', async () => {
    const { client, clock, puppet } = setUp(
      (call, index) => (index === 0 ? hang(call) : speak(call, 'quick')),
      withTimeout('2s'),
      withRetryCount(1),
      withRetryDelay(0),
    );
    const answer = client.chat(question);
    await clock.advanceAsync(2000);
    expect((await answer).text).toBe('quick');
    expect(puppet.aborted).toBe(1);
    expect(client.metrics()).toMatchObject({ timeouts: 1, retries: 1 });
  });

  test('of the first token ends a stream that only opens', async () => {
    const { client, clock } = setUp(async function* (call) {
      yield* opening();
      yield* hang(call);
    }, withFirstTokenTimeout('1s'));
    const error = rejection(client.stream(question).final());
    await clock.advanceAsync(1000);
    expect(await error).toMatchObject({ kind: 'first-token', afterMs: 1000 });
  });

  test('of silence ends a stream that stops, not one that goes on', async () => {
    const { client, clock } = setUp(async function* (call) {
      yield* opening();
      for (const text of ['a', 'b', 'c']) {
        yield { kind: 'text-delta', text };
        await new Promise<void>((resolve) => clock.setTimer(900, resolve));
      }
      yield* hang(call);
    }, withStreamIdleTimeout('1s'));
    const texts: string[] = [];
    const error = rejection(
      (async () => {
        for await (const chunk of client.stream(question)) texts.push(textOf([chunk]));
      })(),
    );
    for (let i = 0; i < 40; i++) await clock.advanceAsync(100);
    expect(await error).toMatchObject({ kind: 'idle' });
    expect(texts.join('')).toBe('abc');
  });

  test('of the whole call covers attempts, waits and fallbacks, and ends them all', async () => {
    const { client, clock, puppet } = setUp(
      hang,
      withTimeout('4s'),
      withTotalTimeout('10s'),
      withRetryCount(9),
      withRetryDelay(1),
    );
    const error = rejection(client.chat(question));
    for (let i = 0; i < 12; i++) await clock.advanceAsync(1000);
    expect(await error).toMatchObject({ kind: 'total', afterMs: 10_000, retryable: false });
    expect(puppet.calls.length).toBe(3);
    expect([puppet.aborted, clock.pendingTimers]).toEqual([3, 0]);
  });

  test('of one caller does not end the call that another waits for', async () => {
    const { client, clock } = setUp(async function* (call) {
      await new Promise<void>((resolve) => clock.setTimer(5000, resolve));
      yield* speak(call, 'patience');
    }, withCache(true));
    const hasty = rejection(client.chat(question, { totalTimeout: '1s' }));
    const patient = client.chat(question);
    await clock.advanceAsync(1000);
    expect(await hasty).toMatchObject({ kind: 'total' });
    await clock.advanceAsync(4000);
    expect(await patient).toMatchObject({ text: 'patience', shared: true });
  });
});

describe('the rate limit', () => {
  test('spreads upstream requests over the minute; hits of the cache need none', async () => {
    const limit = withRateLimiting({ requestsPerMinute: 60, requestBurst: 1 });
    const { client, clock, puppet } = setUp((call) => speak(call, 'ok'), limit, withCache(true));
    await client.chat(question);
    for (let i = 0; i < 50; i++) await client.chat(question);
    const waiting = client.chat([userMessage('another')]);
    await settle();
    expect(puppet.calls.length).toBe(1);
    await clock.advanceAsync(1000);
    await waiting;
    expect(puppet.calls.length).toBe(2);
  });

  test('of three a minute lets three of five through at once', async () => {
    const { client, clock, puppet } = setUp((call) => speak(call, 'ok'), withRateLimiting({ requestsPerMinute: 3 }));
    const answers = Array.from({ length: 5 }, () => client.chat(question));
    await settle();
    expect(puppet.calls.length).toBe(3);
    await clock.advanceAsync(40_000);
    expect(await Promise.all(answers)).toHaveLength(5);
  });

  test.each([
    [withRateLimiting({ requestsPerMinute: 3, requestBurst: 4 }), 'requestBurst'],
    [withRateLimiting({ requestsPerMinute: 3, tokenBurst: 4 }), 'tokenBurst'],
    [withRateLimiting({ requestBurst: 4 }), 'requestBurst'],
    [
      [withRateLimiting({ requestsPerMinute: 3, requestBurst: 2 }), withRateLimitAlgorithm('sliding-window')],
      'requestBurst',
    ],
  ])('refuses a burst above its limit, without one, and of a window (%#)', (options, path) => {
    expect(() => setUp(hang, ...[options].flat())).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ path })] }),
    );
  });

  test('rests for as long as the provider asks', async () => {
    const limited = new RateLimitError('slow down', { provider: 'puppet', status: 429, retryAfterMs: 30_000 });
    const { client, clock, puppet } = setUp(async function* (call, index) {
      if (index === 0) throw limited;
      yield* speak(call, 'ok');
    }, withRateLimiting(6000));
    await rejection(client.chat(question));
    const second = client.chat(question);
    await clock.advanceAsync(29_000);
    expect(puppet.calls.length).toBe(1);
    await clock.advanceAsync(1000);
    expect((await second).text).toBe('ok');
  });

  test('refuses at once what could only be served after the deadline', async () => {
    const { client } = setUp((call) => speak(call, 'ok'), withRateLimiting(1), withTotalTimeout('5s'));
    await client.chat(question);
    await expect(client.chat(question)).rejects.toMatchObject({ name: 'RateLimitError' });
  });
});
