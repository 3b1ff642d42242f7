import { describe, expect, test } from 'vitest';
import { createCohereProvider } from '../../../src/providers/cohere/provider.js';
import type { Script } from '../../../src/testing/scripted-server.js';
import { assemble } from '../assemble-chunks.js';
import { chat, collect, KEY, request, type Started, startProvider, streamReply } from '../scripted-provider.js';

const USAGE = { billed_units: { input_tokens: 3, output_tokens: 2 }, tokens: { input_tokens: 30, output_tokens: 20 } };
const ANSWER: Readonly<Record<string, unknown>> = {
  id: 'a-1',
  message: { role: 'assistant', content: [{ type: 'text', text: 'Because – 🐈' }] },
  finish_reason: 'COMPLETE',
  usage: USAGE,
};
const EVENTS: readonly object[] = [
  { id: 'a-1', type: 'message-start', delta: { message: { role: 'assistant' } } },
  { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: 'Be' } } } },
  { type: 'content-delta', index: 0, delta: { message: { content: { text: 'cause – ' } } } },
  { type: 'citation-start', index: 0, delta: { message: { citations: { start: 0, end: 2 } } } },
  { type: 'content-delta', index: 0, delta: { message: { content: { text: '🐈' } } } },
  { type: 'content-end', index: 0 },
  { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: USAGE } },
];
const TEXT = 'Because – 🐈';
const HEADERS = { 'x-debug-trace-id': 'trace-9', 'retry-after': '77' };

function frame(events: readonly object[]): string {
  return events.map((e) => `event: ${(e as { type: string }).type}\ndata: ${JSON.stringify(e)}\n\n`).join('');
}
const STREAM = `${frame(EVENTS)}data: [DONE]\n\n`;
function reply(body: string, changes = {}): ReturnType<typeof streamReply> {
  return streamReply(body, { headers: { ...HEADERS, 'content-type': 'text/event-stream' }, ...changes });
}
function start(script: Script, path = ''): Promise<Started> {
  return startProvider(createCohereProvider, script, path);
}
/** The pieces of the arguments of one call, as events. */
function callOf(...pieces: readonly (string | null)[]): object[] {
  const call = (type: string, tool_calls: object): object => ({ type, index: 0, delta: { message: { tool_calls } } });
  return [
    call('tool-call-start', { id: 'c1', type: 'function', function: { name: 'now', arguments: '' } }),
    ...pieces.map((piece) => call('tool-call-delta', { function: { arguments: piece } })),
    { type: 'tool-call-end', index: 0 },
  ];
}

describe('a call', () => {
  test('sends one request with the key, and reads the whole answer', async () => {
    const { server, provider } = await start([{ body: JSON.stringify(ANSWER), headers: HEADERS }]);
    const { chunks } = await collect(chat(provider, false));
    const billed = { billedInputTokens: 3, billedOutputTokens: 2 };
    const usage = { inputTokens: 30, outputTokens: 20, totalTokens: 50, ...billed };
    const said = { id: 'a-1', model: 'm', text: TEXT, toolCalls: [], finishReason: 'stop', usage };
    expect(chunks).toEqual([{ kind: 'response', answer: { ...said, raw: ANSWER, requestId: 'trace-9' } }]);
    const [sent] = server.requests;
    expect(sent).toMatchObject({ path: '/v2/chat', headers: { authorization: `Bearer ${KEY}` } });
    expect(JSON.parse(sent?.body ?? '')).toEqual(provider.body(request));
  });

  test('that streams gives the same answer, with or without a last word', async () => {
    for (const body of [STREAM, frame(EVENTS), frame(EVENTS).trimEnd()]) {
      const { server, provider } = await start([reply(body, { sliceBytes: 40 })]);
      const { chunks, error } = await collect(chat(provider, true));
      expect(error).toBeUndefined();
      expect(assemble(chunks)).toMatchObject({ text: TEXT, usage: { totalTokens: 50 }, requestId: 'trace-9' });
      expect(chunks.at(-1)).toEqual({ kind: 'finish', reason: 'stop' });
      expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ ...provider.body(request), stream: true });
    }
  });

  test('goes to the same place whether the base URL has the version or not', async () => {
    for (const path of ['', '/v2', '/gate/v2/']) {
      const { server, provider } = await start([{ body: JSON.stringify(ANSWER) }], path);
      await collect(chat(provider, false));
      expect(server.requests[0]?.path).toBe(path.startsWith('/gate') ? '/gate/v2/chat' : '/v2/chat');
    }
  });
});

