import { LLMock } from '@copilotkit/aimock';
import OpenAI from 'openai';
import { afterEach, describe, expect, test } from 'vitest';
import { createAnswerAssembler } from '../../../src/protocol/assemble.js';
import {
  answerMessage,
  type ChatRequest,
  type ProviderAnswer,
  systemMessage,
  toolMessage,
  userMessage,
} from '../../../src/protocol/chat.js';
import { flatten } from '../../../src/protocol/flatten.js';
import type { Provider } from '../../../src/providers/provider.js';
import { createScriptedServer, type Script, type ScriptedServer } from '../../../src/testing/scripted-server.js';
import { ANSWER, EVENTS, frame, responsesProvider, TEXT } from './scripted-responses.js';

const closers: (() => Promise<void> | undefined)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
const STREAM_HEADERS = { 'content-type': 'text/event-stream', 'x-request-id': 'req-9' };

async function start(script: Script): Promise<{ server: ScriptedServer; provider: Provider }> {
  const server = await createScriptedServer(script);
  const provider = responsesProvider(server.url, { organization: 'org-1' });
  closers.push(
    () => server.close(),
    () => provider.close?.(),
  );
  return { server, provider };
}
async function ask(provider: Provider, stream: boolean, changes: Partial<ChatRequest> = {}): Promise<ProviderAnswer> {
  const request = { model: 'm', messages: [userMessage('What is the bridge made of?')], ...changes };
  const { signal } = new AbortController();
  const assembler = createAnswerAssembler();
  for await (const chunk of flatten(provider.chat({ request, stream, signal, apiKey: 'sk-1' }))) assembler.add(chunk);
  return assembler.answer();
}
function streamOf(body: string): Script {
  return [{ headers: STREAM_HEADERS, framing: 'chunked', body }];
}

describe('a provider in the responses format', () => {
  test('asks in its own words and dress', async () => {
    const { server, provider } = await start(streamOf(frame(EVENTS)));
    await ask(provider, true, { vendor: { stream_options: { include_obfuscation: false } } });
    const [asked] = server.requests;
    expect(asked).toMatchObject({ method: 'POST', path: '/v1/responses' });
    expect(asked?.headers).toMatchObject({
      authorization: 'Bearer sk-1',
      accept: 'text/event-stream',
      'openai-organization': 'org-1',
    });
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      model: 'm',
      input: [{ role: 'user', content: 'What is the bridge made of?' }],
      store: false,
      stream: true,
      stream_options: { include_obfuscation: false },
    });
  });

  test('tells the same answer whole and streamed', async () => {
    const whole = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(ANSWER) };
    const { provider } = await start([
      { headers: STREAM_HEADERS, framing: 'chunked', body: frame(EVENTS), sliceBytes: 7 },
      whole,
    ]);
    const streamed = await ask(provider, true);
    const { raw, ...answer } = await ask(provider, false);
    expect(raw).toEqual(ANSWER);
    expect(streamed).toEqual({ ...answer, requestId: 'req-9' });
    expect(streamed).toMatchObject({ text: TEXT, usage: { inputTokens: 30, cachedInputTokens: 10 } });
  });

  test.each(EVENTS.slice(0, -1).map((_, i) => i))('cut after event %i is a truncated stream', async (i) => {
    const { provider } = await start(streamOf(frame(EVENTS.slice(0, i + 1))));
    await expect(ask(provider, true)).rejects.toMatchObject({ name: 'StreamTruncatedError', status: 200 });
  });

  test('F60: may repeat instructions of 10 MB in its events', async () => {
    const instructions = 'lorem ipsum '.repeat(10_000_000 / 12);
    const { provider } = await start((asked) => {
      const repeated = (JSON.parse(asked.body) as { instructions: string }).instructions;
      const events = EVENTS.map((event) =>
        event.response === undefined ? event : { ...event, response: { ...event.response, instructions: repeated } },
      );
      return { headers: STREAM_HEADERS, framing: 'chunked', body: frame(events) };
    });
    const messages = [systemMessage(instructions), userMessage('What is the bridge made of?')];
    expect((await ask(provider, true, { messages })).text).toBe(TEXT);
  });

  test('takes a [DONE] after the end, and none before it', async () => {
    const { provider } = await start(streamOf(`${frame(EVENTS)}data: [DONE]\n\n`));
    expect((await ask(provider, true)).text).toBe(TEXT);
    const early = await start(streamOf(`${frame(EVENTS.slice(0, -1))}data: [DONE]\n\n`));
    await expect(ask(early.provider, true)).rejects.toMatchObject({ name: 'StreamTruncatedError' });
  });

  test.each([
    ['response.failed', { response: { status: 'failed', error: { code: 'server_error', message: 'sorry' } } }, true],
    ['response.failed', { response: { status: 'failed', error: { code: 'invalid_prompt', message: 'no' } } }, false],
    ['error', { code: 'rate_limit_exceeded', message: 'slow down', param: null }, true],
    ['error', { error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'pay' } }, false],
  ])('with %s %j inside a 200 fails, retryable or not', async (type, fields, retryable) => {
    const { provider } = await start(streamOf(frame([...EVENTS.slice(0, 3), { type, ...fields }])));
    await expect(ask(provider, true)).rejects.toMatchObject({ retryable, requestId: 'req-9' });
    // Without names of events the type tells.
    const unnamed = frame([{ type, ...fields }]).replace(/^event: .*\n/, '');
    const { provider: other } = await start(streamOf(unnamed));
    await expect(ask(other, true)).rejects.toMatchObject({ retryable });
  });

  test('that answers a failed response with a 200 is an error', async () => {
    const body = JSON.stringify({
      ...ANSWER,
      status: 'failed',
      output: [],
      error: { code: 'server_error', message: 'x' },
    });
    const { provider } = await start([{ headers: { 'content-type': 'application/json' }, body }]);
    await expect(ask(provider, false)).rejects.toMatchObject({ code: 'ERR_PROVIDER_IN_BODY', retryable: true });
  });
});

