import { LLMock } from '@copilotkit/aimock';
import { test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { systemMessage, userMessage } from '../../src/protocol/chat.js';
import { createLocalProvider } from '../../src/providers/local/provider.js';
import { createOpenAIChatProvider } from '../../src/providers/openai-chat/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import { createLocalServer } from '../../src/testing/local-server.js';
import { defineProviderSuite } from '../../src/testing/provider-suite.js';
import { createTransport } from '../../src/transport/undici-transport.js';

const request = {
  model: 'm',
  messages: [
    systemMessage(`The bridge was built in 1890. ${'It is made of red stone and of old iron. '.repeat(3)}`),
    userMessage('What is the bridge made of?'),
  ],
};

function overHttp(baseURL: string): Provider {
  const transport = createTransport({ origin: new URL(baseURL).origin, settings: transportSettings() });
  return createOpenAIChatProvider({ name: 'acme', baseURL, transport });
}

/** The local provider, but in no hurry: each chunk waits a turn, so that a client can leave amid the stream. */
function createUnhurriedProvider(): Provider {
  const local = createLocalProvider();
  return {
    ...local,
    async *chat(call) {
      for await (const chunk of local.chat(call)) {
        yield chunk;
        for (let i = 0; i < 20; i++) await new Promise(setImmediate);
      }
    },
  };
}

defineProviderSuite({ name: 'local', request, setup: async () => ({ provider: createLocalProvider() }) }, { test });

defineProviderSuite(
  {
    name: 'openai-chat over the local server',
    request,
    async setup() {
      const server = await createLocalServer({ provider: createUnhurriedProvider() });
      return {
        provider: overHttp(server.baseURL),
        apiKey: 'any',
        upstreamCalls: () => server.stats().requests,
        upstreamSawAbort: () => server.until(({ aborted }) => aborted > 0),
        dispose: () => server.close(),
      };
    },
  },
  { test },
);

defineProviderSuite(
  {
    name: 'openai-chat over aimock',
    request,
    async setup() {
      const mock = new LLMock({ port: 0, chunkSize: 4 });
      mock.onMessage(/bridge/, { content: 'It is made of red stone and of old iron.' });
      await mock.start();
      return {
        provider: overHttp(`${mock.url}/v1`),
        apiKey: 'any',
        upstreamCalls: () => mock.getRequests().length,
        dispose: () => mock.stop(),
      };
    },
  },
  { test },
);
