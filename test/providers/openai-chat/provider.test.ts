import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import { type ChatRequest, type Chunk, userMessage } from '../../../src/protocol/chat.js';
import { createOpenAIChatProvider, type OpenAIChatOptions } from '../../../src/providers/openai-chat/provider.js';
import type { Provider } from '../../../src/providers/provider.js';
import {
  createScriptedServer,
  type Script,
  type ScriptedReply,
  type ScriptedServer,
} from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';

const KEY = 'sk-canary-5b1d9c';
const request: ChatRequest = { model: 'm', messages: [userMessage('Why do cats purr at night, of all times?')] };
const ANSWER = {
  id: 'chatcmpl-1',
  model: 'm-2026',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Because.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  system_fingerprint: 'fp_1',
};
const EVENTS = [
  { id: 'chatcmpl-1', model: 'm-2026', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] },
  { id: 'chatcmpl-1', choices: [{ index: 0, delta: { content: 'Bec' } }] },
  { id: 'chatcmpl-1', choices: [{ index: 0, delta: { content: 'ause – 🐈' } }] },
  { id: 'chatcmpl-1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  { id: 'chatcmpl-1', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
];
const TEXT = 'Because – 🐈';

function frame(...events: readonly unknown[]): string {
  return events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
}
const STREAM = frame(...EVENTS, '[DONE]');
function streamReply(body: string, changes: Partial<ScriptedReply> = {}): ScriptedReply {
  return {
    headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req-9' },
    framing: 'chunked',
    body,
    ...changes,
  };
}

const closers: (() => Promise<void> | undefined)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function start(
  script: Script,
  options: Partial<OpenAIChatOptions> = {},
): Promise<{ server: ScriptedServer; provider: Provider }> {
  const server = await createScriptedServer(script);
  const transport = createTransport({ origin: server.url, settings: transportSettings() });
  const provider = createOpenAIChatProvider({ name: 'acme', baseURL: `${server.url}/v1`, transport, ...options });
  closers.push(
    () => server.close(),
    () => provider.close?.(),
  );
  return { server, provider };
}
function chat(
  provider: Provider,
  stream: boolean,
  signal: AbortSignal = new AbortController().signal,
): AsyncIterable<Chunk> {
  return provider.chat({ request, stream, signal, apiKey: KEY });
}
/** The chunks up to the end or the error, and the error. */
async function collect(chunks: AsyncIterable<Chunk>): Promise<{ chunks: Chunk[]; text: string; error: unknown }> {
  const all: Chunk[] = [];
  let error: unknown;
  try {
    for await (const chunk of chunks) all.push(chunk);
  } catch (reason) {
    error = reason;
  }
  return { chunks: all, text: all.map((chunk) => (chunk.kind === 'text-delta' ? chunk.text : '')).join(''), error };
}

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

