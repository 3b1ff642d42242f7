/** The client against a mock server of other people. */
import { LLMock } from '@copilotkit/aimock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Client,
  createClient,
  isRateLimitError,
  isStreamTruncatedError,
  userMessage,
  withAPIKey,
  withBaseURL,
  withCache,
  withModel,
  withRetryCount,
  withRetryDelay,
} from '../../src/llm/index.js';
import { collect, rejection, textOf } from './puppet.js';

let mock: LLMock;
let client: Client;
beforeEach(async () => {
  mock = new LLMock({ port: 0, chunkSize: 3 });
  await mock.start();
  client = createClient(
    withAPIKey('sk-mock'),
    withBaseURL(`${mock.url}/v1`),
    withModel('gpt-4o'),
    withCache(true),
    withRetryCount(1),
    withRetryDelay(1),
  );
});
afterEach(async () => {
  await client.close();
  await mock.stop();
});

describe('against aimock', () => {
  test('chats and streams, from the cache too', async () => {
    mock.onMessage('hello', { content: 'Hi there, how are you?' });
    const chunks = await collect(client.stream([userMessage('hello')]));
    expect([textOf(chunks), chunks.length > 5]).toEqual(['Hi there, how are you?', true]);
    expect(await client.chat([userMessage('hello')])).toMatchObject({ text: 'Hi there, how are you?', cached: true });
    expect(await client.chat([userMessage('hello')], { cache: false })).toMatchObject({ cached: false });
    expect(mock.getRequests().length).toBe(2);
  });

  test('gets parallel tool calls, streamed and stored', async () => {
    const call = (city: string) => ({ name: 'get_weather', arguments: JSON.stringify({ city }) });
    mock.onMessage('weather', { toolCalls: [call('Oslo'), call('Rome')] });
    const tools = [{ name: 'get_weather', parameters: { type: 'object' } }];
    const answer = await client.stream([userMessage('weather')], { tools }).final();
    expect(answer).toMatchObject({ finishReason: 'tool-calls', stored: true });
    expect(answer.toolCalls.map((each) => each.arguments)).toEqual(['{"city":"Oslo"}', '{"city":"Rome"}']);
    expect((await client.chat([userMessage('weather')], { tools })).toolCalls).toEqual(answer.toolCalls);
  });

  test('waits as long as a 429 asks, and gives up at the deadline', async () => {
    mock.onMessage('busy', { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 30 });
    const error = await rejection(client.chat([userMessage('busy')], { totalTimeout: '5s' }));
    expect(isRateLimitError(error) && [error.status, error.retryAfterMs]).toEqual([429, 30_000]);
    expect(mock.getRequests().length).toBe(1);
  });

  test('does not take a disconnect for an end, and keeps nothing of it', async () => {
    mock.onMessage('long', { content: 'word '.repeat(200) }, { truncateAfterChunks: 5, latency: 2 });
    let text = '';
    const error = await rejection(
      (async () => {
        for await (const chunk of client.stream([userMessage('long')])) text += textOf([chunk]);
      })(),
    );
    expect([isStreamTruncatedError(error), text.startsWith('word'), client.metrics().stored]).toEqual([true, true, 0]);
  });
});
