/** The guide's troubleshooting table for the client (004), each row from a client that suffers from it. */
import { describe, expect, test } from 'vitest';
import {
  type Client,
  type ClientOption,
  DeadlineError,
  RateLimitError,
  userMessage,
  withCache,
  withMaxTokens,
  withModel,
  withProvider,
  withTemperature,
  withTimeout,
} from '../../src/llm/index.js';
import type { FakeClock } from '../../src/testing/fake-clock.js';
import { createPuppet, type Play, speak, USAGE } from './puppet.js';
import { setUp as setUpClient } from './puppet-client.js';

/** As if it were OpenAI: its models have tiers and prices. */
function setUp(play: Play, ...options: readonly ClientOption[]): { client: Client; clock: FakeClock } {
  return setUpClient(play, withProvider(createPuppet(play, 'openai')), withModel('gpt-4'), ...options);
}
async function ask(client: Client, calls = 30): Promise<void> {
  for (let i = 0; i < calls; i++) await client.chat([userMessage('why?')]).catch(() => undefined);
}

test('a healthy client has nothing to tell', async () => {
  const { client } = setUp((call) => speak(call, 'ok'));
  await ask(client);
  expect(client.diagnose()).toEqual([]);
});

describe('R6, high latency', () => {
  test('names the smaller model', async () => {
    const { client, clock } = setUp(async function* (call) {
      await new Promise<void>((resolve) => clock.setTimer(6000, resolve));
      yield* speak(call, 'ok');
    });
    const answers = ask(client, 20);
    for (let i = 0; i < 20; i++) await clock.advanceAsync(6000);
    await answers;
    expect(client.diagnose()).toMatchObject([
      {
        id: 'high-llm-latency',
        evidence: 'mean 6s, p99 6s over 20 calls of gpt-4',
        solution: "withModel('gpt-6-luna')",
      },
    ]);
  });
});

test('R7, rate limit errors name a rate that holds', async () => {
  const { client } = setUp(async function* () {
    yield* [];
    throw new RateLimitError('slow down', { provider: 'openai', status: 429 });
  });
  await ask(client);
  expect(client.diagnose()).toMatchObject([
    {
      id: 'rate-limited',
      evidence: '30 of 30 attempts (100 %) ended with 429; own limit none',
      solution: expect.stringMatching(/^withRateLimiting\(\d+\)$/) as string,
    },
  ]);
});

test('R8, timeouts name the tokens where answers are long, else the limit', async () => {
  async function* timeOut(): ReturnType<Play> {
    yield* [];
    throw new DeadlineError('late', { kind: 'attempt', afterMs: 30_000 });
  }
  const answer: Play = (call, index) => (index % 2 === 0 ? timeOut() : speak(call, 'ok'));
  const long = setUp(answer, withTimeout('30s'), withMaxTokens(USAGE.outputTokens * 2));
  const short = setUp(answer, withTimeout('30s'), withMaxTokens(1000));
  await Promise.all([ask(long.client), ask(short.client)]);
  expect([...long.client.diagnose(), ...short.client.diagnose()]).toMatchObject([
    { id: 'timeouts', solution: 'withMaxTokens(5)' },
    { id: 'timeouts', solution: "withTimeout('1m')" },
  ]);
  expect(short.client.diagnose()[0]?.evidence).toBe(
    '15 of 30 attempts timed out; limit 30s, mean 10 tokens in and 5 out, at most 1000 out',
  );
});

test('R9, high costs name the cache, unless there is one', async () => {
  const dear: Play = async function* () {
    yield { kind: 'text-delta', text: 'ok' };
    yield { kind: 'usage', usage: { inputTokens: 20_000, outputTokens: 0, totalTokens: 20_000 } };
    yield { kind: 'finish', reason: 'stop' };
  };
  const plain = setUp(dear);
  const cached = setUp(dear, withCache(true));
  await Promise.all([ask(plain.client), ask(cached.client)]);
  expect(plain.client.diagnose()).toMatchObject([
    { id: 'high-cost', evidence: '$0.60 a request over 30 calls; no cache', solution: "withCache(true, '24h')" },
  ]);
  expect(cached.client.diagnose()).toEqual([]);
});

test('R10, inconsistent output names the temperature, unless it is low', async () => {
  const differing: Play = (call, index) => speak(call, `answer ${index}`);
  const warm = setUp(differing, withTemperature(0.7));
  const cold = setUp(differing, withTemperature(0));
  await Promise.all([ask(warm.client), ask(cold.client)]);
  expect(warm.client.diagnose()).toMatchObject([
    {
      id: 'inconsistent-output',
      evidence: '29 of 29 answers to a repeated question differ from the one before; temperature 0.7',
      solution: 'withTemperature(0.2)',
    },
  ]);
  expect(cold.client.diagnose()).toEqual([]);
});
