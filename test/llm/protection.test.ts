/** Retries, fallback and breaker together, on a fake clock. */
import { describe, expect, test } from 'vitest';
import { RateLimitError } from '../../src/core/errors.js';
import {
  isCircuitOpenError,
  isDeadlineError,
  isProviderError,
  userMessage,
  withCache,
  withCircuitBreaker,
  withFallback,
  withResponseValidator,
  withRetryBudget,
  withRetryCount,
  withRetryDelay,
  withStreamingEnabled,
  withTimeout,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { collect, createPuppet, fail, failure, hang, opening, type Play, rejection, settle, speak } from './puppet.js';

import { question, setUp } from './puppet-client.js';

/** Fails until the given attempt. */
const failUntil =
  (attempt: number, status = 503): Play =>
  (call, index) =>
    index + 1 < attempt ? fail(status) : speak(call, 'done');

describe('a retry', () => {
  test('waits up to delay x 2^n with full jitter, in the clock of the client', async () => {
    const { client, clock, puppet } = setUp(failUntil(4), withRetryCount(3), withRetryDelay('5s'));
    const delays: number[] = [];
    client.on('retry', ({ delayMs }) => delays.push(delayMs));
    const answer = client.chat(question);
    for (let i = 0; i < 40; i++) await clock.advanceAsync(1000);
    expect((await answer).text).toBe('done');
    expect(puppet.calls.length).toBe(4);
    delays.forEach((delayMs, n) => {
      expect(delayMs).toBeGreaterThan(0);
      expect(delayMs).toBeLessThanOrEqual(5000 * 2 ** n);
    });
    expect(clock.pendingTimers).toBe(0);
  });

  test('comes no earlier than the provider asks', async () => {
    const limited = new RateLimitError('slow down', { provider: 'puppet', status: 429, retryAfterMs: 7000 });
    const { client, clock, puppet } = setUp(
      async function* (call, index) {
        if (index === 0) throw limited;
        yield* speak(call, 'now');
      },
      withRetryCount(1),
      withRetryDelay(0),
    );
    const answer = client.chat(question);
    await clock.advanceAsync(6999);
    expect(puppet.calls.length).toBe(1);
    await clock.advanceAsync(1);
    expect((await answer).text).toBe('now');
  });

  test('is not begun when its wait would end after the deadline', async () => {
    const limited = failure(503, { retryAfterMs: 30_000 });
    const { client, clock } = setUp(
      async function* () {
        yield* [];
        throw limited;
      },
      withRetryCount(3),
      withTotalTimeout('10s'),
    );
    expect(await rejection(client.chat(question))).toBe(limited);
    expect(clock.pendingTimers).toBe(0);
  });

  test('is not made when the caller aborts during the wait', async () => {
    const { client, clock, puppet } = setUp(failUntil(9), withRetryCount(5), withRetryDelay('10s'));
    const controller = new AbortController();
    const error = rejection(client.chat(question, { signal: controller.signal }));
    await settle();
    const timers = clock.pendingTimers;
    controller.abort('enough');
    expect(await error).toBe('enough');
    expect([timers, clock.pendingTimers, puppet.calls.length]).toEqual([1, 0, 1]);
  });

  test('is a share of the requests at most, however many fail', async () => {
    const { client, clock, puppet } = setUp(
      () => fail(503),
      withRetryCount(5),
      withRetryDelay(0),
      withRetryBudget({ share: 0.1, minPerSecond: 0 }),
    );
    for (let i = 0; i < 100; i++) {
      const error = rejection(client.chat(question));
      await clock.advanceAsync(0);
      await error;
    }
    expect(puppet.calls.length).toBeLessThanOrEqual(110);
    expect(puppet.calls.length).toBeGreaterThan(105);
  });

  test('never comes once a chunk has left, but does for a whole answer of which nothing was shown', async () => {
    const cutOnce: Play = async function* (call, index) {
      if (index > 0) return yield* speak(call, 'all of it');
      yield* opening();
      yield { kind: 'text-delta', text: 'all' };
      throw failure(500);
    };
    const streamed = setUp(cutOnce, withRetryCount(3), withRetryDelay(0));
    await expect(collect(streamed.client.stream(question))).rejects.toMatchObject({ status: 500 });
    expect(streamed.puppet.calls.length).toBe(1);
    const whole = setUp(cutOnce, withRetryCount(3), withRetryDelay(0), withStreamingEnabled(true));
    const answer = whole.client.chat(question);
    await whole.clock.advanceAsync(0);
    expect((await answer).text).toBe('all of it');
  });

  test('leaves an error that tells of every attempt', async () => {
    const { client, clock } = setUp(() => fail(503), withRetryCount(2), withRetryDelay(0));
    const caught = rejection(client.chat(question));
    await clock.advanceAsync(0);
    const error = await caught;
    expect(isProviderError(error) && error.attempts.map(({ status, code, model }) => [status, code, model])).toEqual(
      Array(3).fill([503, 'ERR_PROVIDER_STATUS', 'm']),
    );
  });

  test('asks again for an answer that the validator refused', async () => {
    const { client, clock, puppet } = setUp(
      (call, index) => speak(call, index === 0 ? 'nonsense' : 'sense'),
      withRetryCount(1),
      withRetryDelay(0),
      withResponseValidator(({ text }) => text === 'sense'),
      withCache(true),
    );
    const answer = client.chat(question);
    await clock.advanceAsync(0);
    expect((await answer).text).toBe('sense');
    expect(puppet.calls.length).toBe(2);
    expect(client.metrics()).toMatchObject({ invalidAnswers: 1, stored: 1 });
  });

  test('of a stream that the validator refuses is too late: the stream ends with the error and is not stored', async () => {
    const { client } = setUp(
      (call) => speak(call, 'nonsense'),
      withRetryCount(1),
      withResponseValidator(() => false),
      withCache(true),
    );
    let text = '';
    const error = await rejection(
      (async () => {
        for await (const chunk of client.stream(question)) text += chunk.kind === 'text-delta' ? chunk.text : '';
      })(),
    );
    expect([text, (error as { code: string }).code]).toEqual(['nonsense', 'ERR_PROVIDER_INVALID_ANSWER']);
    expect(client.metrics().stored).toBe(0);
  });
});

describe('a fallback', () => {
  test('answers under its own name, and 100 equal questions cost it one answer while the primary is down', async () => {
    const backup = createPuppet((call) => speak(call, 'from the backup'), 'backup', 'backup stage');
    const { client, puppet } = setUp(
      () => fail(503),
      withFallback([{ provider: backup, model: 'b' }]),
      withCache(true),
    );
    const answers = [];
    for (let i = 0; i < 100; i++) answers.push(await client.chat(question));
    expect(backup.calls.length).toBe(1);
    expect(puppet.calls.length).toBe(100);
    expect(answers[0]).toMatchObject({ provider: 'backup', target: 1, cached: false, text: 'from the backup' });
    expect(answers[99]).toMatchObject({ provider: 'backup', target: 1, cached: true });
    expect(client.metrics()).toMatchObject({ fallbacks: 100, successes: 100, failures: 0, stored: 1 });
  });

  test('never answers in the name of the primary once that is back', async () => {
    const backup = createPuppet((call) => speak(call, 'second best'), 'backup', 'backup stage');
    const { client } = setUp(
      (call, index) => (index === 0 ? fail(503) : speak(call, 'best')),
      withFallback([{ provider: backup, model: 'b' }]),
      withCache(true),
    );
    expect((await client.chat(question)).text).toBe('second best');
    expect((await client.chat(question)).text).toBe('best');
  });

  test('goes on through all targets, and their failures are one error', async () => {
    const others = ['two', 'three'].map((name) => createPuppet(() => fail(500), name, name));
    const { client } = setUp(() => fail(503), withFallback(others.map((provider) => ({ provider, model: 'x' }))));
    const events: string[] = [];
    client.on('fallback', ({ from, to }) => events.push(`${from.provider}>${to.provider}`));
    const error = await rejection(client.chat(question));
    expect(
      isProviderError(error) && [error.code, error.attempts.map(({ provider, status }) => [provider, status])],
    ).toEqual([
      'ERR_PROVIDER_ALL_FAILED',
      [
        ['puppet', 503],
        ['two', 500],
        ['three', 500],
      ],
    ]);
    expect(events).toEqual(['puppet>two', 'two>three']);
  });

  test.each([400, 422])('is not asked what the primary refused as a bad request (%i)', async (status) => {
    const backup = createPuppet(undefined, 'backup');
    const { client } = setUp(() => fail(status), withFallback([{ provider: backup, model: 'b' }]));
    await expect(client.chat(question)).rejects.toMatchObject({ status });
    expect(backup.calls.length).toBe(0);
  });

  test.each([401, 404, 429, 500])('is asked when the primary answers %i', async (status) => {
    const backup = createPuppet(undefined, 'backup');
    const { client } = setUp(() => fail(status), withFallback([{ provider: backup, model: 'b' }]));
    expect((await client.chat(question)).provider).toBe('backup');
  });

  test('that cannot say the request has failed like any other, and does not hide why it was asked', async () => {
    const { client } = setUp(() => fail(503), withFallback(['local']));
    const tools = [{ name: 'look', parameters: { type: 'object' } }];
    const error = await rejection(client.chat(question, { tools, toolChoice: 'required' }));
    expect(isProviderError(error) && error.attempts.map(({ provider, code }) => [provider, code])).toEqual([
      ['puppet', 'ERR_PROVIDER_STATUS'],
      ['local', 'ERR_CONFIG_INVALID'],
    ]);
  });

  test('is not asked after an abort, nor when the time of the call is up', async () => {
    const backup = createPuppet(undefined, 'backup');
    const { client, clock } = setUp(hang, withFallback([{ provider: backup, model: 'b' }]), withTotalTimeout('5s'));
    const controller = new AbortController();
    const aborted = rejection(client.chat(question, { signal: controller.signal }));
    await settle();
    controller.abort('no');
    expect(await aborted).toBe('no');
    const late = rejection(client.chat(question));
    await clock.advanceAsync(5001);
    expect(await late).toMatchObject({ kind: 'total' });
    expect(backup.calls.length).toBe(0);
  });
});

describe('the circuit breaker', () => {
  test('opens after failures in a row, refuses at once, and closes again after good probes', async () => {
    let isDown = true;
    const { client, clock, puppet } = setUp(
      (call) => (isDown ? fail(500) : speak(call, 'up')),
      withCircuitBreaker({ failureThreshold: 3, successThreshold: 2, resetTimeout: '5s' }),
    );
    const changes: string[] = [];
    client.on('breaker-changed', ({ from, to, model }) => changes.push(`${model}: ${from}>${to}`));
    for (let i = 0; i < 3; i++) await rejection(client.chat(question));
    expect(isCircuitOpenError(await rejection(client.chat(question)))).toBe(true);
    expect(puppet.calls.length).toBe(3);
    expect(client.metrics()).toMatchObject({
      breakerOpenings: 1,
      breakers: [{ model: 'm', state: 'open', target: 0 }],
    });
    isDown = false;
    clock.advance(5000);
    expect((await client.chat(question)).text).toBe('up');
    expect((await client.chat(question)).text).toBe('up');
    expect(changes).toEqual(['m: closed>open', 'm: open>half-open', 'm: half-open>closed']);
  });

  test.each([429, 400, 401, 403, 404])('does not count a %i', async (status) => {
    const { client, puppet } = setUp(() => fail(status), withCircuitBreaker({ failureThreshold: 1 }));
    for (let i = 0; i < 3; i++) await rejection(client.chat(question));
    expect(puppet.calls.length).toBe(3);
  });

  test('does not count a rate limit that names no status', async () => {
    const { client, puppet } = setUp(
      async function* () {
        yield* [];
        throw new RateLimitError('too fast', { provider: 'puppet' });
      },
      withCircuitBreaker({ failureThreshold: 1 }),
    );
    for (let i = 0; i < 3; i++) await rejection(client.chat(question));
    expect(puppet.calls.length).toBe(3);
  });

  test('does not count a caller who left, and counts a timeout', async () => {
    const { client, clock } = setUp(hang, withCircuitBreaker({ failureThreshold: 1 }), withTimeout('1s'));
    const controller = new AbortController();
    const left = rejection(client.chat(question, { signal: controller.signal }));
    await settle();
    controller.abort();
    await left;
    const late = rejection(client.chat(question));
    await clock.advanceAsync(1001);
    expect(isDeadlineError(await late)).toBe(true);
    expect(isCircuitOpenError(await rejection(client.chat(question)))).toBe(true);
  });

  test('lets one probe through while half-open', async () => {
    const { client, clock, puppet } = setUp(
      (call, index) => (index === 0 ? fail(500) : hang(call)),
      withCircuitBreaker({ failureThreshold: 1 }),
    );
    await rejection(client.chat(question));
    clock.advance(5000);
    const controller = new AbortController();
    const calls = Array.from({ length: 10 }, () => rejection(client.chat(question, { signal: controller.signal })));
    await settle();
    expect(puppet.calls.length).toBe(2);
    controller.abort('over');
    const errors = await Promise.all(calls);
    expect(errors.filter(isCircuitOpenError).length).toBe(9);
  });

  test('of one model leaves the other models alone', async () => {
    const { client } = setUp(
      (call) => (call.request.model === 'bad' ? fail(500) : speak(call, 'fine')),
      withCircuitBreaker({ failureThreshold: 1 }),
    );
    await rejection(client.chat(question, { model: 'bad' }));
    expect(isCircuitOpenError(await rejection(client.chat(question, { model: 'bad' })))).toBe(true);
    expect((await client.chat(question)).text).toBe('fine');
  });

  test('that has opened ends the retries with the real error, and leads to the fallback at once', async () => {
    const backup = createPuppet(undefined, 'backup');
    const alone = setUp(
      () => fail(503),
      withCircuitBreaker({ failureThreshold: 2 }),
      withRetryCount(5),
      withRetryDelay(0),
    );
    const error = rejection(alone.client.chat(question));
    await alone.clock.advanceAsync(0);
    expect(await error).toMatchObject({ status: 503 });
    expect(alone.puppet.calls.length).toBe(2);
    const guarded = setUp(
      () => fail(503),
      withCircuitBreaker({ failureThreshold: 1 }),
      withFallback([{ provider: backup, model: 'b' }]),
    );
    for (let i = 0; i < 5; i++) expect((await guarded.client.chat(question)).provider).toBe('backup');
    expect(guarded.puppet.calls.length).toBe(1);
  });

  test.each([
    ['legacy', 5, 3, 30_000],
    ['optimized', 3, 2, 5_000],
    ['wormhole', 5, 2, 30_000],
  ] as const)('takes the numbers of %s by name', async (name, failures, probes, resetMs) => {
    let isDown = true;
    const { client, clock, puppet } = setUp(
      (call) => (isDown ? fail(500) : speak(call, 'up')),
      withCircuitBreaker(name),
    );
    for (let i = 0; i < 10; i++) await rejection(client.chat(question));
    expect(puppet.calls.length).toBe(failures);
    isDown = false;
    clock.advance(resetMs - 1);
    expect(isCircuitOpenError(await rejection(client.chat(question)))).toBe(true);
    clock.advance(1);
    for (let i = 0; i < probes; i++) {
      expect(client.metrics().breakers[0]?.state).not.toBe('closed');
      await client.chat(question);
    }
    expect(client.metrics().breakers[0]?.state).toBe('closed');
  });

  test.each([
    [{ mode: 'rate', failureThreshold: 3 }, 'failureThreshold'],
    [{ failureRate: 0.5 }, 'failureRate'],
    [{ mode: 'share' }, 'mode'],
  ])('refuses %o, since it would have no effect', (settings, path) => {
    expect(() => setUp(hang, withCircuitBreaker(settings as object))).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ path: expect.stringContaining(path) })] }),
    );
  });

  test('lets stored answers through', async () => {
    const { client } = setUp(
      (call, index) => (index === 0 ? speak(call, 'kept') : fail(500)),
      withCircuitBreaker({ failureThreshold: 1 }),
      withCache(true),
    );
    await client.chat(question);
    await rejection(client.chat([userMessage('another')]));
    expect((await client.chat(question)).text).toBe('kept');
  });
});
