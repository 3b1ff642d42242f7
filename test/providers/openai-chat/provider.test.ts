import { describe, expect, test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import { createOpenAIChatProvider } from '../../../src/providers/openai-chat/provider.js';
import type { Provider } from '../../../src/providers/provider.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import { chat, collect, KEY, request, streamReply } from '../scripted-provider.js';
import { ANSWER, EVENTS, frame, STREAM, start, TEXT } from './scripted-provider.js';

describe('a call', () => {
  test('sends one request with the key, and reads the whole answer', async () => {
    const { server, provider } = await start([{ body: JSON.stringify(ANSWER), headers: { 'x-request-id': 'req-9' } }], {
      organization: 'org-1',
      headers: { 'X-Title': 'mine' },
    });
    const { chunks, error } = await collect(chat(provider, false));
    expect(error).toBeUndefined();
    expect(chunks).toEqual([
      {
        kind: 'response',
        answer: {
          id: 'chatcmpl-1',
          model: 'm-2026',
          text: 'Because.',
          toolCalls: [],
          finishReason: 'stop',
          usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
          raw: ANSWER,
          requestId: 'req-9',
        },
      },
    ]);
    expect(server.requests).toHaveLength(1);
    const [sent] = server.requests;
    expect(sent).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
    expect(sent?.headers).toMatchObject({
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/json',
      'openai-organization': 'org-1',
      'x-title': 'mine',
    });
    expect(JSON.parse(sent?.body ?? '')).toEqual(provider.body(request));
    expect(provider.endpoint).toBe(`${server.url}/v1/chat/completions`);
  });

  test('that streams asks for the usage, and ends at [DONE] with usage and finish', async () => {
    const { server, provider } = await start([streamReply(STREAM)]);
    const { chunks, text } = await collect(chat(provider, true));
    expect(text).toBe(TEXT);
    expect(chunks.map(({ kind }) => kind)).toEqual(['start', 'text-delta', 'text-delta', 'usage', 'finish']);
    expect(chunks[0]).toEqual({ kind: 'start', id: 'chatcmpl-1', model: 'm-2026', requestId: 'req-9' });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      ...provider.body(request),
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test('with a quirk sends no stream_options', async () => {
    const { server, provider } = await start([streamReply(STREAM)], { quirks: { streamOptions: false } });
    await collect(chat(provider, true));
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ ...provider.body(request), stream: true });
  });

  test('without a key, or with an authorization header of its own, sends no other', async () => {
    const { server, provider } = await start([{ body: JSON.stringify(ANSWER) }]);
    await collect(provider.chat({ request, stream: false, signal: new AbortController().signal, apiKey: undefined }));
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    const own = await start([{ body: JSON.stringify(ANSWER) }], { headers: { Authorization: 'Token t' } });
    await collect(chat(own.provider, false));
    expect(own.server.requests[0]?.headers['authorization']).toBe('Token t');
  });

  test('says first what was left out of the request', async () => {
    const { provider } = await start([streamReply(STREAM)], { quirks: { reasoningModels: /^m$/ } });
    const call = {
      request: { ...request, temperature: 1 },
      stream: true,
      signal: new AbortController().signal,
      apiKey: KEY,
    };
    const { chunks } = await collect(provider.chat(call));
    expect(chunks[0]).toEqual({ kind: 'warning', message: expect.stringContaining('temperature') as string });
    expect(chunks[1]?.kind).toBe('start');
  });

  test('streams a whole answer of a server that cannot stream', async () => {
    const { provider } = await start([{ body: JSON.stringify(ANSWER) }]);
    const { chunks } = await collect(chat(provider, true));
    expect(chunks.map(({ kind }) => kind)).toEqual(['start', 'text-delta', 'usage', 'finish']);
  });

  test('keeps the connection after a stream', async () => {
    const { server, provider } = await start([streamReply(STREAM)]);
    for (let i = 0; i < 5; i++) {
      expect((await collect(chat(provider, true))).error).toBeUndefined();
      await new Promise(setImmediate);
    }
    expect(server.connections).toBeLessThanOrEqual(2);
    expect(server.closedConnections).toBe(0);
  });
});

test('a stream and a whole answer of the same text assemble to the same answer', async () => {
  const answers = [];
  for (const reply of [
    streamReply(frame(...EVENTS, '[DONE]')),
    {
      body: JSON.stringify({ ...ANSWER, choices: [{ message: { content: TEXT }, finish_reason: 'stop' }] }),
      headers: { 'x-request-id': 'req-9' },
    },
  ]) {
    const { provider } = await start([reply]);
    const assembler = createAnswerAssembler();
    for await (const chunk of chat(provider, 'framing' in reply)) assembler.add(chunk);
    const { raw: _raw, ...answer } = assembler.answer();
    answers.push(answer);
  }
  expect(answers[0]).toEqual(answers[1]);
});

describe('a provider is not made', () => {
  const transport = createTransport({ origin: 'http://127.0.0.1:9', settings: transportSettings() });

  test.each([
    ['a base URL with credentials', { baseURL: 'http://user:canary@127.0.0.1:9/v1' }],
    ['a transport to elsewhere', { baseURL: 'http://127.0.0.1:10/v1' }],
    ['a header with a line end', { headers: { 'x-a': 'canary\n' } }],
    ['an organization with a line end', { organization: 'canary\n' }],
  ])('with %s', (_name, options) => {
    const make = (): Provider =>
      createOpenAIChatProvider({ name: 'acme', baseURL: 'http://127.0.0.1:9/v1', transport, ...options });
    expect(make).toThrow(expect.objectContaining({ name: 'ConfigError' }));
    expect(make).not.toThrow(/canary/);
  });
});
