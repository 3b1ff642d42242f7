/** One test an option, of what it does: on the wire, or on a provider that the test plays. */
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { afterEach, expect } from 'vitest';
import { createShardedCache } from '../../src/cache/index.js';
import {
  type Client,
  type ClientOption,
  createClient,
  type StoredAnswer,
  userMessage,
  withAdaptiveConcurrency,
  withAlerts,
  withAPIKey,
  withAttemptTrace,
  withBaseURL,
  withBudget,
  withCache,
  withCacheScope,
  withCircuitBreaker,
  withClock,
  withConnectionPool,
  withCustomHeaders,
  withFallback,
  withFirstTokenTimeout,
  withIdempotencyKey,
  withMaxTokens,
  withMetrics,
  withModel,
  withModelTier,
  withNegativeCache,
  withOrganizationID,
  withPlugins,
  withPreset,
  withProfile,
  withProfileFromEnv,
  withProvider,
  withProviderPreset,
  withProxy,
  withQueue,
  withRateLimitAlgorithm,
  withRateLimiting,
  withResponseValidator,
  withRetryBudget,
  withRetryCount,
  withRetryDelay,
  withRouter,
  withSeed,
  withSemanticCache,
  withSettings,
  withShouldCache,
  withStreamIdleTimeout,
  withStreamingEnabled,
  withSystemPrompt,
  withTemperature,
  withTimeout,
  withTopP,
  withTotalTimeout,
  withTransport,
  withUseCase,
} from '../../src/llm/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedServer, type ScriptedRequest, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { optionTest } from '../support/option-test.js';
import { createCertificate } from '../transport/certificate.js';
import { createPuppet, fail, hang, opening, type Play, type Puppet, rejection, settle, speak } from './puppet.js';

const question = [userMessage('why?')];
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A client of a played provider on a fake clock. Calls that a failing body leaves behind end with it. */
function played(
  play: Play | undefined,
  ...options: readonly ClientOption[]
): { client: Client; puppet: Puppet; clock: FakeClock } {
  const clock = createFakeClock();
  const puppet = createPuppet(play);
  const client = createClient(withProvider(puppet), withModel('m'), withClock(clock), ...options);
  cleanups.push(async () => {
    const closing = client.close();
    await clock.advanceAsync(5001);
    await closing;
  });
  return { client, puppet, clock };
}

const ANSWER = { id: 'c', choices: [{ index: 0, message: { content: 'ok' }, finish_reason: 'stop' }] };

async function served(status = 200): Promise<ScriptedServer> {
  const server = await createScriptedServer(() => ({ status, body: JSON.stringify(ANSWER) }));
  cleanups.push(() => server.close());
  return server;
}
/** A client of OpenAI, but for its address. */
function openai(server: ScriptedServer, ...options: readonly ClientOption[]): Client {
  const client = createClient(withAPIKey('sk-1'), withBaseURL(`${server.url}/v1`), ...options);
  cleanups.push(() => client.close());
  return client;
}
/** What a chat with these options sends. */
async function sent(
  ...options: readonly ClientOption[]
): Promise<{ request: ScriptedRequest; body: Record<string, unknown> }> {
  const server = await served();
  await openai(server, ...options).chat(question);
  const [request] = server.requests;
  if (request === undefined) throw new Error('nothing was sent');
  return { request, body: JSON.parse(request.body) as Record<string, unknown> };
}

