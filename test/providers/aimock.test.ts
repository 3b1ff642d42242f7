/**
 * A mock server of other people, beyond what the contract suite asks of it (contract.test.ts): results of tools that it
 * has to understand, connections that it breaks, bodies that it garbles.
 */
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
import { createOpenAIChatProvider } from '../../src/providers/openai-chat/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import { createTransport } from '../../src/transport/undici-transport.js';

// What the mock server gets wrong is not asked for: no counts at all, and a finish reason for Gemini's calls of tools
// that the API does not have.
describe.each([
  ['openai', createOpenAIChatProvider, '/v1'],
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

  test('that disconnects amid a stream is a StreamTruncatedError', async () => {
    mock.onMessage('weather', { content: 'word '.repeat(200) }, { truncateAfterChunks: 5, latency: 2 });
    await expect(ask(true, {})).rejects.toMatchObject({ name: 'StreamTruncatedError', provider: name, status: 200 });
  });

  test('that sends a malformed body is a typed error, streamed or not', async () => {
    mock.onMessage('weather', { content: 'fine' }, { chaos: { malformedRate: 1 } });
    for (const stream of [false, true]) {
      const garbled = ask(stream, {});
      await expect(garbled).rejects.toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE', provider: name, status: 200 });
    }
  });
});
