import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import { type Chunk, type ProviderAnswer, userMessage } from '../../../src/protocol/chat.js';
import { flatten } from '../../../src/protocol/flatten.js';
import { createStreamDecoder, decodeAnswer } from '../../../src/providers/openai-chat/decode.js';
import { createOpenAIChatProvider } from '../../../src/providers/openai-chat/provider.js';
import type { Provider } from '../../../src/providers/provider.js';
import { createScriptedServer, type ScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import { chatUsage } from '../../support/expected-answer.js';
import { answersOfKind, hasRecordings, readRecording, streamsOfKind } from '../../support/recordings.js';
import { createReader, expectAnswer, recordedStream } from '../recorded-streams.js';

test.skipIf(!hasRecordings)('a recorded stream whose only tool call has index 1 gives that call', async () => {
  const bytes = Buffer.from(readRecording('openai-compatible/chat__anthropic-fallback-tool-call.sse'));
  expect(await createReader('chat')([bytes])).toMatchObject({
    text: 'Reading it.',
    toolCalls: [{ id: 'toolu_sanitized', name: 'read_file', arguments: '{"path": "a.txt"}' }],
    finishReason: 'tool-calls',
  });
});

describe.skipIf(!hasRecordings)('a recorded stream over HTTP', () => {
  let server: ScriptedServer;
  let provider: Provider;
  let body = '';
  beforeAll(async () => {
    const headers = { 'content-type': 'text/event-stream', 'x-request-id': 'req-7' };
    server = await createScriptedServer(() => ({ headers, body, framing: 'chunked', sliceBytes: 1000 }));
    const transport = createTransport({ origin: server.url, settings: transportSettings() });
    provider = createOpenAIChatProvider({ name: 'recorded', baseURL: server.url, transport });
  });
  afterAll(async () => {
    await provider.close?.();
    await server.close();
  });

  test.each(streamsOfKind('chat'))('%s is the same again', async (name) => {
    body = recordedStream(name, 'chat');
    const assembler = createAnswerAssembler();
    const { signal } = new AbortController();
    const request = { model: 'm', messages: [userMessage('hello')] };
    for await (const chunk of flatten(provider.chat({ request, stream: true, signal, apiKey: 'k' })))
      assembler.add(chunk);
    expectAnswer(assembler.answer(), name, 'chat');
    expect(assembler.answer().requestId).toBe('req-7');
  });
});

describe.skipIf(!hasRecordings)('a recorded whole answer', () => {
  test.each(answersOfKind('chat'))('%s is read, and kept whole in raw', (name) => {
    const raw = JSON.parse(readRecording(name)) as {
      id: string;
      model: string;
      choices: { message: { content: unknown } }[];
      usage: Parameters<typeof chatUsage>[0];
    };
    const answer = decodeAnswer(raw, undefined) as ProviderAnswer;
    expect(answer).toMatchObject({ id: raw.id, model: raw.model, raw });
    const { content } = raw.choices[0]?.message ?? {};
    if (typeof content === 'string') expect(answer.text).toBe(content);
    expect(answer.text !== '' || answer.toolCalls.length > 0).toBe(true);
    expect(answer.finishReason).toBe(answer.toolCalls.length > 0 ? 'tool-calls' : answer.finishReason);
    expect(['stop', 'length', 'tool-calls']).toContain(answer.finishReason);
    expect(answer.usage).toEqual(chatUsage(raw.usage));
  });

  test('the parts of Mistral are told apart as thinking and text', () => {
    const answer = decodeAnswer(JSON.parse(readRecording('mistral/mistral-reasoning.json')), undefined);
    expect(answer).toMatchObject({
      text: '2 + 2 = 4',
      reasoning: expect.stringMatching(/^The user is asking/) as string,
    });
  });
});

test('all chunks of a decoded stream but the last ones come before the end', () => {
  const decoder = createStreamDecoder(undefined);
  const event = { id: 'a', model: 'm', choices: [{ delta: { content: 'x' }, finish_reason: 'stop' }] };
  const chunks: Chunk[] = decoder.decode(event, 'message');
  expect(chunks.map(({ kind }) => kind)).toEqual(['start', 'text-delta']);
  expect(decoder.finish()).toEqual([{ kind: 'finish', reason: 'stop' }]);
});
