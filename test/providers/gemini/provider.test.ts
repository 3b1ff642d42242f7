import { describe, expect, test } from 'vitest';
import { type ChatRequest, userMessage } from '../../../src/protocol/chat.js';
import { createGeminiProvider } from '../../../src/providers/gemini/provider.js';
import type { Provider } from '../../../src/providers/provider.js';
import type { Script } from '../../../src/testing/scripted-server.js';
import { collect as collectChunks, KEY, type Started, startProvider } from '../scripted-provider.js';

const request: ChatRequest = { model: 'gemini-3.8-flash', messages: [userMessage('Why do cats purr, of all beasts?')] };
const candidates = [{ content: { role: 'model', parts: [{ text: 'Because.' }] }, finishReason: 'STOP', index: 0 }];
const ANSWER = { candidates, responseId: 'r', modelVersion: 'gemini-3.8-flash' };
const EVENT_STREAM = { 'content-type': 'text/event-stream' };

function start(script: Script): Promise<Started> {
  return startProvider(createGeminiProvider, script, '/v1beta');
}
function collect(
  provider: Provider,
  stream: boolean,
  changes: Partial<ChatRequest> = {},
): ReturnType<typeof collectChunks> {
  const { signal } = new AbortController();
  return collectChunks(provider.chat({ request: { ...request, ...changes }, stream, signal, apiKey: KEY }));
}

describe('a call', () => {
  test('names the model in its path and the key in its header, and asks for a stream by the path alone', async () => {
    const { server, provider } = await start(({ path }) =>
      path.includes('stream')
        ? { headers: EVENT_STREAM, body: `data: ${JSON.stringify(ANSWER)}\r\n\r\n` }
        : { body: JSON.stringify(ANSWER) },
    );
    for (const stream of [true, false]) expect((await collect(provider, stream)).error).toBeUndefined();
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
      '/v1beta/models/gemini-3.8-flash:generateContent',
    ]);
    for (const { headers, body } of server.requests) {
      expect(headers['x-goog-api-key']).toBe(KEY);
      expect(JSON.parse(body)).toEqual(provider.body(request));
    }
    expect(provider.endpoint).toBe(`${server.url}/v1beta/models`);
  });

  test('that cannot be said, or whose model is a way out of the path, reaches nobody', async () => {
    const { server, provider } = await start([{ body: JSON.stringify(ANSWER) }]);
    for (const changes of [{ model: '../../v1/secrets' }, { toolChoice: 'required' }] as const)
      expect((await collect(provider, false, changes)).error).toMatchObject({ name: 'ConfigError' });
    expect(server.connections).toBe(0);
  });
});

describe('a stream', () => {
  test('answered as a JSON list, since alt=sse was ignored, is a typed error', async () => {
    const { provider } = await start([{ body: JSON.stringify([ANSWER, ANSWER]) }]);
    const { chunks, error } = await collect(provider, true);
    expect(chunks).toEqual([]);
    expect(error).toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE', status: 200 });
  });

  test('whose prompt was blocked ends with content-filter', async () => {
    const body = `data: ${JSON.stringify({ promptFeedback: { blockReason: 'SAFETY' } })}\r\n\r\n`;
    const { provider } = await start([{ headers: EVENT_STREAM, body }]);
    expect((await collect(provider, true)).chunks.at(-1)).toEqual({ kind: 'finish', reason: 'content-filter' });
  });

  test('that ends in order but without a finish reason is truncated', async () => {
    const half = { candidates: [{ content: { parts: [{ text: 'Bec' }] } }] };
    const { provider } = await start([{ headers: EVENT_STREAM, body: `data: ${JSON.stringify(half)}\r\n\r\n` }]);
    const { chunks, error } = await collect(provider, true);
    expect(chunks.at(-1)).toEqual({ kind: 'text-delta', text: 'Bec' });
    expect(error).toMatchObject({ name: 'StreamTruncatedError' });
  });

  test('with an error as an event is that error, with the wait it asks for', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' }];
    const error = { code: 429, message: 'slow down', status: 'RESOURCE_EXHAUSTED', details };
    const body = `data: ${JSON.stringify(ANSWER)}\r\n\r\ndata: ${JSON.stringify({ error })}\r\n\r\n`;
    const { provider } = await start([{ headers: EVENT_STREAM, body }]);
    const result = await collect(provider, true);
    expect(result.error).toMatchObject({ name: 'RateLimitError', status: 429, retryAfterMs: 2000, retryable: true });
    expect(result.chunks.some(({ kind }) => kind === 'finish')).toBe(false);
  });
});

test.each([
  [400, 'INVALID_ARGUMENT', false],
  [403, 'PERMISSION_DENIED', false],
  [404, 'NOT_FOUND', false],
  [429, 'RESOURCE_EXHAUSTED', true],
  [500, 'INTERNAL', true],
  [503, 'UNAVAILABLE', true],
  [504, 'DEADLINE_EXCEEDED', true],
])('an answer with status %i %s is an error that a retry can heal: %s', async (code, status, retryable) => {
  const { provider } = await start([
    { status: code, body: JSON.stringify({ error: { code, status, message: `no: ${KEY}` } }) },
  ]);
  for (const stream of [true, false])
    expect((await collect(provider, stream)).error).toMatchObject({
      status: code,
      retryable,
      message: `acme answered ${code}: no: ***`,
    });
});

test('texts are embedded as one batch', async () => {
  const { server, provider } = await start([{ body: JSON.stringify({ embeddings: [{ values: [1, 0] }] }) }]);
  const { signal } = new AbortController();
  const embedding = { model: 'gemini-embedding-001', texts: ['a'] };
  const answer = await provider.embed?.({ request: embedding, signal, apiKey: 'k' });
  expect(answer).toEqual({ model: 'gemini-embedding-001', vectors: [[1, 0]], inputTokens: undefined });
  expect(server.requests[0]?.path).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents');
  expect(provider.maxEmbedTexts).toBe(100);
});
