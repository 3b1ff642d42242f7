import { afterEach, describe, expect, test } from 'vitest';
import {
  type Client,
  type ClientEvents,
  type ClientOption,
  createClient,
  userMessage,
  withCache,
  withClock,
  withFallback,
  withMetrics,
  withModel,
  withProvider,
  withRetryCount,
  withRetryDelay,
  withStreamingEnabled,
} from '../../src/llm/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { createPuppet, fail, hang, opening, type Play, rejection, settle, speak, USAGE } from './puppet.js';

const question = [userMessage('why?')];
const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** As if it were OpenAI: its models have prices. */
function setUp(play: Play, ...options: readonly ClientOption[]): { client: Client; clock: FakeClock } {
  const clock = createFakeClock();
  const client = createClient(
    withProvider(createPuppet(play, 'openai')),
    withModel('gpt-4'),
    withClock(clock),
    ...options,
  );
  clients.push(client);
  return { client, clock };
}
/** 10 tokens in and 5 out at the list price of gpt-4. */
const PRICE = (10 * 30 + 5 * 60) / 1e6;

describe('metrics', () => {
  test('are exact for a scripted run', async () => {
    const { client, clock } = setUp(async function* (call, index) {
      await new Promise<void>((resolve) => clock.setTimer(100 * (index + 1), resolve));
      if (index === 1) yield* fail(500);
      yield* speak(call, 'ok');
    }, withCache(true));
    const run = async (text: string, ms: number): Promise<void> => {
      const outcome = client.chat([userMessage(text)]).catch(() => undefined);
      await clock.advanceAsync(ms);
      await outcome;
    };
    await run('a', 100);
    await run('b', 200);
    await run('c', 300);
    await run('a', 400);
    expect(client.metrics()).toMatchObject({
      requests: 4,
      successes: 3,
      failures: 1,
      successRate: 0.75,
      requestRate: 4,
      avgLatency: (100 + 200 + 300 + 0) / 4,
      p50Latency: 100,
      p99Latency: 300,
      tokensPerSecond: 10 / 0.4,
      costPerRequest: (2 * PRICE) / 4,
      cost: 2 * PRICE,
      savedCost: PRICE,
      cacheHitRate: 0.25,
      retryRate: 0,
      upstreamCalls: 3,
      upstreamFailures: 1,
      inputTokens: 20,
      outputTokens: 10,
      cacheHits: 1,
      cacheMisses: 3,
      stored: 2,
      active: 0,
    });
  });

  test('are all zero before the first call', () => {
    const numbers = Object.values(setUp(speakOk).client.metrics()).filter((value) => typeof value === 'number');
    expect(new Set(numbers)).toEqual(new Set([0]));
  });

  test('count what shared calls would have cost as saved', async () => {
    const { client, clock } = setUp(async function* (call) {
      await new Promise<void>((resolve) => clock.setTimer(10, resolve));
      yield* speak(call, 'ok');
    }, withCache(true));
    const answers = [client.chat(question), client.chat(question), client.stream(question).final()];
    await clock.advanceAsync(10);
    expect((await Promise.all(answers)).map(({ cost, shared }) => [cost, shared])).toEqual([
      [PRICE, false],
      [0, true],
      [0, true],
    ]);
    expect(client.metrics()).toMatchObject({ savedCost: 2 * PRICE, cost: PRICE, joined: 2 });
  });

  test('take the last of several usages as the whole, also for what is saved', async () => {
    const { client, clock } = setUp(async function* () {
      yield* opening();
      await new Promise<void>((resolve) => clock.setTimer(10, resolve));
      yield { kind: 'text-delta', text: 'a' };
      yield { kind: 'usage', usage: { ...USAGE, outputTokens: 2 } };
      yield { kind: 'usage', usage: USAGE };
      yield { kind: 'finish', reason: 'stop' };
    }, withCache(true));
    const answers = [client.stream(question).final(), client.stream(question).final()];
    await clock.advanceAsync(10);
    await Promise.all(answers);
    expect(client.metrics()).toMatchObject({ cost: PRICE, savedCost: PRICE, outputTokens: 5 });
  });

  test('count a stream that broke off by what had come of it', async () => {
    const { client } = setUp(async function* () {
      yield* opening();
      yield { kind: 'text-delta', text: 'eight ch' };
      yield* fail(500);
    });
    expect(await rejection(client.stream(question).final())).toMatchObject({ status: 500 });
    expect(client.metrics()).toMatchObject({ inputTokens: 1, outputTokens: 2, cost: (30 + 2 * 60) / 1e6 });
  });

  test('keep the counts but measure no latency when they are off', async () => {
    const { client } = setUp(speakOk, withMetrics(false));
    await client.chat(question);
    expect(client.metrics()).toMatchObject({
      requests: 1,
      upstreamCalls: 1,
      cost: PRICE,
      requestRate: 0,
      p99Latency: 0,
    });
  });

  test('watch no event loop when they are off', async () => {
    const controller = new AbortController();
    const ends: Promise<unknown>[] = [];
    // Whoever is off asks first: its timer would be the first to run.
    const [off, on] = [false, true].map((isOn) => {
      const client = createClient(withProvider(createPuppet(hang)), withModel('m'), withMetrics(isOn));
      clients.push(client);
      ends.push(rejection(client.chat(question, { signal: controller.signal })));
      return client;
    });
    const start = performance.now();
    while (performance.now() - start < 100);
    while (on?.metrics().maxEventLoopLag === 0) await new Promise(setImmediate);
    expect(off?.metrics()).toMatchObject({ active: 1, p99EventLoopLag: 0, maxEventLoopLag: 0 });
    controller.abort();
    await Promise.all(ends);
  });

  test('count a caller who left as neither good nor bad', async () => {
    const { client } = setUp(hang);
    const controller = new AbortController();
    const left = rejection(client.chat(question, { signal: controller.signal }));
    await settle();
    expect(client.metrics().active).toBe(1);
    controller.abort();
    await left;
    expect(client.metrics()).toMatchObject({ aborts: 1, requests: 0, successRate: 0, active: 0 });
  });
});

