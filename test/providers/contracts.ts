/** Holds a wire format to the providers' contract, over its two upstreams: a scripted server, and aimock. */
import { LLMock } from '@copilotkit/aimock';
import { test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { type ChatRequest, systemMessage, userMessage } from '../../src/protocol/chat.js';
import type { HttpProviderOptions } from '../../src/providers/http-provider.js';
import type { Provider } from '../../src/providers/provider.js';
import { defineProviderSuite } from '../../src/testing/provider-suite.js';
import { createScriptedServer } from '../../src/testing/scripted-server.js';
import { createTransport } from '../../src/transport/undici-transport.js';
import { unhurried } from './scripted-provider.js';

export interface FormatSubject {
  readonly name: string;
  readonly model: string;
  readonly create: (options: HttpProviderOptions) => Provider;
  /** Of the base URL, below the origin. Default: none. */
  readonly path?: string;
  /** What is answered, of several words: as a whole body, and as the bytes of a stream. */
  readonly text: string;
  readonly whole: object;
  readonly stream: string;
  readonly contentType: string;
  /** Where the path says whether a stream is wanted, and not the body. */
  readonly isWholePath?: (path: string) => boolean;
}

export function defineContracts(subject: FormatSubject): void {
  const { name, text, whole, stream, contentType, isWholePath } = subject;
  const request: ChatRequest = {
    model: subject.model,
    messages: [systemMessage('The bridge is made of red stone.'), userMessage('What is the bridge made of?')],
  };

  function create(origin: string): Provider {
    const transport = createTransport({ origin: new URL(origin).origin, settings: transportSettings() });
    return subject.create({ name, baseURL: `${origin}${subject.path ?? ''}`, transport });
  }
  function wantsStream({ path, body }: { readonly path: string; readonly body: string }): boolean {
    return isWholePath === undefined ? (JSON.parse(body) as { stream?: boolean }).stream === true : !isWholePath(path);
  }

  defineProviderSuite(
    {
      name: `${name} over a scripted server`,
      request,
      async setup() {
        const server = await createScriptedServer((asked) =>
          wantsStream(asked)
            ? unhurried({ headers: { 'content-type': contentType }, body: stream })
            : { body: JSON.stringify(whole) },
        );
        return {
          provider: create(server.url),
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
      name: `${name} over aimock`,
      request,
      async setup() {
        const mock = new LLMock({ port: 0, chunkSize: 4 });
        mock.onMessage(/bridge/, { content: text });
        await mock.start();
        return {
          provider: create(mock.url),
          apiKey: 'any',
          upstreamCalls: () => mock.getRequests().length,
          dispose: () => mock.stop(),
        };
      },
    },
    { test },
  );
}