optionTest('llm', 'withProvider', 'provider', async () => {
  const client = createClient(withProvider('local'));
  cleanups.push(() => client.close());
  expect((await client.chat([userMessage('Snow is white. What colour is snow?')])).text).toBe('Snow is white.');
});
optionTest('llm', 'withAPIKey', 'apiKey', async () => {
  expect((await sent()).request.headers['authorization']).toBe('Bearer sk-1');
});
optionTest('llm', 'withBaseURL', 'baseUrl', async () => {
  const server = await served();
  const client = createClient(withProvider('vllm'), withModel('m'), withBaseURL(`${server.url}/deep/v9`));
  cleanups.push(() => client.close());
  await client.chat(question);
  expect(server.requests[0]?.path).toBe('/deep/v9/chat/completions');
});
optionTest('llm', 'withOrganizationID', 'organizationId', async () => {
  expect((await sent(withOrganizationID('org-7'))).request.headers['openai-organization']).toBe('org-7');
});
optionTest('llm', 'withProxy', 'proxyUrl', async () => {
  const proxy = await served(502);
  const server = await served();
  await openai(server, withProxy(proxy.url))
    .chat(question)
    .catch(() => undefined);
  expect(proxy.requests[0]).toMatchObject({ method: 'CONNECT', path: server.url.slice('http://'.length) });
});
optionTest('llm', 'withCustomHeaders', 'customHeaders', async () => {
  expect((await sent(withCustomHeaders({ 'x-team': 'red' }))).request.headers['x-team']).toBe('red');
});
optionTest('llm', 'withModel', 'model', async () => {
  expect((await sent(withModel('gpt-4o'))).body['model']).toBe('gpt-4o');
});
optionTest('llm', 'withModelTier', 'modelTier', async () => {
  expect((await sent(withModelTier('fast'))).body['model']).toBe('gpt-6-luna');
});
optionTest('llm', 'withSystemPrompt', 'systemPrompt', async () => {
  expect((await sent(withSystemPrompt('Be brief.'))).body['messages']).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'why?' },
  ]);
});
optionTest('llm', 'withMaxTokens', 'maxTokens', async () => {
  expect((await sent(withMaxTokens(11))).body['max_completion_tokens']).toBe(11);
});
optionTest('llm', 'withTemperature', 'temperature', async () => {
  expect((await sent(withTemperature(0))).body['temperature']).toBe(0);
});
optionTest('llm', 'withTopP', 'topP', async () => {
  expect((await sent(withTopP(0.25))).body['top_p']).toBe(0.25);
});
optionTest('llm', 'withStreamingEnabled', 'streaming', async () => {
  expect((await sent(withStreamingEnabled(true))).body['stream']).toBe(true);
});
optionTest('llm', 'withPreset', 'preset', async () => {
  expect((await sent(withPreset('low-cost'))).body).toMatchObject({ model: 'gpt-6-luna', max_completion_tokens: 500 });
});
optionTest('llm', 'withUseCase', 'useCase', async () => {
  expect((await sent(withUseCase('codegen'))).body).toMatchObject({ model: 'gpt-6-sol', max_completion_tokens: 3000 });
});
optionTest('llm', 'withProviderPreset', 'providerPreset', async () => {
  expect((await sent(withProviderPreset('deepseek'))).body).toMatchObject({
    model: 'deepseek-v4-flash',
    max_tokens: 4096,
  });
});
optionTest('llm', 'withProfile', 'profile', async () => {
  const profile = { name: 'mine', scope: 'llm', description: 'd', evidence: 'e', settings: { maxTokens: 77 } };
  expect((await sent(withProfile(profile))).body['max_completion_tokens']).toBe(77);
});
optionTest('llm', 'withProfileFromEnv', 'profile', async () => {
  expect((await sent(withProfileFromEnv({ SHERD_LLM_PROFILE: 'low-cost' }))).body['max_completion_tokens']).toBe(500);
});
optionTest('llm', 'withSettings', 'maxTokens', async () => {
  expect((await sent(withSettings({ maxTokens: 5 }))).body['max_completion_tokens']).toBe(5);
});

