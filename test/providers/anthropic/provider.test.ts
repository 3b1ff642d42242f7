import { describe, expect, test } from 'vitest';
import { createAnthropicProvider } from '../../../src/providers/anthropic/provider.js';
import type { WireMessage } from '../../../src/providers/anthropic/wire.js';
import type { Script } from '../../../src/testing/scripted-server.js';
import { assemble } from '../assemble-chunks.js';
import { chat, collect, KEY, request, type Started, startProvider, streamReply } from '../scripted-provider.js';
import { framed, streamOf } from './streams.js';

const MESSAGE: WireMessage & { readonly usage: object } = {
  id: 'msg_1',
  type: 'message',
  model: 'claude-x',
  content: [
    { type: 'thinking', thinking: 'Cats, I see.', signature: 'sig-1' },
    { type: 'text', text: 'Because – 🐈' },
    { type: 'tool_use', id: 'toolu_1', name: 'stroke', input: { cat: 'mine' } },
    { type: 'tool_use', id: 'toolu_2', name: 'feed', input: {} },
  ],
  stop_reason: 'tool_use',
  usage: { input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 2, output_tokens: 9 },
};
const EVENTS = streamOf(MESSAGE);
const STREAM = framed(EVENTS);
const HEADERS = { 'request-id': 'req-9', 'retry-after': '77' };
const ANSWER = {
  id: 'msg_1',
  model: 'claude-x',
  text: 'Because – 🐈',
  reasoning: 'Cats, I see.',
  toolCalls: [
    { id: 'toolu_1', name: 'stroke', arguments: '{"cat":"mine"}' },
    { id: 'toolu_2', name: 'feed', arguments: '{}' },
  ],
  finishReason: 'tool-calls',
  usage: { inputTokens: 17, outputTokens: 9, totalTokens: 26, cachedInputTokens: 5, cacheWriteInputTokens: 2 },
  requestId: 'req-9',
  echo: { format: 'anthropic', data: MESSAGE.content },
};

function start(script: Script, path = ''): Promise<Started> {
  return startProvider(createAnthropicProvider, script, path);
}
function reply(body: string, changes = {}): ReturnType<typeof streamReply> {
  return streamReply(body, { headers: { ...HEADERS, 'content-type': 'text/event-stream' }, ...changes });
}

describe('a call', () => {
  test('sends one request with key and version, and reads the whole answer', async () => {
    const { server, provider } = await start([{ body: JSON.stringify(MESSAGE), headers: HEADERS }]);
    const { chunks, error } = await collect(chat(provider, false));
    expect(error).toBeUndefined();
    expect(chunks).toEqual([{ kind: 'response', answer: { ...ANSWER, raw: MESSAGE } }]);
    const [sent] = server.requests;
    expect(sent).toMatchObject({ method: 'POST', path: '/v1/messages' });
    expect(sent?.headers).toMatchObject({ 'x-api-key': KEY, 'anthropic-version': '2023-06-01' });
    expect(sent?.headers).not.toHaveProperty('authorization');
    expect(JSON.parse(sent?.body ?? '')).toEqual(provider.body(request));
  });

  test('that streams gives the same answer, thoughts first, calls one after another', async () => {
    const { server, provider } = await start([reply(STREAM, { sliceBytes: 50 })]);
    const { chunks } = await collect(chat(provider, true));
    expect(assemble(chunks)).toEqual(ANSWER);
    const kinds = chunks.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1]);
    expect(kinds).toEqual([
      ...['start', 'reasoning-delta', 'text-delta'],
      ...['tool-call-start', 'tool-call-delta', 'tool-call-end'],
      ...['tool-call-start', 'tool-call-delta', 'tool-call-end'],
      ...['usage', 'finish'],
    ]);
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ ...provider.body(request), stream: true });
  });

  test('goes to the same place whether the base URL has the version or not', async () => {
    for (const path of ['', '/', '/v1', '/v1/', '/gate', '/gate/v1']) {
      const { server, provider } = await start([{ body: JSON.stringify(MESSAGE) }], path);
      await collect(chat(provider, false));
      expect(server.requests[0]?.path).toBe(path.startsWith('/gate') ? '/gate/v1/messages' : '/v1/messages');
    }
  });

  test('names the model that was asked where the answer names none', async () => {
    const { model: _model, ...nameless } = MESSAGE;
    const { provider } = await start([{ body: JSON.stringify(nameless) }, reply(framed(streamOf(nameless)))]);
    for (const isStream of [false, true]) {
      const { chunks } = await collect(chat(provider, isStream));
      expect(assemble(chunks).model).toBe(request.model);
    }
  });
});