test('the official SDK makes the same of a stream as we do', async () => {
  const { server, provider } = await start(streamOf(frame(EVENTS)));
  const client = new OpenAI({ apiKey: 'k', baseURL: `${server.url}/v1`, maxRetries: 0 });
  const stream = client.responses.stream({ model: 'm', input: 'x' });
  const final = await stream.finalResponse();
  const ours = await ask(provider, true);
  expect(ours.text).toBe(final.output_text);
  expect(ours.usage?.totalTokens).toBe(final.usage?.total_tokens);
});

test('a mock server of other people takes a round trip of tools, whole and streamed', async () => {
  const mock = new LLMock({ port: 0, chunkSize: 3 });
  await mock.start();
  const provider = responsesProvider(mock.url);
  closers.push(
    () => mock.stop() as Promise<void>,
    () => provider.close?.(),
  );
  const tools = [{ name: 'get_weather', parameters: { type: 'object' } }];
  mock.onMessage('weather', {
    toolCalls: [
      { name: 'get_weather', arguments: '{"city":"Oslo"}' },
      { name: 'get_weather', arguments: '{"city":"Rome"}' },
    ],
  });
  for (const stream of [false, true]) {
    const question = userMessage('weather');
    const answer = await ask(provider, stream, { messages: [question], tools });
    expect(answer.finishReason).toBe('tool-calls');
    expect(answer.toolCalls.map((call) => call.arguments)).toEqual(['{"city":"Oslo"}', '{"city":"Rome"}']);
    const [first, second] = answer.toolCalls;
    const results = [toolMessage(first?.id ?? '', 'rain'), toolMessage(second?.id ?? '', 'sun')];
    mock.prependFixture({ match: { toolCallId: second?.id ?? '' }, response: { content: 'Rain and sun.' } });
    const messages = [question, answerMessage(answer), ...results];
    expect((await ask(provider, stream, { messages, tools })).text).toBe('Rain and sun.');
  }
});
