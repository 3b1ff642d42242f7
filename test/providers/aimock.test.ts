import { LLMock } from '@copilotkit/aimock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { createAnswerAssembler } from '../../src/protocol/assemble.js';
import {
  assistantMessage,
  type ChatRequest,
  type Chunk,
  type ProviderAnswer,
  toolMessage,
  userMessage,
} from '../../src/protocol/chat.js';
import { flatten } from '../../src/protocol/flatten.js';
import { createOpenAIChatProvider } from '../../src/providers/openai-chat/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import { createTransport } from '../../src/transport/undici-transport.js';

let mock: LLMock;
let provider: Provider;
beforeEach(async () => {
  mock = new LLMock({ port: 0, chunkSize: 3 });
  await mock.start();
  const transport = createTransport({ origin: mock.url, settings: transportSettings() });
  provider = createOpenAIChatProvider({ name: 'aimock', baseURL: `${mock.url}/v1`, transport });
});
afterEach(async () => {
  await provider.close?.();
  await mock.stop();
});

async function ask(
  content: string,
  stream: boolean,
  changes: Partial<ChatRequest> = {},
): Promise<{ answer: ProviderAnswer; chunks: Chunk[] }> {
  const request = { model: 'gpt-4o', messages: [userMessage(content)], ...changes };
  const assembler = createAnswerAssembler();
  const chunks: Chunk[] = [];
  const { signal } = new AbortController();
  for await (const chunk of flatten(provider.chat({ request, stream, signal, apiKey: 'sk-mock' }))) {
    chunks.push(chunk);
    assembler.add(chunk);
  }
  return { answer: assembler.answer(), chunks };
}
const failure = (content: string, stream: boolean): Promise<unknown> =>
  ask(content, stream).catch((error: unknown) => error);

describe('a mock server of other people', () => {
  test('is understood, whole and streamed', async () => {
    mock.onMessage('hello', { content: 'Hi there, how are you today?' });
    for (const stream of [false, true]) {
      const { answer, chunks } = await ask('hello', stream);
      expect(answer).toMatchObject({ text: 'Hi there, how are you today?', finishReason: 'stop' });
      expect(answer.usage?.totalTokens).toBeGreaterThan(0);
      expect(chunks.length > 3).toBe(stream);
    }
    const { body, headers } = mock.getLastRequest() ?? {};
    expect(body).toMatchObject({ model: 'gpt-4o', stream: true, stream_options: { include_usage: true } });
    expect(headers?.['content-type']).toBe('application/json');
  });

  test('gives parallel tool calls and takes their results', async () => {
    const tools = [{ name: 'get_weather', parameters: { type: 'object' } }];
    mock.onMessage('weather', {
      toolCalls: [
        { name: 'get_weather', arguments: '{"city":"Oslo"}' },
        { name: 'get_weather', arguments: '{"city":"Rome"}' },
      ],
    });
    for (const stream of [false, true]) {
      const { answer } = await ask('weather', stream, { tools });
      expect(answer.finishReason).toBe('tool-calls');
      expect(answer.toolCalls.map((call) => call.arguments)).toEqual(['{"city":"Oslo"}', '{"city":"Rome"}']);
      expect(new Set(answer.toolCalls.map(({ id }) => id)).size).toBe(2);
      const [call] = answer.toolCalls;
      const messages = [
        userMessage('weather'),
        assistantMessage('', answer.toolCalls),
        toolMessage(call?.id ?? '', 'rain'),
      ];
      mock.prependFixture({ match: { toolCallId: call?.id ?? '' }, response: { content: 'It rains.' } });
      expect((await ask('', stream, { messages, tools })).answer.text).toBe('It rains.');
    }
  });

  test('that limits the rate is a RateLimitError with the wait it asks for', async () => {
    mock.onMessage('busy', { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 3 });
    for (const stream of [false, true]) {
      expect(await failure('busy', stream)).toMatchObject({
        name: 'RateLimitError',
        status: 429,
        retryAfterMs: 3000,
        retryable: true,
      });
    }
  });

  test.each([401, 500, 503])('that answers %i is a ProviderError', async (status) => {
    mock.onMessage('no', { error: { message: 'no', type: 'server_error' }, status });
    expect(await failure('no', true)).toMatchObject({ name: 'ProviderError', status, retryable: status >= 500 });
  });

  test('that disconnects amid a stream is a StreamTruncatedError', async () => {
    mock.onMessage('long', { content: 'word '.repeat(200) }, { truncateAfterChunks: 5, latency: 2 });
    expect(await failure('long', true)).toMatchObject({
      name: 'StreamTruncatedError',
      provider: 'aimock',
      status: 200,
    });
  });

  test('that sends a malformed body is a typed error, streamed or not', async () => {
    mock.onMessage('odd', { content: 'fine' }, { chaos: { malformedRate: 1 } });
    for (const stream of [false, true]) {
      expect(await failure('odd', stream)).toMatchObject({
        name: expect.stringMatching(/ProviderError|StreamTruncatedError/) as string,
        status: 200,
      });
    }
  });
});
