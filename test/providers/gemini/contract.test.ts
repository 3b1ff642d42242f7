import { LLMock } from '@copilotkit/aimock';
import { test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { systemMessage, userMessage } from '../../../src/protocol/chat.js';
import { createGeminiProvider } from '../../../src/providers/gemini/provider.js';
import type { Provider } from '../../../src/providers/provider.js';
import { defineProviderSuite } from '../../../src/testing/provider-suite.js';
import { createScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import { unhurried } from '../scripted-provider.js';

const request = {
  model: 'gemini-3.8-flash',
  messages: [systemMessage('The bridge is made of red stone.'), userMessage('What is the bridge made of?')],
};
const WORDS = ['It is ', 'made ', 'of red ', 'stone.'];

function overHttp(baseURL: string): Provider {
  const transport = createTransport({ origin: new URL(baseURL).origin, settings: transportSettings() });
  return createGeminiProvider({ name: 'gemini', baseURL: `${baseURL}/v1beta`, transport });
}
function answerOf(texts: readonly string[], finishReason?: string): object {
  const content = { role: 'model', parts: texts.map((text) => ({ text })) };
  return {
    candidates: [{ content, ...(finishReason === undefined ? {} : { finishReason }), index: 0 }],
    usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 5, thoughtsTokenCount: 2, totalTokenCount: 16 },
    responseId: 'r',
  };
}
const STREAM = [...WORDS.map((word) => answerOf([word])), answerOf([''], 'STOP')]
  .map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`)
  .join('');

defineProviderSuite(
  {
    name: 'gemini over a scripted server',
    request,
    async setup() {
      const server = await createScriptedServer(({ path }) =>
        path.endsWith(':generateContent')
          ? { body: JSON.stringify(answerOf(WORDS, 'STOP')) }
          : unhurried({ headers: { 'content-type': 'text/event-stream' }, body: STREAM }),
      );
      return {
        provider: overHttp(server.url),
        apiKey: 'any',
        upstreamCalls: () => server.requests.length,
        upstreamSawAbort: () => server.until(({ closedConnections }) => closedConnections > 0),
        dispose: () => server.close(),
      };
    },
  },
  { test },
);

defineProviderSuite(
  {
    name: 'gemini over aimock',
    request,
    async setup() {
      const mock = new LLMock({ port: 0, chunkSize: 4 });
      mock.onMessage(/bridge/, { content: WORDS.join('') });
      await mock.start();
      return {
        provider: overHttp(mock.url),
        apiKey: 'any',
        upstreamCalls: () => mock.getRequests().length,
        dispose: () => mock.stop(),
      };
    },
  },
  { test },
);