describe('a stream', () => {
  test('cut at any byte before its terminator is truncated, never a clean end', async () => {
    let cut = 0;
    const { provider } = await start(() => reply(STREAM, { cutAfterBytes: cut }));
    const terminated = Buffer.byteLength(frame(EVENTS)) - 2;
    for (cut = 0; cut < terminated; cut += 2) {
      const { chunks, text, error } = await collect(chat(provider, true));
      expect(TEXT.startsWith(text), `cut at ${cut}`).toBe(true);
      expect(error, `cut at ${cut}`).toMatchObject({ name: 'StreamTruncatedError', requestId: 'trace-9' });
      expect(chunks.some(({ kind }) => kind === 'finish')).toBe(false);
    }
  });

  test('that is done without an end is truncated', async () => {
    const { provider } = await start([reply(`${frame(EVENTS.slice(0, -1))}data: [DONE]\n\n`)]);
    expect((await collect(chat(provider, true))).error).toMatchObject({ name: 'StreamTruncatedError' });
  });

  test.each([
    [['{"a', '":1}'], '{"a":1}'],
    [[], '{}'],
    [[null, ''], '{}'],
    [['nu', 'll'], '{}'],
    [['n', 'onsense'], 'nonsense'],
    [['{', ' ', 'n', '}'], '{ n}'],
  ])('with the arguments %j makes %s of them', async (pieces, expected) => {
    const events = [
      EVENTS[0] as object,
      ...callOf(...pieces),
      { type: 'message-end', delta: { finish_reason: 'TOOL_CALL' } },
    ];
    const { provider } = await start([reply(frame(events))]);
    const { chunks } = await collect(chat(provider, true));
    expect(assemble(chunks)).toMatchObject({
      toolCalls: [{ id: 'c1', name: 'now', arguments: expected }],
      finishReason: 'tool-calls',
      usage: undefined,
    });
    expect(chunks.some((chunk) => chunk.kind === 'tool-call-delta' && chunk.arguments === '')).toBe(false);
  });

  test.each([
    ['ERROR', 500],
    ['TIMEOUT', 504],
  ])('that ends with %s and its reason gives what came before, then a typed error', async (reason, status) => {
    const end = { type: 'message-end', delta: { finish_reason: reason, error: 'the model fell over' } };
    const { provider } = await start([reply(frame([...EVENTS.slice(0, 3), end]))]);
    const { error, text } = await collect(chat(provider, true));
    expect(text).toBe('Because – ');
    expect(error).toMatchObject({ code: 'ERR_PROVIDER_IN_BODY', status, retryable: true, retryAfterMs: undefined });
  });
});

test.each([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop'],
  ['TOOL_CALL', 'tool-calls'],
  ['MAX_TOKENS', 'length'],
  ['ERROR_TOXIC', 'content-filter'],
  ['ERROR', 'other'],
  ['TIMEOUT', 'other'],
])('the finish reason %s is %s', async (reason, expected) => {
  const end = { type: 'message-end', delta: { finish_reason: reason } };
  const bodies = [
    { body: JSON.stringify({ ...ANSWER, finish_reason: reason }) },
    reply(frame([...EVENTS.slice(0, 3), end])),
  ];
  const { provider } = await start(bodies);
  for (const isStream of [false, true]) {
    const { chunks } = await collect(chat(provider, isStream));
    expect(assemble(chunks).finishReason).toBe(expected);
  }
});

describe('a failure', () => {
  test.each([
    [400, false],
    [401, false],
    [422, false],
    [500, true],
    [503, true],
  ])('of status %i is a typed error with the trace’s id', async (status, retryable) => {
    const { provider } = await start([
      { status, body: '{"id":"x","message":"no"}', headers: { 'x-debug-trace-id': 't' } },
    ]);
    const { error } = await collect(chat(provider, true));
    expect(error).toMatchObject({ code: 'ERR_PROVIDER_STATUS', status, retryable, requestId: 't' });
    expect(error).toMatchObject({ message: expect.stringMatching(/: no$/) as string });
  });

  test('of too many requests is a RateLimitError', async () => {
    const { provider } = await start([
      { status: 429, body: '{"message":"trial key"}', headers: { 'retry-after': '2' } },
    ]);
    const { error } = await collect(chat(provider, false));
    expect(error).toMatchObject({ name: 'RateLimitError', retryAfterMs: 2000 });
  });

  test.each([
    ['a message of its own', '{"message":"internal trouble"}', 'ERR_PROVIDER_IN_BODY'],
    ['no message', '{"ok":true}', 'ERR_PROVIDER_BAD_RESPONSE'],
  ])('inside a 200 that holds %s is a typed error', async (_what, body, code) => {
    const { provider } = await start([{ body, headers: HEADERS }]);
    expect((await collect(chat(provider, false))).error).toMatchObject({ code, requestId: 'trace-9' });
  });
});

describe('vectors', () => {
  const { signal } = new AbortController();
  const asked = { model: 'embed-v4.0', texts: ['a', 'b'] };

  test.each([
    ['too few', { float: [[1]] }],
    ['of no numbers', { float: [[1], ['x']] }],
    ['of another type', { int8: [[1], [2]] }],
    ['none', null],
  ])('%s are a bad response', async (_what, embeddings) => {
    const { provider } = await start([{ body: JSON.stringify({ embeddings }) }]);
    const answer = provider.embed?.({ request: asked, signal, apiKey: KEY });
    await expect(answer).rejects.toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE' });
  });

  test('may come without a count', async () => {
    const { provider } = await start([{ body: JSON.stringify({ embeddings: { float: [[1], [2]] } }) }]);
    const answer = await provider.embed?.({ request: asked, signal, apiKey: KEY });
    expect(answer).toEqual({ model: 'embed-v4.0', vectors: [[1], [2]], inputTokens: undefined });
    expect(provider.maxEmbedTexts).toBe(96);
  });
});
