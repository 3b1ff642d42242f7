/** nenya#18, semantic-router#913: a hit comes in the form that was stored, not in the one that is asked for. */
import OpenAI from 'openai';
import { expect } from 'vitest';
import { userMessage } from '../../src/llm/index.js';
import type { Provider } from '../../src/providers/provider.js';
import { createLocalServer } from '../../src/testing/local-server.js';
import { answer, ask, closing, immune, KINDS, type Kind, type Subject, serve } from './harness.js';

/** A client as the provider of a server, so that foreign clients can be asked what they make of it. */
function asProvider(client: Subject): Provider {
  return {
    name: 'subject',
    endpoint: 'test',
    body: (request) => ({ ...request }),
    async *chat({ request, stream, signal }) {
      if (stream) yield* client.stream(request.messages, { signal });
      else yield { kind: 'response', answer: await client.chat(request.messages, { signal }) };
    },
  };
}

immune(
  'issue 4: what was stored whole or streamed is read whole or streamed, as the official SDK sees it',
  async (make) => {
    const server = await serve((request) => answer(request, 'All is well.'));
    const client = make({ servers: [server], cache: true });
    const front = closing(await createLocalServer({ provider: asProvider(client) }));
    const sdk = new OpenAI({ apiKey: 'none', baseURL: front.baseURL, maxRetries: 0 });

    async function bySdk(kind: Kind, content: string): Promise<string> {
      const request = { model: 'm', messages: [{ role: 'user', content }] } as const;
      if (kind === 'chat') {
        const completion = await sdk.chat.completions.create({ ...request, messages: [...request.messages] });
        return `${completion.choices[0]?.message.content} ${completion.choices[0]?.finish_reason}`;
      }
      let text = '';
      const chunks = await sdk.chat.completions.create({ ...request, messages: [...request.messages], stream: true });
      for await (const { choices } of chunks) {
        text += choices[0]?.delta.content ?? '';
        if (choices[0]?.finish_reason) text += ` ${choices[0].finish_reason}`;
      }
      return text;
    }
    for (const written of KINDS) {
      for (const read of KINDS) {
        const question = `${written} then ${read}`;
        const before = server.requests.length;
        expect((await ask(client, written, question)).text).toBe('All is well.');
        const texts = await Promise.all([
          ask(client, read, question).catch(() => ({ text: 'broken' })),
          bySdk(read, question).catch(() => 'broken'),
        ]);
        expect(texts).toEqual([expect.objectContaining({ text: 'All is well.' }), 'All is well. stop']);
        expect(server.requests.length - before, question).toBe(1);
      }
    }
    const messages = [userMessage('stream then stream')];
    const kinds: string[] = [];
    for await (const { kind } of client.stream(messages)) kinds.push(kind);
    expect([kinds[0], kinds.filter((kind) => kind === 'finish').length, kinds.at(-1)]).toEqual(['start', 1, 'finish']);
  },
);