describe('a stream', () => {
  test('may have any cut, line ends, comments, further fields, and no space before [DONE]', async () => {
    const comments = `\ufeff: hello\r\n\r\n${STREAM.replaceAll('\n\n', '\r\n: ping\r\n\r\n').replace('data: [DONE]', 'data:[DONE] ')}`;
    for (const body of [comments, STREAM.replaceAll('\n', '\r'), STREAM.trimEnd()]) {
      for (const sliceBytes of [1, 3, 1000]) {
        const { provider } = await start([streamReply(body, { sliceBytes })]);
        const { text, error } = await collect(chat(provider, true));
        expect(error).toBeUndefined();
        expect(text).toBe(TEXT);
      }
    }
  });

  test('cut at any byte gives a prefix of the text and a StreamTruncatedError, never a clean end', async () => {
    const total = Buffer.byteLength(STREAM);
    let cut = 0;
    const { provider } = await start(() => streamReply(STREAM, { cutAfterBytes: cut }));
    const lastWithoutDone = total - '\n\n'.length;
    for (cut = 0; cut < lastWithoutDone; cut++) {
      const { text, chunks, error } = await collect(chat(provider, true));
      expect(TEXT.startsWith(text), `cut at ${cut}`).toBe(true);
      expect(error, `cut at ${cut}`).toMatchObject({
        name: 'StreamTruncatedError',
        provider: 'acme',
        requestId: 'req-9',
        retryable: true,
      });
      expect(chunks.some(({ kind }) => kind === 'finish' || kind === 'usage')).toBe(false);
    }
  });

  test('cut at any byte where the end of the connection is the end of the body is truncated as well', async () => {
    let cut = 0;
    const { provider } = await start(() => streamReply(STREAM, { framing: 'close', cutAfterBytes: cut }));
    for (cut = 0; cut < Buffer.byteLength(STREAM) - '\n\n'.length; cut += 7) {
      const { text, error } = await collect(chat(provider, true));
      expect(TEXT.startsWith(text)).toBe(true);
      expect(error).toMatchObject({ name: 'StreamTruncatedError' });
    }
  });

  test('broken by a reset is truncated', async () => {
    const { provider } = await start([streamReply(STREAM, { cutAfterBytes: 200, cutBy: 'reset' })]);
    expect((await collect(chat(provider, true))).error).toMatchObject({ name: 'StreamTruncatedError' });
  });

  test('that says [DONE] without a finish reason is truncated', async () => {
    const { provider } = await start([streamReply(frame(EVENTS[0], EVENTS[1], '[DONE]'))]);
    expect((await collect(chat(provider, true))).error).toMatchObject({ name: 'StreamTruncatedError' });
  });

  test('with a finish reason but without [DONE] is clean only where the vendor may leave it out', async () => {
    const body = frame(...EVENTS);
    const strict = await start([streamReply(body)]);
    expect((await collect(chat(strict.provider, true))).error).toMatchObject({ name: 'StreamTruncatedError' });
    const lenient = await start([streamReply(body)], { quirks: { doneOptional: true } });
    expect((await collect(chat(lenient.provider, true))).chunks.at(-1)).toEqual({ kind: 'finish', reason: 'stop' });
    const broken = await start([streamReply(body, { cutAfterBytes: Buffer.byteLength(body) })], {
      quirks: { doneOptional: true },
    });
    expect((await collect(chat(broken.provider, true))).error).toMatchObject({ name: 'StreamTruncatedError' });
  });

  test.each([
    ['the first', 0],
    ['the second', 1],
    ['the last', 4],
  ])('with an error as %s event gives what came before, then a typed error', async (_name, position) => {
    const error = { error: { message: 'we are overloaded', type: 'overloaded_error', code: null } };
    const { provider } = await start([
      streamReply(frame(...EVENTS.slice(0, position), error, ...EVENTS.slice(position), '[DONE]')),
    ]);
    const result = await collect(chat(provider, true));
    expect(result.error).toMatchObject({ code: 'ERR_PROVIDER_IN_BODY', retryable: true, requestId: 'req-9' });
    expect(TEXT.startsWith(result.text)).toBe(true);
    expect(result.chunks.some(({ kind }) => kind === 'finish')).toBe(false);
  });

  test('with an error beside choices, inside one, or by its event name gives a typed error', async () => {
    const bodies: [string, object][] = [
      [
        frame({
          id: 'a',
          choices: [{ delta: { content: '' }, finish_reason: 'error' }],
          error: { code: 502, message: 'gone' },
        }),
        { status: 502, retryable: true },
      ],
      [frame({ choices: [{ error: { code: 400, message: 'bad' } }] }), { status: 400, retryable: false }],
      [
        `event: error\ndata: ${JSON.stringify({ error: { message: 'stop' }, status_code: 429 })}\n\n`,
        { name: 'RateLimitError', status: 429 },
      ],
      [
        `event: error\ndata: ${JSON.stringify({ message: 'stop', type: 'server_error' })}\n\n`,
        { code: 'ERR_PROVIDER_IN_BODY', retryable: true },
      ],
      [
        frame({ error: { message: 'pay', type: 'insufficient_quota', code: 'insufficient_quota' } }),
        { name: 'RateLimitError', retryable: false },
      ],
    ];
    for (const [body, expected] of bodies) {
      const { provider } = await start([streamReply(body)]);
      expect((await collect(chat(provider, true))).error).toMatchObject(expected);
    }
  });

  test('with an event that is not JSON, or no object, is a bad response', async () => {
    for (const event of ['nonsense', '"text"', '5']) {
      const { provider } = await start([streamReply(frame(EVENTS[0], event, '[DONE]'))]);
      expect((await collect(chat(provider, true))).error).toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE' });
    }
  });

  test('with an event of more than 1 MiB is refused, and the connection closed', async () => {
    const { server, provider } = await start([streamReply(`data: ${'x'.repeat(2 ** 20 + 1)}`, { hang: 'before-end' })]);
    expect((await collect(chat(provider, true))).error).toMatchObject({
      code: 'ERR_PROVIDER_EVENT_TOO_LARGE',
      provider: 'acme',
    });
    await server.until(({ closedConnections }) => closedConnections > 0);
  });

  test('is cancelled upstream when it is aborted or left', async () => {
    const reply = streamReply(frame(EVENTS[0], EVENTS[1]), { hang: 'before-end' });
    const aborted = await start([reply]);
    const controller = new AbortController();
    const chunks = chat(aborted.provider, true, controller.signal)[Symbol.asyncIterator]();
    await chunks.next();
    await chunks.next();
    const next = chunks.next().catch((reason: unknown) => reason);
    controller.abort('enough');
    expect(await next).toBe('enough');
    await aborted.server.until(({ closedConnections }) => closedConnections > 0);
    const left = await start([reply]);
    for await (const chunk of chat(left.provider, true)) if (chunk.kind === 'text-delta') break;
    await left.server.until(({ closedConnections }) => closedConnections > 0);
  });
});

