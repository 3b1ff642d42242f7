import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { answerMessage, type ProviderAnswer, toolMessage, userMessage } from '../../../src/protocol/chat.js';
import { flatten } from '../../../src/protocol/flatten.js';
import { decodeAnswer } from '../../../src/providers/anthropic/decode.js';
import { encodeRequest } from '../../../src/providers/anthropic/encode.js';
import { createAnthropicProvider } from '../../../src/providers/anthropic/provider.js';
import type { WireMessage } from '../../../src/providers/anthropic/wire.js';
import type { Provider } from '../../../src/providers/provider.js';
import { createScriptedServer, type ScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import { anthropicUsage } from '../../support/expected-answer.js';
import {
  answersOfKind,
  hasRecordings,
  readRecording,
  recordingsOf,
  refusedStreamsOfKind,
  streamsOfKind,
} from '../../support/recordings.js';
import { assemble } from '../assemble-chunks.js';
import { createReader, expectAnswer, recordedStream } from '../recorded-streams.js';
import { framed, streamOf } from './streams.js';

const FINISH: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
  max_tokens: 'length',
};
const STREAMS = streamsOfKind('anthropic');
const ANSWERS = answersOfKind('anthropic');
const read = createReader('anthropic');
const decode = (stream: string): Promise<ProviderAnswer> => read([Buffer.from(stream)]);
const asEventStream = (name: string): string => recordedStream(name, 'anthropic');

describe.skipIf(!hasRecordings)('a recorded stream', () => {
  test('there are many, of which the SDK refuses those that are several in one', () => {
    expect(STREAMS).toHaveLength(24);
    expect(refusedStreamsOfKind('anthropic')).toHaveLength(7);
  });

  test.each(refusedStreamsOfKind('anthropic').filter((name) => !/message-start/.test(name)))(
    '%s is the answers of a conversation one after another, each of which is read',
    async (name) => {
      const streams = asEventStream(name).split(/(?=event: message_start\n)/);
      expect(streams.length).toBeGreaterThan(1);
      const answers = await Promise.all(streams.map((stream) => createReader('anthropic')([Buffer.from(stream)])));
      for (const { finishReason, toolCalls } of answers)
        expect(finishReason).toBe(toolCalls.length > 0 ? 'tool-calls' : 'stop');
      // The first terminator ends the answer.
      expect(await decode(asEventStream(name))).toEqual(answers[0]);
    },
  );

  test.each(refusedStreamsOfKind('anthropic').filter((name) => /message-start/.test(name)))(
    '%s begins a second message amid the first, and is refused',
    async (name) => {
      await expect(decode(asEventStream(name))).rejects.toThrow('began a second message amid the first');
    },
  );

  test('of an SDK’s own tests is read as well', async () => {
    const readFile = (name: string): Promise<ProviderAnswer> => decode(readRecording(`anthropic/${name}`));
    expect(await readFile('basic_response.txt')).toMatchObject({ text: 'Hello there!', usage: { totalTokens: 17 } });
    expect((await readFile('tool_use_response.txt')).toolCalls).toMatchObject([{ arguments: '{"location": "Paris"}' }]);
    expect(await readFile('stream-a-refusal.sse')).toMatchObject({ finishReason: 'content-filter' });
    expect(await readFile('stream-a-toolrefusal.sse')).toMatchObject({ finishReason: 'content-filter', toolCalls: [] });
    expect(await readFile('stream-b-fallback.sse')).toMatchObject({
      finishReason: 'stop',
      usage: { reasoningTokens: 0 },
    });
    const cut = await readFile('incomplete_partial_json_response.txt');
    expect(cut.finishReason).toBe('length');
    expect(() => JSON.parse(cut.toolCalls[0]?.arguments ?? '') as unknown).toThrow();
  });
});

