import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import { type ProviderAnswer, userMessage } from '../../../src/protocol/chat.js';
import { flatten } from '../../../src/protocol/flatten.js';
import { decodeAnswer } from '../../../src/providers/openai-responses/decode.js';
import { createOpenAIResponsesProvider } from '../../../src/providers/openai-responses/provider.js';
import type { WireItem, WireResponse } from '../../../src/providers/openai-responses/wire.js';
import type { Provider } from '../../../src/providers/provider.js';
import { createScriptedServer, type ScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import { responsesUsage } from '../../support/expected-answer.js';
import {
  answersOfKind,
  hasRecordings,
  readRecording,
  refusedStreamsOfKind,
  streamsOfKind,
} from '../../support/recordings.js';
import { createReader, expectAnswer, recordedStreams } from '../recorded-streams.js';

const STREAMS = streamsOfKind('responses');
const read = createReader('responses');
const streamsIn = (name: string): readonly string[] => recordedStreams(name, 'responses');
const lastStream = (name: string): string => streamsIn(name).at(-1) ?? '';

/** Of an answer that was completed. */
function finishOf({ toolCalls, text }: ProviderAnswer): string {
  if (toolCalls.length > 0) return 'tool-calls';
  return text === '' ? 'other' : 'stop';
}

describe.skipIf(!hasRecordings)('a recorded stream of responses', () => {
  test('that says another text in the end than in its pieces gives the last word, and a warning', async () => {
    const stream = lastStream('openai/responses__openai-shell-container.1.chunks.txt');
    const chunks = await read.chunks([Buffer.from(stream)]);
    const pieces = chunks.map((chunk) => (chunk.kind === 'text-delta' ? chunk.text : '')).join('');
    expect(pieces).toBe('The command ran successfully.');
    expect(chunks.filter(({ kind }) => kind === 'warning')).toHaveLength(1);
    const { text, echo } = await read([Buffer.from(stream)]);
    expect(text).toMatch(/^The command ran successfully in the container\..*architecture\.$/s);
    expect(echo).toBeDefined();
  });

  test('its parts of reasoning are told as they come, a paragraph each', async () => {
    const streamed = lastStream('xai/responses__xai-text-with-reasoning-streaming.1.chunks.txt');
    expect((await read([Buffer.from(streamed)])).reasoning).toMatch(/^First, the question is/);
    const bare = lastStream('open-responses/responses__lmstudio-tool-call.1.chunks.txt');
    expect((await read([Buffer.from(bare)])).reasoning).toMatch(/^The user is asking for the weather in San Francisco/);
  });

  test('hands its items back when they say more than text', async () => {
    const streams = streamsIn('openai/responses__openai-reasoning-encrypted-content.1.chunks.txt');
    const asked = await read([Buffer.from(streams[0] ?? '')]);
    expect(asked).toMatchObject({ finishReason: 'tool-calls', toolCalls: [{ id: expect.stringMatching(/^call_/) }] });
    expect(asked.echo).toMatchObject({
      format: 'openai-responses',
      data: [
        { type: 'reasoning', encrypted_content: expect.stringMatching(/^gAAAA/) as string },
        { type: 'function_call' },
      ],
    });
    expect(await read([Buffer.from(streams.at(-1) ?? '')])).toMatchObject({ finishReason: 'stop' });
    const plain = await read([Buffer.from(lastStream('azure/azure-tool-call.1.chunks.txt'))]);
    expect(plain.echo).toBeUndefined();
  });
});

describe.skipIf(!hasRecordings)('a recorded stream of responses over HTTP', () => {
  let server: ScriptedServer;
  let provider: Provider;
  let body = '';
  let sliceBytes = 1000;
  beforeAll(async () => {
    const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'req-7' };
    server = await createScriptedServer(() => ({ headers, body, framing: 'chunked', sliceBytes }));
    const transport = createTransport({ origin: server.url, settings: transportSettings() });
    provider = createOpenAIResponsesProvider({ name: 'recorded', baseURL: server.url, transport });
  });
  afterAll(async () => {
    await provider.close?.();
    await server.close();
  });

  async function ask(name: string): Promise<ProviderAnswer> {
    body = lastStream(name);
    sliceBytes = Math.max(1000, Math.ceil(body.length / 50));
    const assembler = createAnswerAssembler();
    const { signal } = new AbortController();
    const request = { model: 'm', messages: [userMessage('hello')] };
    for await (const chunk of flatten(provider.chat({ request, stream: true, signal, apiKey: 'k' })))
      assembler.add(chunk);
    return assembler.answer();
  }

  test.each(STREAMS)('%s is the same again', async (name) => {
    const answer = await ask(name);
    expectAnswer(answer, name, 'responses');
    expect(answer.requestId).toBe('req-7');
  });

  test('that fails inside a 200 is an error that no retry heals', async () => {
    await expect(ask('openai/responses__openai-error.1.chunks.txt')).rejects.toMatchObject({
      name: 'RateLimitError',
      retryable: false,
      message: expect.stringMatching(/exceeded your current quota/) as string,
    });
  });

  test('that holds malformed JSON is a typed error', async () => {
    await expect(ask('openai/responses__parallel-tool-call-wrapper.1.chunks.txt')).rejects.toMatchObject({
      code: 'ERR_PROVIDER_BAD_RESPONSE',
    });
  });

  test('there are no other streams that the SDK refuses', () => {
    expect(refusedStreamsOfKind('responses')).toHaveLength(2);
  });
});

describe.skipIf(!hasRecordings)('a recorded whole response', () => {
  test.each(answersOfKind('responses'))('%s is read, and kept whole in raw', (name) => {
    const raw = JSON.parse(readRecording(name)) as WireResponse;
    const answer = decodeAnswer(raw, undefined) as ProviderAnswer;
    expect(answer).toMatchObject({ id: raw.id, model: raw.model, raw });
    const parts = (raw.output ?? []).flatMap((item: WireItem) =>
      item.type === 'message' && Array.isArray(item.content) ? item.content : [],
    ) as { text: string }[];
    expect(answer.text).toBe(parts.map(({ text }) => text).join(''));
    const calls = (raw.output ?? []).filter(({ type }) => type === 'function_call');
    expect(answer.toolCalls.map(({ id }) => id)).toEqual(calls.map((item) => item.call_id));
    expect(answer.finishReason).toBe(finishOf(answer));
    expect(answer.usage).toEqual(responsesUsage(raw.usage as Parameters<typeof responsesUsage>[0]));
  });
});
