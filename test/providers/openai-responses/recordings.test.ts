import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import { type ProviderAnswer, userMessage } from '../../../src/protocol/chat.js';
import { flatten } from '../../../src/protocol/flatten.js';
import { createSseDecoder } from '../../../src/protocol/sse.js';
import { createStreamDecoder, decodeAnswer, decodeUsage } from '../../../src/providers/openai-responses/decode.js';
import { createOpenAIResponsesProvider } from '../../../src/providers/openai-responses/provider.js';
import type { WireItem, WireResponse, WireUsage } from '../../../src/providers/openai-responses/wire.js';
import type { Provider } from '../../../src/providers/provider.js';
import { createScriptedServer, type ScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import {
  answersOfKind,
  hasRecordings,
  readEvents,
  readExpectation,
  readRecording,
  refusedStreamsOfKind,
  streamsOfKind,
} from '../../support/recordings.js';

const STREAMS = streamsOfKind('responses');
/** Shortened by hand: its pieces of text do not add up to the text that it says they make. */
const SHORTENED = 'openai/responses__openai-shell-container.1.chunks.txt';

/** What the official SDK made of a stream. */
interface Expectation {
  readonly text: string;
  readonly toolCalls: readonly object[];
  readonly status: string;
  readonly terminal: string;
  readonly usage: WireUsage;
}

/** The stream as the vendor sent it: each event named after its type, the last one its end. */
function asNamedEventStream(name: string): string {
  return readEvents(name)
    .map((line) => `event: ${/"type":\s*"([^"]+)"/.exec(line)?.[1]}\ndata: ${line}\n\n`)
    .join('');
}

/** The streams of a recording: some hold a conversation of two, of which the SDK gave the last. */
function streamsIn(name: string): string[] {
  return asNamedEventStream(name).split(/(?=event: response\.created\n)/);
}

function lastStream(name: string): string {
  return streamsIn(name).at(-1) ?? '';
}

function decodeStream(bytes: Buffer, sliceBytes: number): ProviderAnswer {
  const events = createSseDecoder('recorded');
  const decoder = createStreamDecoder('req-1');
  const assembler = createAnswerAssembler();
  for (let start = 0; start < bytes.length; start += sliceBytes) {
    for (const { data, event } of events.push(bytes.subarray(start, start + sliceBytes))) {
      for (const chunk of decoder.decode(JSON.parse(data), event)) assembler.add(chunk);
    }
  }
  expect(decoder.isEnded).toBe(true);
  for (const chunk of decoder.finish()) assembler.add(chunk);
  return assembler.answer();
}

function expectAnswer(answer: ProviderAnswer, name: string): void {
  const expected = readExpectation<Expectation>(name) as Expectation;
  expect(answer.text).toBe(name === SHORTENED ? 'The command ran successfully.' : expected.text);
  expect(answer.toolCalls).toEqual(expected.toolCalls);
  expect(expected).toMatchObject({ status: 'completed', terminal: 'response.completed' });
  expect(answer.finishReason).toBe(finishOf(answer));
  expect(answer.usage).toEqual(decodeUsage(expected.usage));
  expect(answer.id).not.toBe('');
  expect(answer.model).not.toBe('');
}
/** Of an answer that was completed. */
function finishOf({ toolCalls, text }: ProviderAnswer): string {
  if (toolCalls.length > 0) return 'tool-calls';
  return text === '' ? 'other' : 'stop';
}

describe.skipIf(!hasRecordings)('a recorded stream of responses', () => {
  test.each(STREAMS)('%s gives what the official SDK made of it, however it is cut', (name) => {
    const bytes = Buffer.from(lastStream(name));
    for (const sliceBytes of [bytes.length, 1, 7, 40, 1000]) expectAnswer(decodeStream(bytes, sliceBytes), name);
  });

  test('its parts of reasoning are told as they come, a paragraph each', () => {
    const bytes = Buffer.from(asNamedEventStream('xai/responses__xai-text-with-reasoning-streaming.1.chunks.txt'));
    const streamed = decodeStream(bytes, 100);
    expect(streamed.reasoning).toMatch(/^First, the question is/);
    const bare = Buffer.from(asNamedEventStream('open-responses/responses__lmstudio-tool-call.1.chunks.txt'));
    expect(decodeStream(bare, 100).reasoning).toMatch(/^The user is asking for the weather in San Francisco/);
  });

  test('hands its items back when they say more than text', () => {
    const name = 'openai/responses__openai-reasoning-encrypted-content.1.chunks.txt';
    const streams = streamsIn(name);
    const asked = decodeStream(Buffer.from(streams[0] ?? ''), 1000);
    expect(asked).toMatchObject({ finishReason: 'tool-calls', toolCalls: [{ id: expect.stringMatching(/^call_/) }] });
    expect(asked.echo).toMatchObject({
      format: 'openai-responses',
      data: [
        { type: 'reasoning', encrypted_content: expect.stringMatching(/^gAAAA/) as string },
        { type: 'function_call' },
      ],
    });
    expect(decodeStream(Buffer.from(streams.at(-1) ?? ''), 1000)).toMatchObject({ finishReason: 'stop' });
    const plain = decodeStream(Buffer.from(asNamedEventStream('azure/azure-tool-call.1.chunks.txt')), 1000);
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
    expectAnswer(answer, name);
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
    expect(answer.usage).toMatchObject({
      inputTokens: raw.usage?.input_tokens,
      outputTokens: raw.usage?.output_tokens,
    });
  });
});
