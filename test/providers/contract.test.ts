import { LLMock } from '@copilotkit/aimock';
import { test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { systemMessage, userMessage } from '../../src/protocol/chat.js';
import { createLocalProvider } from '../../src/providers/local/provider.js';
import { createOpenAIChatProvider } from '../../src/providers/openai-chat/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import { createLocalServer } from '../../src/testing/local-server.js';
import { defineProviderSuite } from '../../src/testing/provider-suite.js';
import { createScriptedServer } from '../../src/testing/scripted-server.js';
import { createTransport } from '../../src/transport/undici-transport.js';
import { replyToEmbedding } from './embedding-server.js';
import { frame } from './openai-chat/scripted-provider.js';
import * as responses from './openai-responses/scripted-responses.js';
import { responsesProvider } from './openai-responses/scripted-responses.js';

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

const embedding = { model: 'm', texts: ['a bridge of red stone', 'an old cat', 'rain'] };

defineProviderSuite(
  { name: 'local', request, embedding, setup: async () => ({ provider: createLocalProvider() }) },
  { test },
);

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
    embedding,
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

/** A server that gives its stream a piece at a time, a turn of the loop apart, so that a client can leave amid it. */
function defineOverScriptedServer(
  name: string,
  createProvider: (origin: string) => Provider,
  replies: { readonly whole: object; readonly stream: string },
): void {
  defineProviderSuite(
    {
      name,
      request,
      embedding,
      async setup() {
        const server = await createScriptedServer((asked) => {
          if (asked.path.endsWith('/embeddings')) return replyToEmbedding(asked);
          const isStream = (JSON.parse(asked.body) as { stream?: boolean }).stream === true;
          if (!isStream)
            return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(replies.whole) };
          return {
            headers: { 'content-type': 'text/event-stream' },
            framing: 'chunked',
            body: replies.stream,
            sliceBytes: 150,
            beforeSlice: async () => {
              for (let i = 0; i < 20; i++) await new Promise(setImmediate);
            },
          };
        });
        return {
          provider: createProvider(server.url),
          apiKey: 'any',
          upstreamCalls: () => server.requests.length,
          upstreamSawAbort: () => server.until(({ closedConnections }) => closedConnections > 0),
          dispose: () => server.close(),
        };
      },
    },
    { test },
  );
}

defineOverScriptedServer('openai-responses over a scripted server', (origin) => responsesProvider(origin), {
  whole: responses.ANSWER,
  stream: responses.frame(responses.EVENTS),
});

const chunk = (delta: object, finish: string | null = null): object => ({
  id: 'c-1',
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
});
defineOverScriptedServer('openai-chat over a scripted server', (origin) => overHttp(`${origin}/v1`), {
  whole: {
    id: 'c-1',
    model: 'm',
    choices: [{ index: 0, message: { content: 'Of red stone.' }, finish_reason: 'stop' }],
  },
  stream: frame(chunk({ content: 'Of red' }), chunk({ content: ' stone.' }), chunk({}, 'stop'), '[DONE]'),
});

defineProviderSuite(
  {
    name: 'openai-responses over aimock',
    request,
    embedding,
    async setup() {
      const mock = new LLMock({ port: 0, chunkSize: 4 });
      mock.onMessage(/bridge/, { content: 'It is made of red stone and of old iron.' });
      await mock.start();
      return {
        provider: responsesProvider(mock.url),
        apiKey: 'any',
        upstreamCalls: () => mock.getRequests().length,
        dispose: () => mock.stop(),
      };
    },
  },
  { test },
);
