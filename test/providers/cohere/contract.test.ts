import { LLMock } from '@copilotkit/aimock';
import { test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { systemMessage, userMessage } from '../../../src/protocol/chat.js';
import { createCohereProvider } from '../../../src/providers/cohere/provider.js';
import type { Provider } from '../../../src/providers/provider.js';
import { defineProviderSuite } from '../../../src/testing/provider-suite.js';
import { createScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import { unhurried } from '../scripted-provider.js';

const request = {
  model: 'command-a-03-2025',
  messages: [systemMessage('The bridge is made of red stone.'), userMessage('What is the bridge made of?')],
};
const TEXT = 'It is made of red stone.';

function overHttp(baseURL: string): Provider {
  const transport = createTransport({ origin: new URL(baseURL).origin, settings: transportSettings() });
  return createCohereProvider({ name: 'cohere', baseURL, transport });
}
const usage = { tokens: { input_tokens: 9, output_tokens: 5 }, cached_tokens: 4 };
const ANSWER = {
  id: 'a-1',
  message: { role: 'assistant', content: [{ type: 'text', text: TEXT }] },
  finish_reason: 'COMPLETE',
  usage,
};
const said = (text: string): object => ({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } });
const EVENTS = [
  { id: 'a-1', type: 'message-start', delta: { message: { role: 'assistant' } } },
  { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
  ...TEXT.split(/(?= )/).map(said),
  { type: 'content-end', index: 0 },
  { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage } },
];
const STREAM = EVENTS.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

defineProviderSuite(
  {
    name: 'cohere over a scripted server',
    request,
    async setup() {
      const server = await createScriptedServer(({ body }) =>
        (JSON.parse(body) as { stream?: boolean }).stream === true
          ? unhurried({ headers: { 'content-type': 'text/event-stream' }, body: STREAM })
          : { body: JSON.stringify(ANSWER) },
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
    name: 'cohere over aimock',
    request,
    async setup() {
      const mock = new LLMock({ port: 0, chunkSize: 4 });
      mock.onMessage(/bridge/, { content: TEXT });
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
