import { LLMock } from '@copilotkit/aimock';
import { test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { systemMessage, userMessage } from '../../../src/protocol/chat.js';
import { createOllamaProvider } from '../../../src/providers/ollama/provider.js';
import type { Provider } from '../../../src/providers/provider.js';
import { defineProviderSuite } from '../../../src/testing/provider-suite.js';
import { createScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import { unhurried } from '../scripted-provider.js';

const request = {
  model: 'qwen3',
  messages: [systemMessage('The bridge is made of red stone.'), userMessage('What is the bridge made of?')],
};
const WORDS = ['It is ', 'made ', 'of red ', 'stone.'];

function overHttp(baseURL: string): Provider {
  const transport = createTransport({ origin: new URL(baseURL).origin, settings: transportSettings() });
  return createOllamaProvider({ name: 'ollama', baseURL, transport });
}
function line(content: string, rest: object = { done: false }): object {
  return { model: 'qwen3', message: { role: 'assistant', content }, ...rest };
}
const DONE = { done: true, done_reason: 'stop', prompt_eval_count: 9, eval_count: 5 };
const STREAM = [...WORDS.map((word) => line(word)), line('', DONE)]
  .map(
    (one) => `${JSON.stringify(one)}
`,
  )
  .join('');

defineProviderSuite(
  {
    name: 'ollama over a scripted server',
    request,
    async setup() {
      const server = await createScriptedServer(({ body }) =>
        (JSON.parse(body) as { stream: boolean }).stream
          ? unhurried({ headers: { 'content-type': 'application/x-ndjson' }, body: STREAM })
          : { body: JSON.stringify(line(WORDS.join(''), DONE)) },
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
    name: 'ollama over aimock',
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