describe.skipIf(!hasRecordings)('a recorded stream over HTTP', () => {
  let server: ScriptedServer;
  let provider: Provider;
  let body = '';
  beforeAll(async () => {
    const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': 'req-7', 'retry-after': '30' };
    server = await createScriptedServer(() => ({
      headers,
      body,
      framing: 'chunked',
      sliceBytes: Math.max(1000, Math.ceil(body.length / 50)),
    }));
    const transport = createTransport({ origin: server.url, settings: transportSettings() });
    provider = createAnthropicProvider({ name: 'recorded', baseURL: server.url, transport });
  });
  afterAll(async () => {
    await provider.close?.();
    await server.close();
  });
  async function ask(stream: boolean): Promise<ProviderAnswer> {
    const { signal } = new AbortController();
    const request = { model: 'm', messages: [userMessage('hello')] };
    const chunks = [];
    for await (const chunk of flatten(provider.chat({ request, stream, signal, apiKey: 'k' }))) chunks.push(chunk);
    return assemble(chunks);
  }

  test.each(STREAMS)('%s is the same again', async (name) => {
    body = asEventStream(name);
    const answer = await ask(true);
    expectAnswer(answer, name, 'anthropic');
    expect(answer.requestId).toBe('req-7');
  });

  test('that begins a second message amid the first is a bad response', async () => {
    body = asEventStream('anthropic/spliced-message-start.chunks.txt');
    await expect(ask(true)).rejects.toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE', requestId: 'req-7' });
  });
});

describe.skipIf(!hasRecordings)('a recorded whole answer', () => {
  test.each(ANSWERS)('%s is read, and kept whole in raw', (name) => {
    const raw = JSON.parse(readRecording(name)) as WireMessage;
    const answer = decodeAnswer(raw, 'req-1', 'asked') as ProviderAnswer;
    expect(answer).toMatchObject({ id: raw.id, model: raw.model, raw, requestId: 'req-1' });
    expect(answer.finishReason).toBe(FINISH[raw.stop_reason ?? '']);
    expect(answer.usage).toEqual(anthropicUsage(raw.usage as Parameters<typeof anthropicUsage>[0]));
    expect(answer.usage?.inputTokens).toBeGreaterThan(0);
    const calls = (raw.content ?? []).filter(({ type }) => type === 'tool_use');
    expect(answer.toolCalls.map((call) => JSON.parse(call.arguments) as unknown)).toEqual(calls.map((c) => c.input));
  });

  test.each(ANSWERS)('%s would be the same as a stream, its echo too', async (name) => {
    const raw = JSON.parse(readRecording(name)) as WireMessage;
    const { raw: _raw, ...whole } = decodeAnswer(raw, undefined, 'asked') as ProviderAnswer;
    expect(await decode(framed(streamOf(raw)))).toEqual(whole);
  });

  test.each(ANSWERS)('%s goes back as it came', (name) => {
    const raw = JSON.parse(readRecording(name)) as WireMessage;
    const answer = decodeAnswer(raw, undefined, 'asked') as ProviderAnswer;
    const results = answer.toolCalls.map(({ id }) => toolMessage(id, 'done'));
    const messages = [userMessage('hi'), answerMessage(answer), ...results];
    const { body, warnings } = encodeRequest({ model: 'm', messages });
    const [, turn] = body['messages'] as { content: unknown }[];
    const sent = typeof turn?.content === 'string' ? [{ type: 'text', text: turn.content }] : (turn?.content ?? []);
    const isSaid = ({ type, text }: { type?: string; text?: string | null }): boolean => type !== 'text' || text !== '';
    const came = (raw.content ?? []).filter(isSaid);
    const isEchoed = answer.echo !== undefined;
    expect(sent).toEqual(isEchoed ? came : came.map(({ caller: _caller, citations: _citations, ...block }) => block));
    expect(warnings).toEqual([]);
  });

  test('there are many', () => {
    expect(ANSWERS.length + recordingsOf('anthropic', 'skills', '.json').length).toBe(
      recordingsOf('anthropic', '', '.json').length,
    );
  });
});
