import { LLMock } from '@copilotkit/aimock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { createAnswerAssembler } from '../../src/protocol/assemble.js';
import {
  answerMessage,
  type ChatRequest,
  type ProviderAnswer,
  toolMessage,
  userMessage,
} from '../../src/protocol/chat.js';
import { flatten } from '../../src/protocol/flatten.js';
import { createAnthropicProvider } from '../../src/providers/anthropic/provider.js';
import { createCohereProvider } from '../../src/providers/cohere/provider.js';
import { createGeminiProvider } from '../../src/providers/gemini/provider.js';
import { createOllamaProvider } from '../../src/providers/ollama/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import { createTransport } from '../../src/transport/undici-transport.js';

// What the mock server gets wrong is not asked for: no counts at all, and a finish reason for Gemini's calls of tools
// that the API does not have.
describe.each([
  ['anthropic', createAnthropicProvider, ''],
  ['cohere', createCohereProvider, ''],
  ['gemini', createGeminiProvider, '/v1beta'],
  ['ollama', createOllamaProvider, ''],
] as const)('%s, as a mock server of other people speaks it,', (name, create, path) => {
  let mock: LLMock;
  let provider: Provider;
  beforeEach(async () => {
    mock = new LLMock({ port: 0, chunkSize: 3 });
    await mock.start();
    const transport = createTransport({ origin: mock.url, settings: transportSettings() });
    provider = create({ name, baseURL: `${mock.url}${path}`, transport });
  });
  afterEach(async () => {
    await provider.close?.();
    await mock.stop();
  });
  async function ask(stream: boolean, changes: Partial<ChatRequest>): Promise<ProviderAnswer> {
    const request = { model: 'some-model', messages: [userMessage('weather')], ...changes };
    const assembler = createAnswerAssembler();
    const { signal } = new AbortController();
    for await (const chunk of flatten(provider.chat({ request, stream, signal, apiKey: 'k' }))) assembler.add(chunk);
    return assembler.answer();
  }

  test('gives parallel calls of tools and takes their results', async () => {
    const tools = [{ name: 'get_weather', parameters: { type: 'object' } }];
    const cities = ['{"city":"Oslo"}', '{"city":"Rome"}'];
    for (const stream of [false, true]) {
      mock.onMessage('weather', { toolCalls: cities.map((city) => ({ name: 'get_weather', arguments: city })) });
      const answer = await ask(stream, { tools });
      expect(answer.toolCalls.map((call) => call.arguments)).toEqual(cities);
      expect(new Set(answer.toolCalls.map(({ id }) => id)).size).toBe(2);
      const results = answer.toolCalls.map(({ id }) => toolMessage(id, 'rain'));
      const messages = [userMessage('weather'), answerMessage(answer), ...results];
      mock.prependFixture({
        match: { predicate: (request) => request.messages.filter(({ role }) => role === 'tool').length === 2 },
        response: { content: 'It rains.' },
      });
      expect(await ask(stream, { messages, tools })).toMatchObject({ text: 'It rains.', finishReason: 'stop' });
      mock.clearFixtures();
    }
  });

  test('limits the rate with a RateLimitError, and fails with a ProviderError', async () => {
    mock.onMessage('busy', { error: { message: 'slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 3 });
    mock.onMessage('broken', { error: { message: 'no', type: 'server_error' }, status: 503 });
    for (const stream of [false, true]) {
      const busy = ask(stream, { messages: [userMessage('busy')] });
      await expect(busy).rejects.toMatchObject({ name: 'RateLimitError', status: 429, retryAfterMs: 3000 });
      const broken = ask(stream, { messages: [userMessage('broken')] });
      await expect(broken).rejects.toMatchObject({ name: 'ProviderError', status: 503, retryable: true });
    }
  });

  test('that disconnects amid a stream is a StreamTruncatedError', async () => {
    mock.onMessage('long', { content: 'word '.repeat(200) }, { truncateAfterChunks: 5, latency: 2 });
    const cut = ask(true, { messages: [userMessage('long')] });
    await expect(cut).rejects.toMatchObject({ name: 'StreamTruncatedError', status: 200 });
  });
});
