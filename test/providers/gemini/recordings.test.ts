import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import { answerMessage, type ProviderAnswer, userMessage } from '../../../src/protocol/chat.js';
import { flatten } from '../../../src/protocol/flatten.js';
import { createSseDecoder } from '../../../src/protocol/sse.js';
import { createStreamDecoder, decodeAnswer } from '../../../src/providers/gemini/decode.js';
import { encodeRequest } from '../../../src/providers/gemini/encode.js';
import { createGeminiProvider } from '../../../src/providers/gemini/provider.js';
import type { WireAnswer, WirePart, WireUsage } from '../../../src/providers/gemini/wire.js';
import type { Provider } from '../../../src/providers/provider.js';
import { createScriptedServer, type ScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import {
  answersOfKind,
  hasRecordings,
  readEvents,
  readExpectation,
  readRecording,
  streamsOfKind,
} from '../../support/recordings.js';

// The recordings that begin with 'interactions__' are of another API, which this format does not speak.
const streams = streamsOfKind('gemini');
const answers = answersOfKind('gemini');
const request = { model: 'gemini-3-pro-preview', messages: [userMessage('hello')] };

/** What the vendor's SDK makes of a stream: its call parts as they came, which it does not put together. */
interface Expectation {
  readonly text: string;
  readonly thought: string;
  readonly toolCalls: readonly { readonly name?: string; readonly args?: object }[];
  readonly finish: string;
  readonly usage: Record<string, number>;
}

/** The arguments of the calls that were streamed in pieces, as a reader puts them together. */
const STREAMED: Record<string, readonly object[]> = {
  'google-stream-no-args-tool-call': [{}, { id: 'A' }, { id: 'B' }, { id: 'C' }],
  'google-stream-tool-call-arguments': [{ location: 'Boston' }, { location: 'San Francisco' }],
  'google-stream-tool-call-array-arguments-missing-terminal-function-call': [
    {
      operations: [
        { action: 'add', description: 'Fresh red apple', itemid: 'apple_001', price: 0.5 },
        { action: 'add', description: 'Ripe yellow banana', itemid: 'banana_001', price: 0.3 },
      ],
    },
  ],
  'google-vertex-stream-tool-call-arguments-nested.1': [
    {
      recipe: {
        ingredients: [
          { amount: '16 oz', name: 'Lasagna noodles' },
          { amount: '1 lb', name: 'Ground beef' },
          { amount: '15 oz', name: 'Ricotta cheese' },
          { amount: '3 cups', name: 'Mozzarella cheese' },
          { amount: '1/2 cup', name: 'Parmesan cheese' },
          { amount: '24 oz', name: 'Tomato sauce' },
          { amount: '1', name: 'Egg' },
          { amount: '2 cloves', name: 'Garlic' },
          { amount: '1 tsp', name: 'Salt' },
          { amount: '1/2 tsp', name: 'Pepper' },
        ],
        name: 'Lasagna',
        steps: [
          'Preheat oven to 375°F (190°C).',
          'Cook lasagna noodles according to package directions, drain and set aside.',
          'Brown ground beef with minced garlic in a skillet. Drain fat and stir in tomato sauce. Simmer for 10 minutes.',
          'In a bowl, mix ricotta cheese, egg, salt, pepper, and Parmesan cheese.',
          'In a 9x13 baking dish, spread a thin layer of meat sauce.',
          'Layer noodles, ricotta mixture, mozzarella, and meat sauce. Repeat.',
          'Top with remaining mozzarella cheese.',
          'Cover with foil and bake for 25 minutes.',
          'Remove foil and bake for another 25 minutes until golden.',
          'Let stand for 15 minutes before serving.',
        ],
      },
    },
  ],
};

/** The stream as the API sends it: CRLF, and no end mark. */
function asEventStream(name: string): Buffer {
  return Buffer.from(
    readEvents(name)
      .map((event) => `data: ${event}\r\n\r\n`)
      .join(''),
  );
}
function decodeStream(bytes: Buffer, sizes: readonly number[]): ProviderAnswer {
  const events = createSseDecoder('recorded');
  const decoder = createStreamDecoder(undefined, request.model);
  const assembler = createAnswerAssembler();
  let start = 0;
  for (let i = 0; start < bytes.length; i++) {
    const end = start + (sizes[i] ?? sizes.at(-1) ?? bytes.length);
    for (const { data, event } of events.push(bytes.subarray(start, end)))
      for (const chunk of decoder.decode(JSON.parse(data), event)) assembler.add(chunk);
    start = end;
  }
  expect(events.flush()).toEqual([]);
  expect(decoder.isWhole).toBe(true);
  for (const chunk of decoder.finish()) assembler.add(chunk);
  return assembler.answer();
}
function usageOf(wire: Record<string, number>): object {
  const { promptTokenCount = 0, candidatesTokenCount = 0, thoughtsTokenCount = 0, totalTokenCount = 0 } = wire;
  // Counted apart from each other, the parts make the whole.
  expect(promptTokenCount + candidatesTokenCount + thoughtsTokenCount).toBe(totalTokenCount);
  return {
    inputTokens: promptTokenCount,
    outputTokens: candidatesTokenCount + thoughtsTokenCount,
    totalTokens: totalTokenCount,
    reasoningTokens: thoughtsTokenCount,
  };
}
function expectAnswer(answer: ProviderAnswer, name: string): void {
  const expected = readExpectation<Expectation>(name) as Expectation;
  expect(answer.text).toBe(expected.text);
  expect(answer.reasoning ?? '').toBe(expected.thought);
  const named = expected.toolCalls.filter((call) => call.name !== undefined);
  const streamed = STREAMED[name.replace(/^gemini\/|\.chunks\.txt$/g, '')];
  expect(answer.toolCalls.map((call) => call.name)).toEqual(named.map((call) => call.name));
  expect(answer.toolCalls.map((call) => JSON.parse(call.arguments) as unknown)).toEqual(
    streamed ?? named.map((call) => call.args),
  );
  expect(new Set(answer.toolCalls.map(({ id }) => id)).size).toBe(named.length);
  expect(expected.finish).toBe('STOP');
  expect(answer.finishReason).toBe(named.length > 0 ? 'tool-calls' : 'stop');
  expect(answer.usage).toEqual(usageOf(expected.usage));
  expect(answer.id).not.toBe('');
  expect(answer.model).toMatch(/^gemini-/);
}
/** Every part with a signature, in order: what the next request must say again. */
function signedParts(name: string): readonly WirePart[] {
  const events = name.endsWith('.json') ? [readRecording(name)] : readEvents(name);
  return events
    .flatMap((event) => (JSON.parse(event) as WireAnswer).candidates?.[0]?.content?.parts ?? [])
    .filter((part) => part.thoughtSignature !== undefined && part.thoughtSignature !== null);
}
function partsSentBack(answer: ProviderAnswer): readonly WirePart[] {
  const { body } = encodeRequest({ ...request, messages: [...request.messages, answerMessage(answer)] });
  const [, content] = body['contents'] as readonly { readonly parts: readonly WirePart[] }[];
  return content?.parts ?? [];
}

describe.skipIf(!hasRecordings)('a recorded stream', () => {
  test.each(streams)('%s gives what the official SDK made of it, however it is cut', (name) => {
    const bytes = asEventStream(name);
    for (const size of [bytes.length, 1, 7, 40, 1000]) expectAnswer(decodeStream(bytes, [size]), name);
  });

  test.each(streams)('%s is the same cut in two at every byte', (name) => {
    const bytes = asEventStream(name);
    const whole = decodeStream(bytes, [bytes.length]);
    // A long one has the same text over and over: every byte of its beginning and of its end.
    const cuts = Array.from({ length: bytes.length - 1 }, (_, i) => i + 1);
    const looked = cuts.length < 8000 ? cuts : [...cuts.slice(0, 2500), ...cuts.slice(-2500)];
    for (const cut of looked) {
      const halves = decodeStream(bytes, [cut, bytes.length]);
      if (JSON.stringify(halves) !== JSON.stringify(whole)) expect(halves, `cut at ${cut}`).toEqual(whole);
    }
  });

  test.each([...streams, ...answers])('%s: what the model signed is sent back in its place', (name) => {
    const answer = name.endsWith('.json')
      ? (decodeAnswer(JSON.parse(readRecording(name)), undefined, request.model) as ProviderAnswer)
      : decodeStream(asEventStream(name), [1000]);
    const sent = partsSentBack(answer);
    const signed = signedParts(name);
    expect(signed.length).toBeGreaterThan(0);
    expect(sent.filter((part) => part.thoughtSignature !== undefined).map((part) => part.thoughtSignature)).toEqual(
      signed.map((part) => part.thoughtSignature),
    );
    expect(sent.map((part) => part.text ?? '').join('')).toBe(answer.text);
    for (const [i, part] of sent.filter((one) => one.thoughtSignature !== undefined).entries()) {
      expect(part.functionCall?.name).toBe(signed[i]?.functionCall?.name);
      expect(part.text).toBe(signed[i]?.text);
    }
  });

  test('there are streams and answers', () => {
    expect(streams.length).toBeGreaterThanOrEqual(9);
    expect(answers.length).toBeGreaterThanOrEqual(5);
  });
});

describe.skipIf(!hasRecordings)('over HTTP', () => {
  let server: ScriptedServer;
  let provider: Provider;
  let body: string | Buffer = '';
  let isStream = false;
  let cutAfterBytes: number | undefined;
  beforeAll(async () => {
    server = await createScriptedServer(() => ({
      headers: { 'content-type': isStream ? 'text/event-stream' : 'application/json; charset=UTF-8' },
      body,
      framing: 'chunked',
      sliceBytes: 1000,
      ...(cutAfterBytes === undefined ? {} : { cutAfterBytes }),
    }));
    const transport = createTransport({ origin: server.url, settings: transportSettings() });
    provider = createGeminiProvider({ name: 'recorded', baseURL: `${server.url}/v1beta`, transport });
  });
  afterAll(async () => {
    await provider.close?.();
    await server.close();
  });
  async function ask(stream: boolean): Promise<ProviderAnswer> {
    isStream = stream;
    const assembler = createAnswerAssembler();
    const { signal } = new AbortController();
    for await (const chunk of flatten(provider.chat({ request, stream, signal, apiKey: 'k' }))) assembler.add(chunk);
    return assembler.answer();
  }

  test.each(streams)('%s is the same again', async (name) => {
    body = asEventStream(name);
    expectAnswer(await ask(true), name);
    expect(server.requests.at(-1)?.path).toBe('/v1beta/models/gemini-3-pro-preview:streamGenerateContent?alt=sse');
  });

  test('google-text cut at every 13th byte is an error, and never a clean end', async () => {
    body = asEventStream('gemini/google-text.chunks.txt');
    for (cutAfterBytes = 0; cutAfterBytes < body.length; cutAfterBytes += 13) {
      await expect(ask(true), `cut at ${cutAfterBytes}`).rejects.toMatchObject({ name: 'StreamTruncatedError' });
    }
    cutAfterBytes = undefined;
  });

  test.each(answers)('%s is read whole, and kept in raw', async (name) => {
    body = readRecording(name);
    const raw = JSON.parse(body) as WireAnswer;
    const answer = await ask(false);
    expect(answer).toMatchObject({ id: raw.responseId, model: raw.modelVersion, raw });
    const parts = raw.candidates?.[0]?.content?.parts ?? [];
    expect(answer.text).toBe(parts.map((part) => part.text ?? '').join(''));
    expect(answer.toolCalls.map((call) => JSON.parse(call.arguments) as unknown)).toEqual(
      parts.flatMap((part) => (part.functionCall ? [part.functionCall.args] : [])),
    );
    expect(answer.finishReason).toBe(answer.toolCalls.length > 0 ? 'tool-calls' : 'stop');
    expect(answer.usage).toEqual(usageOf(raw.usageMetadata as WireUsage as Record<string, number>));
  });
});

test.skipIf(!hasRecordings)('the recorded 429 says how long to wait', async () => {
  const body = readRecording('gemini/google-429-retry-info.json');
  const server = await createScriptedServer([{ status: 429, body }]);
  const transport = createTransport({ origin: server.url, settings: transportSettings() });
  const provider = createGeminiProvider({ name: 'gemini', baseURL: server.url, transport });
  for (const stream of [true, false]) {
    const { signal } = new AbortController();
    const first = flatten(provider.chat({ request, stream, signal, apiKey: 'k' })).next();
    await expect(first).rejects.toMatchObject({
      name: 'RateLimitError',
      status: 429,
      retryable: true,
      retryAfterMs: 34_400,
    });
  }
  await provider.close?.();
  await server.close();
});