describe('an event', () => {
  test('tells of every upstream call, retry, fallback and hit, in order', async () => {
    const backup = createPuppet(speakOk, 'backup');
    const { client, clock } = setUp(
      () => fail(503),
      withRetryCount(1),
      withRetryDelay(0),
      withFallback([{ provider: backup, model: 'b' }]),
      withCache(true),
    );
    const log: string[] = [];
    const note =
      <K extends keyof ClientEvents>(kind: K, print: (event: ClientEvents[K]) => string) =>
      (event: ClientEvents[K]): number =>
        log.push(`${kind} ${print(event)}`);
    client.on(
      'upstream-call',
      note(
        'upstream-call',
        ({ provider, model, attempt, outcome, code }) => `${provider}/${model} #${attempt} ${outcome} ${code}`,
      ),
    );
    client.on(
      'retry',
      note('retry', ({ attempt, code }) => `after #${attempt} ${code}`),
    );
    client.on(
      'fallback',
      note('fallback', ({ from, to }) => `${from.provider}>${to.provider}`),
    );
    client.on(
      'cache-hit',
      note('cache-hit', ({ provider, target }) => `${provider} ${target}`),
    );
    client.on(
      'call-ended',
      note('call-ended', ({ outcome, cached, target }) => `${outcome} ${cached} ${target}`),
    );
    for (let i = 0; i < 2; i++) {
      const answer = client.chat(question);
      await clock.advanceAsync(0);
      await answer;
    }
    const failing = [
      'upstream-call openai/gpt-4 #1 failed ERR_PROVIDER_STATUS',
      'retry after #1 ERR_PROVIDER_STATUS',
      'upstream-call openai/gpt-4 #2 failed ERR_PROVIDER_STATUS',
      'fallback openai>backup',
    ];
    expect(log).toEqual([
      ...failing,
      'upstream-call backup/b #1 ok undefined',
      'call-ended ok false 1',
      ...failing,
      'cache-hit backup 1',
      'call-ended ok true 1',
    ]);
  });

  test('measures the first token and the whole', async () => {
    const { client, clock } = setUp(async function* () {
      yield* opening();
      await new Promise<void>((resolve) => clock.setTimer(30, resolve));
      yield { kind: 'text-delta', text: 'a' };
      await new Promise<void>((resolve) => clock.setTimer(70, resolve));
      yield { kind: 'usage', usage: USAGE };
      yield { kind: 'finish', reason: 'stop' };
    });
    const events: ClientEvents['upstream-call'][] = [];
    client.on('upstream-call', (event) => events.push(event));
    const answer = client.stream(question).final();
    await clock.advanceAsync(100);
    expect(await answer).toMatchObject({ durationMs: 100, firstTokenMs: 30, cost: PRICE });
    expect(events).toMatchObject([{ durationMs: 100, firstTokenMs: 30, cost: PRICE, outcome: 'ok' }]);
  });

  test.each([
    [true, 30],
    [false, 100],
  ])('of chat() measures the first token where it asks for a stream (%s)', async (isStreaming, firstTokenMs) => {
    const { client, clock } = setUp(
      async function* () {
        yield* opening();
        await new Promise<void>((resolve) => clock.setTimer(30, resolve));
        if (isStreaming) yield { kind: 'text-delta', text: 'a' };
        await new Promise<void>((resolve) => clock.setTimer(70, resolve));
        if (!isStreaming) yield { kind: 'text-delta', text: 'a' };
        yield { kind: 'finish', reason: 'stop' };
      },
      withStreamingEnabled(isStreaming),
      withCache(true),
    );
    const ends: ClientEvents['call-ended'][] = [];
    client.on('call-ended', (event) => ends.push(event));
    const answer = client.chat(question);
    await clock.advanceAsync(100);
    expect(await answer).toMatchObject({ durationMs: 100, firstTokenMs });
    expect(ends).toMatchObject([{ durationMs: 100, firstTokenMs }]);
    // The second comes from the cache, at once.
    expect(await client.chat(question)).toMatchObject({ durationMs: 0, firstTokenMs: 0 });
  });

  test('harms nobody when its listener throws', async () => {
    const { client } = setUp(speakOk);
    const stop = client.on('call-ended', () => {
      throw new Error('listener');
    });
    expect((await client.chat(question)).text).toBe('ok');
    expect(client.metrics().containedErrors).toBe(1);
    stop();
    await client.chat(question);
    expect(client.metrics().containedErrors).toBe(1);
  });
});

function speakOk(call: Parameters<Play>[0]): ReturnType<Play> {
  return speak(call, 'ok');
}