optionTest('llm', 'withTimeout', 'timeoutMs', async () => {
  const { client, puppet, clock } = played(hang, withTimeout('2s'));
  const error = rejection(client.chat(question));
  await clock.advanceAsync(2000);
  expect(puppet.aborted).toBe(1);
  expect(await error).toMatchObject({ kind: 'attempt', afterMs: 2000 });
});
optionTest('llm', 'withTotalTimeout', 'totalTimeoutMs', async () => {
  const { client, puppet, clock } = played(hang, withTotalTimeout('2s'));
  const error = rejection(client.chat(question));
  await clock.advanceAsync(2000);
  expect(puppet.aborted).toBe(1);
  expect(await error).toMatchObject({ kind: 'total' });
});
optionTest('llm', 'withFirstTokenTimeout', 'firstTokenTimeoutMs', async () => {
  const { client, puppet, clock } = played(hang, withFirstTokenTimeout('2s'));
  const error = rejection(client.stream(question).final());
  await clock.advanceAsync(2000);
  expect(puppet.aborted).toBe(1);
  expect(await error).toMatchObject({ kind: 'first-token' });
});
optionTest('llm', 'withStreamIdleTimeout', 'streamIdleTimeoutMs', async () => {
  const { client, puppet, clock } = played(async function* (call) {
    yield* opening();
    yield { kind: 'text-delta', text: 'a' };
    yield* hang(call);
  }, withStreamIdleTimeout('2s'));
  const error = rejection(client.stream(question).final());
  await clock.advanceAsync(2000);
  expect(puppet.aborted).toBe(1);
  expect(await error).toMatchObject({ kind: 'idle' });
});
optionTest('llm', 'withRetryCount', 'retryCount', async () => {
  const { client, clock, puppet } = played(() => fail(503), withRetryCount(2), withRetryDelay(0));
  const error = rejection(client.chat(question));
  await clock.advanceAsync(0);
  await error;
  expect(puppet.calls.length).toBe(3);
});
optionTest('llm', 'withRetryDelay', 'retryDelayMs', async () => {
  const { client, clock } = played(() => fail(503), withRetryCount(1), withRetryDelay('30s'), withSeed(2));
  const delays: number[] = [];
  client.on('retry', ({ delayMs }) => delays.push(delayMs));
  const error = rejection(client.chat(question));
  await clock.advanceAsync(30_000);
  await error;
  expect(delays[0]).toBeGreaterThan(1000);
});
optionTest('llm', 'withRetryBudget', 'retryBudget', async () => {
  const { client, clock, puppet } = played(
    () => fail(503),
    withRetryCount(2),
    withRetryDelay(0),
    withRetryBudget({ share: 0, minPerSecond: 0 }),
  );
  const error = rejection(client.chat(question));
  await clock.advanceAsync(0);
  await error;
  expect(puppet.calls.length).toBe(1);
});
optionTest('llm', 'withRateLimiting', 'requestsPerMinute', async () => {
  const { client, clock, puppet } = played(undefined, withRateLimiting(3));
  const answers = Array.from({ length: 5 }, () => client.chat(question));
  await settle();
  expect(puppet.calls.length).toBe(3);
  await clock.advanceAsync(20_000);
  expect(puppet.calls.length).toBe(4);
  await clock.advanceAsync(20_000);
  await Promise.all(answers);
});
optionTest('llm', 'withRateLimiting', 'requestBurst', async () => {
  const { client, clock, puppet } = played(undefined, withRateLimiting({ requestsPerMinute: 60, requestBurst: 1 }));
  const answers = [client.chat(question), client.chat(question)];
  await settle();
  expect(puppet.calls.length).toBe(1);
  await clock.advanceAsync(1000);
  await Promise.all(answers);
});
optionTest('llm', 'withRateLimiting', 'tokensPerMinute', async () => {
  const { client, clock, puppet } = played(hang, withRateLimiting({ tokensPerMinute: 6000 }), withMaxTokens(3500));
  void Promise.allSettled([client.chat(question), client.chat(question)]);
  await settle();
  expect(puppet.calls.length).toBe(1);
  await clock.advanceAsync(60_000);
  expect(puppet.calls.length).toBe(2);
});
optionTest('llm', 'withRateLimiting', 'tokenBurst', async () => {
  const limits = withRateLimiting({ tokensPerMinute: 60_000, tokenBurst: 1000 });
  const { client, clock, puppet } = played(hang, limits, withMaxTokens(900));
  void Promise.allSettled([client.chat(question), client.chat(question)]);
  await settle();
  expect(puppet.calls.length).toBe(1);
  await clock.advanceAsync(1000);
  expect(puppet.calls.length).toBe(2);
});
optionTest('llm', 'withBudget', 'budget', async () => {
  const { client } = played(undefined, withBudget({ tokens: 100, per: 'hour' }), withMaxTokens(200));
  expect(await rejection(client.chat(question))).toMatchObject({ name: 'BudgetError' });
});
optionTest('llm', 'withAdaptiveConcurrency', 'adaptiveConcurrency', async () => {
  const { client, puppet } = played(hang, withAdaptiveConcurrency({ max: 2 }));
  void Promise.allSettled(Array.from({ length: 5 }, () => client.chat(question)));
  await settle();
  expect(puppet.calls.length).toBe(2);
});
optionTest('llm', 'withQueue', 'queue', async () => {
  const { client, puppet } = played(hang, withQueue({ maxSize: 0 }), withConnectionPool(2));
  const calls = Array.from({ length: 3 }, () => client.chat(question));
  void Promise.allSettled(calls);
  expect(await rejection(calls[2] as Promise<unknown>)).toMatchObject({ code: 'ERR_QUEUE_FULL' });
  expect(puppet.calls.length).toBe(2);
});
optionTest('llm', 'withIdempotencyKey', 'idempotencyKey', async () => {
  const { request } = await sent(
    withIdempotencyKey(({ model }) => `key-of-${model}`),
    withModel('gpt-4o'),
  );
  expect(request.headers['idempotency-key']).toBe('key-of-gpt-4o');
});
optionTest('llm', 'withRateLimitAlgorithm', 'rateLimitAlgorithm', async () => {
  const { client, puppet, clock } = played(undefined, withRateLimiting(30), withRateLimitAlgorithm('fixed-window'));
  void Promise.allSettled(Array.from({ length: 60 }, () => client.chat(question)));
  await settle();
  expect(puppet.calls.length).toBe(30);
  // A bucket would let one more through every two seconds.
  await clock.advanceAsync(10_000);
  expect(puppet.calls.length).toBe(30);
});
optionTest('llm', 'withConnectionPool', 'connectionPool', async () => {
  const server = await served();
  const client = openai(server, withConnectionPool(2));
  await Promise.all(Array.from({ length: 6 }, () => client.chat(question)));
  expect(server.connections).toBe(2);
});
optionTest('llm', 'withTransport', 'transport', async () => {
  const server = await served();
  const client = openai(server, withTransport('legacy'));
  await Promise.all(Array.from({ length: 15 }, () => client.chat(question)));
  expect(server.connections).toBe(10);
});
optionTest('llm', 'withTransport', 'transport', async () => {
  const server = await served();
  openai(server, withTransport({ prewarm: 3 }));
  await server.until(({ connections }) => connections === 3);
});
optionTest('llm', 'withTransport', 'transport', async () => {
  const server = await served();
  for (let i = 0; i < 3; i++) {
    const client = openai(server, withTransport({ linger: '1m' }));
    await client.chat(question);
    // undici lets a connection serve again one turn of the loop after its answer.
    await new Promise(setImmediate);
    await client.close();
  }
  expect(server.connections).toBe(1);
});
optionTest('llm', 'withTransport', 'transport', async () => {
  const { key, cert } = createCertificate();
  const server = createSecureServer({ key, cert }, (_, response) => void response.end(JSON.stringify(ANSWER)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => void server.close());
  const { port } = server.address() as { port: number };
  const tls = withTransport({ profile: 'Wormhole', http2: true, ca: cert });
  const client = createClient(withAPIKey('sk-1'), withBaseURL(`https://127.0.0.1:${port}/v1`), tls);
  cleanups.push(() => client.close());
  expect((await client.chat(question)).text).toBe('ok');
});
optionTest('llm', 'withCircuitBreaker', 'circuitBreaker', async () => {
  const { client, puppet } = played(() => fail(500), withCircuitBreaker({ failureThreshold: 2 }));
  for (let i = 0; i < 5; i++) await rejection(client.chat(question));
  expect(puppet.calls.length).toBe(2);
});
optionTest('llm', 'withCircuitBreaker', 'circuitBreaker', async () => {
  const { client, puppet } = played(
    (call, index) => (index % 2 === 0 ? fail(500) : speak(call, 'ok')),
    withCircuitBreaker({ mode: 'rate', failureRate: 0.5, minimumCalls: 3 }),
  );
  for (let i = 0; i < 6; i++) await Promise.allSettled([client.chat(question)]);
  expect(puppet.calls.length).toBe(3);
});
optionTest('llm', 'withFallback', 'fallback', async () => {
  const { client } = played(() => fail(500), withFallback(['local']));
  expect((await client.chat([userMessage('Ink is black. What colour is ink?')])).provider).toBe('local');
});
optionTest('llm', 'withFallback', 'fallback', async () => {
  const { client } = played(hang, withFallback(['local'], { mode: 'race' }));
  expect((await client.chat([userMessage('Coal is black. What colour is coal?')])).provider).toBe('local');
});
optionTest('llm', 'withFallback', 'fallback', async () => {
  const { client, clock, puppet } = played(
    (call, index) => (index === 0 ? hang(call) : speak(call, 'ok')),
    withFallback([], { mode: 'hedge', hedgeDelay: '1s' }),
  );
  const answer = client.chat(question);
  await clock.advanceAsync(1000);
  await answer;
  expect(puppet.calls.length).toBe(2);
});
optionTest('llm', 'withRouter', 'router', async () => {
  const { client } = played(undefined, withRouter({ candidates: ['local'], costBias: 1 }));
  expect((await client.chat([userMessage('Milk is white. What colour is milk?')])).provider).toBe('local');
});
optionTest('llm', 'withCache', 'cache', async () => {
  const { client, puppet } = played(undefined, withCache(true));
  await client.chat(question);
  await client.chat(question);
  expect(puppet.calls.length).toBe(1);
});
optionTest('llm', 'withCacheScope', 'cacheScope', async () => {
  const cache = createShardedCache<StoredAnswer>();
  const [one, two] = [
    played(undefined, withCache(cache), withCacheScope('us')),
    played(undefined, withCache(cache), withCacheScope('us')),
  ];
  await one.client.chat(question);
  expect((await two.client.chat(question)).cached).toBe(true);
});
optionTest('llm', 'withNegativeCache', 'negativeCache', async () => {
  const { client, puppet } = played(() => fail(400), withCache(true), withNegativeCache());
  await rejection(client.chat(question));
  await rejection(client.chat(question));
  expect(puppet.calls.length).toBe(1);
});
optionTest('llm', 'withSemanticCache', 'semanticCache', async () => {
  const { client, puppet } = played(undefined, withCache(true), withSemanticCache({ embedder: () => [[1, 0]] }));
  await client.chat([userMessage('How do I reset my password?')]);
  expect(await client.chat([userMessage('How can I reset my password?')])).toMatchObject({ semantic: true });
  expect(puppet.calls.length).toBe(1);
});
optionTest('llm', 'withShouldCache', 'shouldCache', async () => {
  const { client } = played(
    (call) => speak(call, 'cut', 'length'),
    withCache(true),
    withShouldCache(() => true),
  );
  expect((await client.chat(question)).stored).toBe(true);
});
optionTest('llm', 'withResponseValidator', 'responseValidator', async () => {
  const { client } = played(
    undefined,
    withResponseValidator(({ text }) => text.includes('no such word')),
  );
  expect(await rejection(client.chat(question))).toMatchObject({ code: 'ERR_PROVIDER_INVALID_ANSWER' });
});
optionTest('llm', 'withPlugins', 'plugins', async () => {
  const { client } = played(
    undefined,
    withPlugins([{ name: 'loud', afterResponse: (answer) => ({ ...answer, text: answer.text.toUpperCase() }) }]),
  );
  expect((await client.chat(question)).text).toBe('HELLO THERE');
});
optionTest('llm', 'withMetrics', 'metrics', async () => {
  const { client } = played(undefined, withMetrics(false));
  await client.chat(question);
  expect(client.metrics()).toMatchObject({ requests: 1, requestRate: 0 });
});
optionTest('llm', 'withAlerts', 'alerts', async () => {
  const names: string[] = [];
  const { client, clock } = played(
    () => fail(500),
    withAlerts('guide', ({ name }) => names.push(name)),
  );
  for (let i = 0; i < 30; i++) await rejection(client.chat(question));
  await clock.advanceAsync(10_000);
  expect(names).toEqual(['minSuccessRate']);
});
optionTest('llm', 'withAttemptTrace', 'attemptTrace', async () => {
  const { client } = played(undefined, withAttemptTrace(true));
  expect((await client.chat(question)).attempts).toMatchObject([{ provider: 'puppet', kind: 'first', outcome: 'ok' }]);
});
optionTest('llm', 'withClock', 'clock', async () => {
  const { client, clock } = played(hang, withTotalTimeout('1s'));
  const controller = new AbortController();
  const error = rejection(client.chat(question, { signal: controller.signal }));
  try {
    await clock.advanceAsync(0);
    expect(clock.pendingTimers).toBeGreaterThan(0);
  } finally {
    controller.abort();
    await error;
  }
});
optionTest('llm', 'withSeed', 'seed', async () => {
  const delaysOf = async (): Promise<number[]> => {
    const { client, clock } = played(() => fail(503), withRetryCount(3), withSeed(42));
    const delays: number[] = [];
    client.on('retry', ({ delayMs }) => delays.push(delayMs));
    const error = rejection(client.chat(question));
    await clock.advanceAsync(60_000);
    await error;
    return delays;
  };
  expect(await delaysOf()).toEqual(await delaysOf());
});
