/** Vectors over a real connection, in the format and at the price of a vendor. */
import { expect, test } from 'vitest';
import {
  createClient,
  withAPIKey,
  withBaseURL,
  withCache,
  withModel,
  withProvider,
  withRetryCount,
  withRetryDelay,
} from '../../../src/llm/index.js';
import { createScriptedServer, type ScriptedRequest } from '../../../src/testing/scripted-server.js';
import { replyToEmbedding } from '../../providers/embedding-server.js';

test('texts go out in lists of at most the 32 that the vendor takes, once each, and a 503 is tried again', async () => {
  const requests: ScriptedRequest[] = [];
  const server = await createScriptedServer((request) => {
    requests.push(request);
    if (requests.length === 1) return { status: 503, body: 'busy' };
    return replyToEmbedding(request);
  });
  const client = createClient(
    withProvider('siliconflow'),
    withModel('m'),
    withAPIKey('sk-test'),
    withBaseURL(`${server.url}/v1`),
    withCache(true),
    withRetryCount(1),
    withRetryDelay(1),
  );
  const texts = Array.from({ length: 70 }, (_, i) => 'x'.repeat(1 + (i % 50)));
  const response = await client.embed(texts, { model: 'BAAI/bge-m3', concurrency: 1 });
  expect(response.vectors).toEqual(texts.map((text) => [text.length, 1.2, -0.5]));
  const sizes = requests.map(({ body }) => (JSON.parse(body) as { input: unknown[] }).input.length);
  expect([sizes, requests.every(({ path }) => path === '/v1/embeddings')]).toEqual([[32, 32, 18], true]);
  expect(response).toMatchObject({ provider: 'siliconflow', upstreamCalls: 2, cachedTexts: 0, inputTokens: 50 });
  expect(await client.embed(texts, { model: 'BAAI/bge-m3' })).toMatchObject({ cachedTexts: 70, upstreamCalls: 0 });
  await client.close();
  await server.close();
});