describe('a stream', () => {
  test('cut at any byte is truncated, never a clean end', async () => {
    let cut = 0;
    const { provider } = await start(() => reply(STREAM, { cutAfterBytes: cut }));
    const total = Buffer.byteLength(STREAM);
    // Without its last line end the terminator is whole.
    for (cut = 0; cut < total - 2; cut += 3) {
      const { chunks, text, error } = await collect(chat(provider, true));
      expect(ANSWER.text.startsWith(text), `cut at ${cut}`).toBe(true);
      expect(error, `cut at ${cut}`).toMatchObject({ name: 'StreamTruncatedError', requestId: 'req-9' });
      expect(chunks.some(({ kind }) => kind === 'finish' || kind === 'usage')).toBe(false);
    }
  });

  test('that stops without saying why is truncated', async () => {
    const silent = EVENTS.filter((event) => (event as { type: string }).type !== 'message_delta');
    const { provider } = await start([reply(framed(silent))]);
    expect((await collect(chat(provider, true))).error).toMatchObject({ name: 'StreamTruncatedError' });
  });

  test('is over at its terminator, whatever comes after', async () => {
    const { provider } = await start([reply(`${STREAM}${STREAM}data: nonsense\n\n`)]);
    const { chunks, error } = await collect(chat(provider, true));
    expect(error).toBeUndefined();
    expect(assemble(chunks)).toEqual(ANSWER);
  });

  test('of a server that forgets to open its blocks is read as well', async () => {
    const events = EVENTS.filter((event) => {
      const { type, index = 0 } = event as { type: string; index?: number };
      return index < 2 && !type.startsWith('content_block_st');
    });
    const { provider } = await start([reply(framed(events))]);
    const { chunks } = await collect(chat(provider, true));
    expect(assemble(chunks)).toMatchObject({ text: ANSWER.text, reasoning: ANSWER.reasoning, toolCalls: [] });
  });

  test('may hold kinds of events, blocks and deltas that nobody knows yet', async () => {
    const strange = [
      { type: 'weather_report', sky: 'blue' },
      { type: 'content_block_start', index: 9, content_block: { type: 'hologram', depth: 3 } },
      { type: 'content_block_delta', index: 9, delta: { type: 'hologram_delta', voxel: [1] } },
      { type: 'content_block_stop', index: 9 },
    ];
    const { provider } = await start([reply(framed([...EVENTS.slice(0, 2), ...strange, ...EVENTS.slice(2)]))]);
    const { chunks } = await collect(chat(provider, true));
    const data = [{ type: 'hologram', depth: 3 }, ...(MESSAGE.content ?? [])];
    expect(assemble(chunks)).toEqual({ ...ANSWER, echo: { format: 'anthropic', data } });
  });

  test('corrects its counts with the last that it names', async () => {
    const usages = [
      { input_tokens: 40, output_tokens: 3 },
      { input_tokens: null, output_tokens: 8 },
    ];
    const deltas = usages.map((usage) => ({ type: 'message_delta', delta: {}, usage }));
    const { provider } = await start([reply(framed([...EVENTS.slice(0, -2), ...deltas, ...EVENTS.slice(-2)]))]);
    const { chunks } = await collect(chat(provider, true));
    expect(assemble(chunks).usage).toMatchObject({ inputTokens: 47, outputTokens: 9, cacheWriteInputTokens: 2 });
  });

  test.each([
    ['overloaded_error', { code: 'ERR_PROVIDER_IN_BODY', status: 529, retryable: true }],
    ['api_error', { status: 500, retryable: true }],
    ['timeout_error', { status: 504, retryable: true }],
    ['rate_limit_error', { name: 'RateLimitError', status: 429, retryable: true }],
    ['invalid_request_error', { status: 400, retryable: false }],
    ['authentication_error', { status: 401, retryable: false }],
    ['billing_error', { status: 402, retryable: false }],
    ['new_error', { status: undefined, retryable: false }],
  ])('with the error %s inside gives what came before, then a typed error', async (type, expected) => {
    const error = { type: 'error', error: { type, message: 'it went wrong' }, request_id: 'req-8' };
    for (const position of [0, 5]) {
      const { provider } = await start([
        reply(framed([...EVENTS.slice(0, position), error, ...EVENTS.slice(position)])),
      ]);
      const result = await collect(chat(provider, true));
      expect(result.error).toMatchObject({ ...expected, requestId: 'req-9', retryAfterMs: undefined });
      expect(result.error).toMatchObject({ message: expect.stringContaining('it went wrong') as string });
      expect(result.chunks.some(({ kind }) => kind === 'start')).toBe(position > 0);
      expect(result.chunks.some(({ kind }) => kind === 'finish')).toBe(false);
    }
  });
});

