import { LLMock } from '@copilotkit/aimock';
import { test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { systemMessage, userMessage } from '../../../src/protocol/chat.js';
import { createAnthropicProvider } from '../../../src/providers/anthropic/provider.js';
import type { Provider } from '../../../src/providers/provider.js';
import { defineProviderSuite } from '../../../src/testing/provider-suite.js';
import { createScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import { unhurried } from '../scripted-provider.js';
import { framed, streamOf } from './streams.js';

const request = {
  model: 'claude-haiku-4-5',
  messages: [systemMessage('The bridge is made of red stone.'), userMessage('What is the bridge made of?')],
};
const TEXT = 'It is made of red stone.';

function overHttp(baseURL: string): Provider {
  const transport = createTransport({ origin: new URL(baseURL).origin, settings: transportSettings() });
  return createAnthropicProvider({ name: 'anthropic', baseURL, transport });
}
const ANSWER = {
  id: 'msg_1',
  type: 'message',
  model: 'claude-haiku-4-5-20251001',
  content: [
    { type: 'thinking', thinking: 'A bridge.', signature: 'c2ln' },
    { type: 'text', text: TEXT },
  ],
  stop_reason: 'end_turn',
  usage: { input_tokens: 9, cache_creation_input_tokens: 0, cache_read_input_tokens: 4, output_tokens: 5 },
};
const STREAM = framed(streamOf(ANSWER));

defineProviderSuite(
  {
    name: 'anthropic over a scripted server',
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
    name: 'anthropic over aimock',
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