describe('an answer with status', () => {
  test.each([
    [400, false],
    [401, false],
    [402, false],
    [403, false],
    [404, false],
    [408, true],
    [409, true],
    [413, false],
    [422, false],
    [425, true],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [529, true],
  ])('%i is an error that a retry %s heal', async (status, retryable) => {
    const { provider } = await start([
      { status, body: JSON.stringify({ error: { message: 'no luck' } }), headers: { 'x-request-id': 'req-9' } },
    ]);
    for (const stream of [true, false]) {
      const { error } = await collect(chat(provider, stream));
      expect(error).toMatchObject({
        name: status === 429 ? 'RateLimitError' : 'ProviderError',
        code: status === 429 ? 'ERR_RATE_LIMITED' : 'ERR_PROVIDER_STATUS',
        status,
        retryable,
        provider: 'acme',
        requestId: 'req-9',
        message: `acme answered ${status}: no luck`,
      });
    }
  });

  test('and hints about a retry passes them on', async () => {
    const reply = (headers: Record<string, string>, status = 500): ScriptedReply => ({ status, headers, body: '{}' });
    const wait = await start([reply({ 'retry-after': '7' }, 429)]);
    expect((await collect(chat(wait.provider, true))).error).toMatchObject({ retryAfterMs: 7000, retryable: true });
    const never = await start([reply({ 'x-should-retry': 'false' })]);
    expect((await collect(chat(never.provider, true))).error).toMatchObject({
      retryable: false,
      retryAfterMs: undefined,
    });
    const again = await start([reply({ 'x-should-retry': 'true' }, 400)]);
    expect((await collect(chat(again.provider, true))).error).toMatchObject({ retryable: true });
  });

  test('429 for a spent quota is not worth a retry', async () => {
    const { provider } = await start([
      { status: 429, body: JSON.stringify({ error: { message: 'pay', code: 'insufficient_quota' } }) },
    ]);
    expect((await collect(chat(provider, true))).error).toMatchObject({ name: 'RateLimitError', retryable: false });
  });

  test('and a body that is HTML, empty, garbage or cut is still that status', async () => {
    const replies: ScriptedReply[] = [
      { status: 502, headers: { 'content-type': 'text/html' }, body: '<html><h1>Bad Gateway</h1></html>' },
      { status: 502, body: '' },
      { status: 502, body: '{"error":' },
      { status: 502, body: '{"error":{"message":"x"}}', cutAfterBytes: 5 },
      { status: 502, body: 'x'.repeat(1_000_000) },
    ];
    for (const reply of replies) {
      const { provider } = await start([reply]);
      expect((await collect(chat(provider, true))).error).toMatchObject({ status: 502, message: 'acme answered 502' });
    }
  });

  test('302 is an error, and neither key nor prompt goes elsewhere', async () => {
    const trap = await createScriptedServer([{ body: JSON.stringify(ANSWER) }]);
    closers.push(() => trap.close());
    for (const status of [301, 302, 303, 307, 308]) {
      const { provider } = await start([{ status, headers: { location: `${trap.url}/v1/chat/completions` } }]);
      expect((await collect(chat(provider, false))).error).toMatchObject({
        code: 'ERR_PROVIDER_STATUS',
        status,
        retryable: false,
      });
    }
    expect(trap.connections).toBe(0);
  });
});

