import { describe, expect, test } from 'vitest';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import { type ChatRequest, type Chunk, userMessage } from '../../../src/protocol/chat.js';
import { createOllamaProvider } from '../../../src/providers/ollama/provider.js';
import type { Provider } from '../../../src/providers/provider.js';
import type { Script, ScriptedReply } from '../../../src/testing/scripted-server.js';
import { collect as collectChunks, request, type Started, startProvider } from '../scripted-provider.js';

const LINES: readonly object[] = [
  { model: 'qwen3', created_at: 't', message: { role: 'assistant', content: '', thinking: 'Hm' }, done: false },
  { model: 'qwen3', created_at: 't', message: { role: 'assistant', content: 'Because – ' }, done: false },
  { model: 'qwen3', created_at: 't', message: { role: 'assistant', content: '🐈' }, done: false },
  {
    model: 'qwen3',
    created_at: 't',
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: 'stop',
    total_duration: 4_883_583_458,
    prompt_eval_count: 12,
    eval_count: 3,
  },
];
const ANSWER: object = { ...LINES.at(-1), message: { role: 'assistant', content: 'Because – 🐈', thinking: 'Hm' } };
const STREAM = LINES.map((line) => `${JSON.stringify(line)}\n`).join('');

function streamReply(body: string, changes: Partial<ScriptedReply> = {}): ScriptedReply {
  return { headers: { 'content-type': 'application/x-ndjson' }, framing: 'chunked', body, ...changes };
}
function start(script: Script): Promise<Started> {
  return startProvider(createOllamaProvider, script);
}
function collect(
  provider: Provider,
  stream: boolean,
  changes: Partial<ChatRequest> = {},
): ReturnType<typeof collectChunks> {
  const { signal } = new AbortController();
  return collectChunks(provider.chat({ request: { ...request, ...changes }, stream, signal, apiKey: undefined }));
}
function assemble(chunks: readonly Chunk[]): object {
  const assembler = createAnswerAssembler();
  for (const chunk of chunks) assembler.add(chunk);
  const { raw: _raw, ...answer } = assembler.answer();
  return answer;
}

describe('a call', () => {
  test('says whether it streams, and both ways give the same answer', async () => {
    const { server, provider } = await start(({ body }) =>
      (JSON.parse(body) as { stream: boolean }).stream ? streamReply(STREAM) : { body: JSON.stringify(ANSWER) },
    );
    const streamed = await collect(provider, true);
    const whole = await collect(provider, false);
    expect(assemble(streamed.chunks)).toEqual(assemble(whole.chunks));
    expect(assemble(whole.chunks)).toEqual({
      id: '',
      model: 'qwen3',
      text: 'Because – 🐈',
      reasoning: 'Hm',
      toolCalls: [],
      finishReason: 'stop',
      usage: { inputTokens: 12, outputTokens: 3, totalTokens: 15 },
    });
    const sent = server.requests.map(({ path, body }) => [path, (JSON.parse(body) as { stream: boolean }).stream]);
    expect(sent).toEqual([
      ['/api/chat', true],
      ['/api/chat', false],
    ]);
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(server.requests[0]?.headers['accept']).toBe('application/x-ndjson');
  });

  test('that cannot be said reaches nobody', async () => {
    const { server, provider } = await start([{ body: JSON.stringify(ANSWER) }]);
    const messages = [userMessage([{ kind: 'image', url: 'https://example.org/cat.png' }])];
    expect((await collect(provider, false, { messages })).error).toMatchObject({ name: 'ConfigError' });
    expect(server.connections).toBe(0);
  });

  test('gives a stream of the whole answer of a server that does not stream', async () => {
    const { provider } = await start([{ body: JSON.stringify(ANSWER) }]);
    const { chunks } = await collect(provider, true);
    expect(chunks.map(({ kind }) => kind)).toEqual(['start', 'reasoning-delta', 'text-delta', 'usage', 'finish']);
  });
});

describe('a stream', () => {
  test('is the same in pieces of any size, with line ends of any kind, and without the last one', async () => {
    const expected = assemble((await collect((await start([streamReply(STREAM)])).provider, true)).chunks);
    for (const body of [STREAM, STREAM.trimEnd(), STREAM.replaceAll('\n', '\r\n'), STREAM.replaceAll('\n', '\n\n')]) {
      for (const sliceBytes of [1, 7, 1000]) {
        const { provider } = await start([streamReply(body, { sliceBytes })]);
        const { chunks, error } = await collect(provider, true);
        expect(error).toBeUndefined();
        expect(assemble(chunks)).toEqual(expected);
      }
    }
  });

  test('cut at any byte is a StreamTruncatedError, never a clean end', async () => {
    let cutAfterBytes = 0;
    const { provider } = await start(() => streamReply(STREAM, { cutAfterBytes }));
    // Without the last line end the answer is there.
    for (; cutAfterBytes < Buffer.byteLength(STREAM) - 1; cutAfterBytes++) {
      const { chunks, error } = await collect(provider, true);
      expect(error, `cut at ${cutAfterBytes}`).toMatchObject({ name: 'StreamTruncatedError', provider: 'acme' });
      expect(chunks.some(({ kind }) => kind === 'finish')).toBe(false);
    }
  });

  test('that ends in order but is not done is truncated', async () => {
    const { provider } = await start([streamReply(STREAM.split('\n').slice(0, 2).join('\n'))]);
    expect((await collect(provider, true)).error).toMatchObject({ name: 'StreamTruncatedError' });
  });

  test('with an error in a line gives what came before, then a typed error', async () => {
    const body = `${JSON.stringify(LINES[1])}\n{"error":"the model runner has stopped"}\n`;
    const { provider } = await start([streamReply(body)]);
    const { chunks, error } = await collect(provider, true);
    expect(chunks.at(-1)).toEqual({ kind: 'text-delta', text: 'Because – ' });
    expect(error).toMatchObject({
      code: 'ERR_PROVIDER_IN_BODY',
      message: 'acme sent an error inside its answer: the model runner has stopped',
    });
  });

  test('with a line that is no JSON is a bad response', async () => {
    const { provider } = await start([streamReply(`nonsense\n${STREAM}`)]);
    expect((await collect(provider, true)).error).toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE' });
  });
});

test.each([
  [404, false, "model 'x' not found"],
  [500, true, 'out of memory'],
  [503, true, 'server busy'],
])('an answer with status %i is an error that says what the server said', async (status, retryable, error) => {
  const { provider } = await start([{ status, body: JSON.stringify({ error }) }]);
  for (const stream of [true, false]) {
    const message = `acme answered ${status}: ${error}`;
    expect((await collect(provider, stream)).error).toMatchObject({ status, retryable, message });
  }
});

test('texts are embedded in one request', async () => {
  const reply = {
    body: JSON.stringify({
      model: 'nomic',
      embeddings: [
        [1, 0],
        [0, 1],
      ],
      prompt_eval_count: 4,
    }),
  };
  const { server, provider } = await start([reply]);
  const { signal } = new AbortController();
  const embedding = { model: 'nomic', texts: ['a', 'b'] };
  const answer = await provider.embed?.({ request: embedding, signal, apiKey: undefined });
  expect(answer).toEqual({
    model: 'nomic',
    vectors: [
      [1, 0],
      [0, 1],
    ],
    inputTokens: 4,
  });
  expect(server.requests[0]?.path).toBe('/api/embed');
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ model: 'nomic', input: ['a', 'b'] });
  const wrong = provider.embed?.({ request: { ...embedding, texts: ['a'] }, signal, apiKey: undefined });
  await expect(wrong).rejects.toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE' });
});