describe('a failure', () => {
  test.each([
    [400, 'invalid_request_error', false],
    [401, 'authentication_error', false],
    [403, 'permission_error', false],
    [404, 'not_found_error', false],
    [413, 'request_too_large', false],
    [500, 'api_error', true],
    [504, 'timeout_error', true],
    [529, 'overloaded_error', true],
  ])('of status %i is a typed error with the request’s id', async (status, type, retryable) => {
    const body = JSON.stringify({ type: 'error', error: { type, message: 'no' }, request_id: 'req-9' });
    const { provider } = await start([{ status, body, headers: { 'request-id': 'req-9' } }]);
    const { error } = await collect(chat(provider, true));
    const code = 'ERR_PROVIDER_STATUS';
    expect(error).toMatchObject({ name: 'ProviderError', code, status, retryable, requestId: 'req-9' });
    expect(error).toMatchObject({ message: expect.stringMatching(/: no$/) as string });
  });

  test('of too many requests asks to wait as the header says', async () => {
    const body = JSON.stringify({ type: 'error', error: { type: 'rate_limit_error', message: 'slow down' } });
    const { provider } = await start([{ status: 429, body, headers: { 'retry-after': '12' } }]);
    const { error } = await collect(chat(provider, false));
    expect(error).toMatchObject({ name: 'RateLimitError', status: 429, retryAfterMs: 12_000, retryable: true });
  });

  test.each([
    ['a page', '<html>502</html>'],
    ['nothing', ''],
    ['a bare message', '{"message":"gone"}'],
    ['a bare word', '{"error":"gone"}'],
  ])('that answers %s is a typed error as well', async (_what, body) => {
    const { provider } = await start([{ status: 502, body }]);
    expect((await collect(chat(provider, true))).error).toMatchObject({ status: 502, retryable: true });
  });

  test.each([
    ['no message', '{"ok":true}', 'ERR_PROVIDER_BAD_RESPONSE'],
    ['an error', '{"type":"error","error":{"type":"overloaded_error","message":"busy"}}', 'ERR_PROVIDER_IN_BODY'],
  ])('inside a 200 that holds %s is a typed error', async (_what, body, code) => {
    const { provider } = await start([{ body, headers: HEADERS }]);
    const { error } = await collect(chat(provider, false));
    expect(error).toMatchObject({ code, retryable: true, requestId: 'req-9', retryAfterMs: undefined });
  });
});

test.each([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['tool_use', 'tool-calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['refusal', 'content-filter'],
  ['pause_turn', 'other'],
  ['something_new', 'other'],
])('the stop reason %s is the finish reason %s', async (reason, expected) => {
  const message = { ...MESSAGE, stop_reason: reason };
  const { provider } = await start([{ body: JSON.stringify(message) }, reply(framed(streamOf(message)))]);
  for (const isStream of [false, true]) {
    const { chunks } = await collect(chat(provider, isStream));
    expect(assemble(chunks).finishReason).toBe(expected);
  }
});

test('a call that was cut short keeps its text, and goes back as an object', async () => {
  const cut = { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"cat":"m' } };
  const before = EVENTS.filter((event) => {
    const { type, index = 0 } = event as { type: string; index?: number };
    return index < 2 || (index === 2 && type === 'content_block_start');
  });
  const { provider } = await start([reply(framed([...before.slice(0, -2), cut, ...before.slice(-2)]))]);
  const { chunks } = await collect(chat(provider, true));
  const answer = assemble(chunks);
  expect(answer.toolCalls).toEqual([{ id: 'toolu_1', name: 'stroke', arguments: '{"cat":"m' }]);
  const { data } = answer.echo as { data: object[] };
  expect(data.at(-1)).toMatchObject({ input: { INVALID_JSON: '{"cat":"m' } });
});