describe('a 200', () => {
  test.each([
    ['HTML', { headers: { 'content-type': 'text/html' }, body: '<html>Welcome to this network</html>' }],
    ['nothing', { body: '' }],
    ['half a JSON text', { body: '{"id":"chat', framing: 'close' }],
    ['JSON that is no answer', { body: '{"hello":"world"}' }],
    ['null', { body: 'null' }],
  ] as const)('with %s is a bad response, streamed or not', async (_name, reply) => {
    for (const stream of [true, false]) {
      const { provider } = await start([reply]);
      const { chunks, error } = await collect(chat(provider, stream));
      expect(chunks).toEqual([]);
      expect(error).toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE', status: 200, retryable: true });
      expect((error as Error).cause).toBeUndefined();
    }
  });

  test('whose body is cut is a broken connection', async () => {
    const { provider } = await start([{ body: JSON.stringify(ANSWER), cutAfterBytes: 20 }]);
    expect((await collect(chat(provider, false))).error).toMatchObject({ code: 'ERR_PROVIDER_RESET' });
  });

  test('with an error in its body is that error', async () => {
    const { provider } = await start([
      {
        body: JSON.stringify({ error: { message: 'slow down', type: 'rate_limit_error' } }),
        headers: { 'retry-after': '9' },
      },
    ]);
    for (const stream of [true, false]) {
      expect((await collect(chat(provider, stream))).error).toMatchObject({
        name: 'RateLimitError',
        retryable: true,
        retryAfterMs: undefined,
      });
    }
  });
});

describe('no error and no provider shows', () => {
  test('the key, in any spelling, over a matrix of faults', async () => {
    const encoded = [KEY, Buffer.from(KEY).toString('base64'), encodeURIComponent(KEY), `Bearer ${KEY}`];
    const echo = JSON.stringify({
      error: { message: `Incorrect API key provided: ${encoded.join(' ')}`, type: KEY, code: KEY },
    });
    const replies: ScriptedReply[] = [
      { status: 401, body: echo },
      { status: 429, body: echo },
      { status: 500, body: KEY },
      { body: echo },
      streamReply(frame(EVENTS[0], JSON.parse(echo))),
      streamReply(frame(EVENTS[0], KEY)),
      streamReply(STREAM, { cutAfterBytes: 100 }),
      streamReply(STREAM, { cutAfterBytes: 100, cutBy: 'reset' }),
      { body: KEY },
      { status: 307, headers: { location: `http://x/?${KEY}` } },
      { rawHead: `HTTP/1.1 200 OK\r\nx: ${KEY}\0\r\n\r\n` },
    ];
    for (const reply of replies) {
      const { provider } = await start([reply], { headers: { 'x-secret': `${KEY}-header` } });
      for (const stream of [true, false]) {
        const { error } = await collect(chat(provider, stream));
        if (error === undefined) continue;
        const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
        for (const spelling of encoded) expect(shown, JSON.stringify(reply)).not.toContain(spelling);
      }
      expect(inspect(provider, { depth: 9, showHidden: true })).not.toContain(KEY);
    }
  });

  test('a key that no header can carry', async () => {
    const { provider, server } = await start([{ body: JSON.stringify(ANSWER) }]);
    const call = { request, stream: true, signal: new AbortController().signal, apiKey: `${KEY}\r\nx-evil: 1` };
    const { error } = await collect(provider.chat(call));
    expect(error).toMatchObject({ name: 'ConfigError' });
    expect(inspect(error, { depth: 9 })).not.toContain(KEY);
    expect(server.connections).toBe(0);
  });

  test('the prompt, when the server quotes it', async () => {
    const { provider } = await start([
      {
        status: 400,
        body: JSON.stringify({ error: { message: `cannot answer "${String(request.messages[0]?.content)}"` } }),
      },
    ]);
    const { error } = await collect(chat(provider, false));
    expect(inspect(error)).not.toContain('cats');
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('withheld') as string });
  });

  test('more than 200 characters of what the server said, or its line ends', async () => {
    const { provider } = await start([
      { status: 400, body: JSON.stringify({ error: { message: `a\r\n\u001b[31mb\u2028${'c'.repeat(5000)}` } }) },
    ]);
    const { message } = (await collect(chat(provider, false))).error as Error;
    expect(message.length).toBeLessThan(240);
    expect(message).toMatch(/^acme answered 400: a \[31mb c+\.\.\.$/);
  });
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
