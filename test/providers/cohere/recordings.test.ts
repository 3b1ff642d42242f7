import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { answerMessage, type ProviderAnswer, toolMessage, userMessage } from '../../../src/protocol/chat.js';
import { flatten } from '../../../src/protocol/flatten.js';
import { decodeAnswer } from '../../../src/providers/cohere/decode.js';
import { encodeRequest } from '../../../src/providers/cohere/encode.js';
import { createCohereProvider } from '../../../src/providers/cohere/provider.js';
import type { WireAnswer } from '../../../src/providers/cohere/wire.js';
import type { Provider } from '../../../src/providers/provider.js';
import { createScriptedServer, type ScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import { answersOfKind, hasRecordings, readRecording, streamsOfKind } from '../../support/recordings.js';
import { assemble } from '../assemble-chunks.js';
import { createReader, expectAnswer, recordedStream } from '../recorded-streams.js';

const FINISH: Readonly<Record<string, string>> = { COMPLETE: 'stop', TOOL_CALL: 'tool-calls', MAX_TOKENS: 'length' };
const STREAMS = streamsOfKind('cohere');
const ANSWERS = answersOfKind('cohere');

describe.skipIf(!hasRecordings)('a recorded stream', () => {
  test.each(STREAMS)('%s has the model that was asked, since it names none', async (name) => {
    expect(await createReader('cohere')([Buffer.from(recordedStream(name, 'cohere'))])).toMatchObject({
      model: 'asked',
    });
  });

  test('there is one with text, with thoughts, with calls, and with a call without arguments', () => {
    expect(STREAMS).toHaveLength(4);
  });
});

describe.skipIf(!hasRecordings)('a recorded answer over HTTP', () => {
  let server: ScriptedServer;
  let provider: Provider;
  let reply: { body: string; headers: Record<string, string> };
  beforeAll(async () => {
    server = await createScriptedServer(() => ({
      body: reply.body,
      headers: { ...reply.headers, 'x-debug-trace-id': 'trace-7' },
      framing: 'chunked',
      sliceBytes: 300,
    }));
    const transport = createTransport({ origin: server.url, settings: transportSettings() });
    provider = createCohereProvider({ name: 'recorded', baseURL: server.url, transport });
  });
  afterAll(async () => {
    await provider.close?.();
    await server.close();
  });
  async function ask(stream: boolean): Promise<ProviderAnswer> {
    const { signal } = new AbortController();
    const request = { model: 'command-x', messages: [userMessage('hello')] };
    const chunks = [];
    for await (const chunk of flatten(provider.chat({ request, stream, signal, apiKey: 'k' }))) chunks.push(chunk);
    return assemble(chunks);
  }

  test.each(STREAMS)('%s is the same again', async (name) => {
    reply = { body: recordedStream(name, 'cohere'), headers: { 'content-type': 'text/event-stream' } };
    const answer = await ask(true);
    expectAnswer(answer, name, 'cohere');
    expect(answer.requestId).toBe('trace-7');
  });

  test('of embeddings is their vectors, in order, and what was read', async () => {
    reply = { body: readRecording('cohere/cohere-embedding.json'), headers: {} };
    const texts = ['sunny day at the beach', 'rainy day in the city'];
    const { signal } = new AbortController();
    const request = { model: 'embed-v4.0', texts, dimensions: 5 };
    const answer = await provider.embed?.({ request, signal, apiKey: 'k' });
    expect(answer).toMatchObject({ model: 'embed-v4.0', inputTokens: 10, requestId: 'trace-7' });
    expect(answer?.vectors.map(([first]) => first)).toEqual([0.03302002, -0.04660034]);
    const sent = server.requests.at(-1);
    expect(sent).toMatchObject({ path: '/v2/embed', headers: { authorization: 'Bearer k' } });
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      model: 'embed-v4.0',
      texts,
      input_type: 'search_document',
      embedding_types: ['float'],
      output_dimension: 5,
    });
  });
});

describe.skipIf(!hasRecordings)('a recorded whole answer', () => {
  test.each(ANSWERS)('%s is read, and kept whole in raw', (name) => {
    const raw = JSON.parse(readRecording(name)) as WireAnswer;
    const answer = decodeAnswer(raw, undefined, 'command-x') as ProviderAnswer;
    expect(answer).toMatchObject({ id: raw.id, model: 'command-x', raw });
    expect(answer.finishReason).toBe(FINISH[raw.finish_reason ?? '']);
    expect(answer.text !== '' || answer.toolCalls.length > 0).toBe(true);
    for (const call of answer.toolCalls) expect(JSON.parse(call.arguments)).toBeTypeOf('object');
    expect(answer.usage).toMatchObject({
      inputTokens: raw.usage?.tokens?.input_tokens,
      outputTokens: raw.usage?.tokens?.output_tokens,
      cachedInputTokens: raw.usage?.cached_tokens,
    });
  });

  test('with calls goes back with its plan', () => {
    const raw = JSON.parse(readRecording('cohere/cohere-tool-call.json')) as WireAnswer;
    const answer = decodeAnswer(raw, undefined, 'm') as ProviderAnswer;
    const results = answer.toolCalls.map(({ id }) => toolMessage(id, 'sunny'));
    const { body } = encodeRequest({ model: 'm', messages: [userMessage('hi'), answerMessage(answer), ...results] });
    const { tool_plan, tool_calls } = raw.message ?? {};
    expect(body['messages']).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'assistant', tool_plan, tool_calls },
      ...answer.toolCalls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: 'sunny' })),
    ]);
  });

  test('with thoughts goes back with them', () => {
    const raw = JSON.parse(readRecording('cohere/cohere-reasoning.json')) as WireAnswer;
    const answer = decodeAnswer(raw, undefined, 'm') as ProviderAnswer;
    const { body } = encodeRequest({ model: 'm', messages: [userMessage('hi'), answerMessage(answer)] });
    expect((body['messages'] as object[])[1]).toEqual(raw.message);
  });

  test('there is one of each', () => {
    expect(ANSWERS).toHaveLength(6);
  });
});
