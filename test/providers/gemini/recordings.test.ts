import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import { answerMessage, type ProviderAnswer, userMessage } from '../../../src/protocol/chat.js';
import { flatten } from '../../../src/protocol/flatten.js';
import { decodeAnswer } from '../../../src/providers/gemini/decode.js';
import { encodeRequest } from '../../../src/providers/gemini/encode.js';
import { createGeminiProvider } from '../../../src/providers/gemini/provider.js';
import type { WireAnswer, WirePart, WireUsage } from '../../../src/providers/gemini/wire.js';
import type { Provider } from '../../../src/providers/provider.js';
import { createScriptedServer, type ScriptedServer } from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';
import { answersOfKind, hasRecordings, readEvents, readRecording, streamsOfKind } from '../../support/recordings.js';
import { createReader, expectAnswer, recordedStream } from '../recorded-streams.js';

// The recordings that begin with 'interactions__' are of another API, which this format does not speak.
const streams = streamsOfKind('gemini');
const answers = answersOfKind('gemini');
const request = { model: 'gemini-3-pro-preview', messages: [userMessage('hello')] };

const read = createReader('gemini');
const asEventStream = (name: string): Buffer => Buffer.from(recordedStream(name, 'gemini'));
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
  test.each([...streams, ...answers])('%s: what the model signed is sent back in its place', async (name) => {
    const answer = name.endsWith('.json')
      ? (decodeAnswer(JSON.parse(readRecording(name)), undefined, request.model) as ProviderAnswer)
      : await read([asEventStream(name)]);
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
    expectAnswer(await ask(true), name, 'gemini');
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
