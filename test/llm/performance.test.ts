/** The fields of PerformanceMetrics in source document 000, and what they are here. */
import { expect, test } from 'vitest';
import {
  createClient,
  userMessage,
  withAPIKey,
  withBaseURL,
  withCache,
  withFallback,
  withMetrics,
  withModel,
  withProvider,
} from '../../src/llm/index.js';
import { createScriptedServer } from '../../src/testing/scripted-server.js';
import { hang, rejection, settle, speak } from './puppet.js';
import { question, setUp } from './puppet-client.js';

test('rates, latencies and the hit ratio are those of a scripted run', async () => {
  const { client, clock } = setUp(async function* (call, index) {
    await new Promise<void>((resolve) => clock.setTimer((index + 1) * 10, resolve));
    yield* speak(call, 'ok');
  }, withCache(true));
  for (let i = 0; i < 10; i++) {
    const answer = client.chat([userMessage(`${i}`)]);
    await clock.advanceAsync((i + 1) * 10);
    await answer;
  }
  await client.chat([userMessage('9')]);
  expect(client.performance()).toMatchObject({
    requestRate: 11,
    averageLatency: 50,
    p50Latency: 50,
    p90Latency: 90,
    p99Latency: 100,
    cacheHitRatio: 1 / 11,
    goroutineCount: 0,
    connectionCount: 0,
  });
});

test('calls under way are what goroutines are there', async () => {
  const { client } = setUp(hang);
  const controller = new AbortController();
  const left = [1, 2, 3].map(() => rejection(client.chat(question, { signal: controller.signal })));
  await settle();
  expect(client.performance().goroutineCount).toBe(3);
  controller.abort();
  await Promise.all(left);
  expect(client.performance().goroutineCount).toBe(0);
});

test('connections are those open, once for each origin', async () => {
  const server = await createScriptedServer([{ hang: 'before-head' }]);
  const client = createClient(
    withProvider('openai'),
    withModel('m'),
    withAPIKey('k'),
    withBaseURL(server.url),
    withFallback([{ provider: 'openai', baseUrl: server.url, apiKey: 'k', model: 'n' }]),
  );
  const controller = new AbortController();
  const left = [1, 2].map(() => rejection(client.chat(question, { signal: controller.signal })));
  await server.until(({ requests }) => requests.length === 2);
  expect(client.performance()).toMatchObject({ connectionCount: 2, goroutineCount: 2 });
  controller.abort();
  await Promise.all(left);
  await client.close();
  await server.close();
});

test('what calls allocate shows in bytes a call, unless nothing is measured', async () => {
  const kept: string[][] = [];
  const run = async (
    ...options: Parameters<typeof setUp> extends [unknown, ...infer R] ? R : never
  ): Promise<number> => {
    const { client } = setUp(
      (call) => {
        kept.push(Array.from({ length: 40_000 }, (_, i) => `${i}`));
        return speak(call, 'ok');
      },
      ...options,
    );
    for (let i = 0; i < 16; i++) await client.chat(question);
    return client.performance().allocationRate;
  };
  expect(await run()).toBeGreaterThan(80_000);
  expect(await run(withMetrics(false))).toBe(0);
  expect(kept).toHaveLength(32);
});
