/** The client over real HTTP on loopback: what is sent, what cuts and errors do, and that nothing half is kept. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Client,
  type ClientOption,
  createClient,
  createCustomClient,
  isProviderError,
  systemMessage,
  userMessage,
  withAPIKey,
  withBaseURL,
  withCache,
  withConnectionPool,
  withFallback,
  withModel,
  withProvider,
  withRetryCount,
  withRetryDelay,
  withSystemPrompt,
  wrapWithConnectionPool,
} from '../../src/llm/index.js';
import { createLocalProvider } from '../../src/providers/local/provider.js';
import { createLocalServer, type LocalServer, type LocalServerOptions } from '../../src/testing/local-server.js';
import {
  createScriptedServer,
  type Script,
  type ScriptedReply,
  type ScriptedServer,
} from '../../src/testing/scripted-server.js';
import { collect, rejection, textOf } from './puppet.js';

const question = [userMessage('The sky is blue. What colour is the sky?')];
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function localServer(options: Partial<LocalServerOptions> = {}): Promise<LocalServer> {
  const server = await createLocalServer({ provider: createLocalProvider(), ...options });
  cleanups.push(() => server.close());
  return server;
}
async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const server = await createScriptedServer(script);
  cleanups.push(() => server.close());
  return server;
}
function clientOf(url: string, ...options: readonly ClientOption[]): Client {
  const client = createCustomClient(`${url}/v1`, withModel('m'), ...options);
  cleanups.push(() => client.close());
  return client;
}

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
const delta = (content: string): string => event({ id: 'c1', model: 'm', choices: [{ index: 0, delta: { content } }] });
const role = event({ id: 'c1', model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] });
const finish = event({ id: 'c1', model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
const usage = event({
  id: 'c1',
  model: 'm',
  choices: [],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});
const DONE = 'data: [DONE]\n\n';
const sse = (body: string): ScriptedReply => ({
  headers: { 'content-type': 'text/event-stream' },
  body,
  framing: 'chunked',
});
const json = (text: string): ScriptedReply => ({
  body: JSON.stringify({
    id: 'c1',
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  }),
});

describe('over HTTP', () => {
  test('the embedded provider answers the same in process and behind a server, whole and streamed', async () => {
    const server = await localServer();
    const inProcess = createClient(withProvider('local'));
    cleanups.push(() => inProcess.close());
    const { text } = await inProcess.chat(question);
    expect(text).toBe('The sky is blue.');
    const client = clientOf(server.url);
    expect((await client.chat(question)).text).toBe(text);
    expect(textOf(await collect(client.stream(question)))).toBe(text);
    expect(server.stats()).toMatchObject({ requests: 2, answered: 2 });
  });

  test('a key, the model, the settings and the system prompt stand in the request', async () => {
    const server = await scriptedServer([json('ok')]);
    const client = createClient(
      withProvider('openai'),
      withAPIKey('sk-1'),
      withBaseURL(`${server.url}/v1`),
      withSystemPrompt('Be brief.'),
    );
    cleanups.push(() => client.close());
    await client.chat([userMessage('hi')], { maxTokens: 7, stop: ['END'], vendor: { logprobs: true } });
    const [request] = server.requests;
    expect(request?.path).toBe('/v1/chat/completions');
    expect(request?.headers['authorization']).toBe('Bearer sk-1');
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
      ],
      max_completion_tokens: 7,
      stop: ['END'],
      logprobs: true,
      reasoning_effort: 'none',
    });
  });

  test('a system message of the call replaces the system prompt', async () => {
    const server = await scriptedServer([json('ok')]);
    const client = clientOf(server.url, withSystemPrompt('Be brief.'));
    await client.chat([systemMessage('Be long.'), userMessage('hi')]);
    const { messages } = JSON.parse(server.requests[0]?.body ?? '') as { messages: unknown };
    expect(messages).toEqual([
      { role: 'system', content: 'Be long.' },
      { role: 'user', content: 'hi' },
    ]);
  });

  test('behind wrapWithConnectionPool(client, 10) the server never has more than ten requests (guide, LLM Tuning 3)', async () => {
    let active = 0;
    let most = 0;
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const server = await scriptedServer(async () => {
      most = Math.max(most, ++active);
      await gate;
      active--;
      return json('ok');
    });
    const client = wrapWithConnectionPool(clientOf(server.url), 10);
    const answers = Promise.all(Array.from({ length: 60 }, () => client.chat(question)));
    await server.until(({ requests }) => requests.length === 10);
    open();
    await answers;
    expect(server.requests).toHaveLength(60);
    expect(most).toBe(10);
  });

  test('a stream cut after any byte is an error and is never stored', async () => {
    const body = role + delta('All ') + delta('good.') + finish + usage + DONE;
    const cuts = Array.from({ length: Math.ceil(body.length / 4) }, (_, i) => i * 4);
    const server = await scriptedServer((_, index) => ({ ...sse(body), cutAfterBytes: cuts[index] ?? body.length }));
    const client = clientOf(server.url, withProvider('vllm'), withCache(true));
    for (const cut of cuts) {
      expect(isProviderError(await rejection(client.stream(question).final())), `cut at ${cut}`).toBe(true);
      expect(client.metrics().stored, `cut at ${cut}`).toBe(0);
    }
    expect(await client.stream(question).final()).toMatchObject({ text: 'All good.', stored: true });
  });

  test.each([
    ['first', ''],
    ['second', role],
    ['third', role + event({ id: 'c1', model: 'm', choices: [], usage: null })],
  ])('an error event in %s place, before any text, falls back to one clean stream', async (_, before) => {
    const server = await scriptedServer([
      sse(before + event({ error: { type: 'overloaded_error', message: 'busy' } })),
    ]);
    const client = clientOf(server.url, withFallback(['local']), withCache(true));
    const chunks = await collect(client.stream(question));
    expect(textOf(chunks)).toBe('The sky is blue.');
    expect(chunks.filter(({ kind }) => kind === 'start').length).toBe(1);
    expect(chunks.filter(({ kind }) => kind === 'finish').length).toBe(1);
    expect(client.metrics()).toMatchObject({ fallbacks: 1, successes: 1, stored: 1 });
  });

  test('an error event after text ends the stream with it: no other target, no text twice', async () => {
    const server = await scriptedServer([
      sse(role + delta('Half') + event({ error: { type: 'server_error', message: 'x' } })),
    ]);
    const client = clientOf(server.url, withFallback(['local']), withRetryCount(3), withRetryDelay(0), withCache(true));
    let text = '';
    const error = await rejection(
      (async () => {
        for await (const chunk of client.stream(question)) if (chunk.kind === 'text-delta') text += chunk.text;
      })(),
    );
    expect([text, isProviderError(error), server.requests.length]).toEqual(['Half', true, 1]);
    expect(client.metrics()).toMatchObject({ fallbacks: 0, stored: 0, retries: 0 });
  });

  test('three times 503 and then an answer are four requests', async () => {
    const server = await scriptedServer([{ status: 503 }, { status: 503 }, { status: 503 }, json('at last')]);
    const client = clientOf(server.url, withRetryCount(3), withRetryDelay(1));
    expect((await client.chat(question)).text).toBe('at last');
    expect(server.requests.length).toBe(4);
    expect(client.metrics()).toMatchObject({
      upstreamCalls: 4,
      upstreamFailures: 3,
      retries: 3,
      retryRate: 0.75,
      successRate: 1,
    });
  });

  test.each([400, 401, 403, 404, 422])('a %i is not tried again', async (status) => {
    const server = await scriptedServer([{ status }]);
    const client = clientOf(server.url, withRetryCount(3), withRetryDelay(1));
    await expect(client.chat(question)).rejects.toMatchObject({ status, retryable: false });
    expect(server.requests.length).toBe(1);
  });

  test.each([
    ['malformed JSON', { body: '{"id":' }],
    ['HTML', { body: '<html>no</html>', headers: { 'content-type': 'text/html' } }],
    ['nothing', { body: '' }],
    ['another shape', { body: '{"hello":"world"}' }],
  ] as const)('a 200 with %s is a typed error, tried once more, never stored', async (_, reply) => {
    const server = await scriptedServer([reply]);
    const client = clientOf(server.url, withRetryCount(5), withRetryDelay(1), withCache(true));
    const error = await rejection(client.chat(question));
    expect(isProviderError(error) && error.code).toBe('ERR_PROVIDER_BAD_RESPONSE');
    expect(server.requests.length).toBe(2);
    expect(client.metrics().stored).toBe(0);
  });

  test('leaving a stream closes the upstream request; so does an abort before the first byte', async () => {
    const server = await scriptedServer([{ ...sse(role + delta('a')), hang: 'before-end' }, { hang: 'before-head' }]);
    const client = clientOf(server.url);
    for await (const chunk of client.stream(question)) if (chunk.kind === 'text-delta') break;
    await server.until(({ closedConnections }) => closedConnections === 1);
    const controller = new AbortController();
    const error = rejection(client.chat(question, { signal: controller.signal }));
    await server.until(({ requests }) => requests.length === 2);
    const reason = new Error('changed my mind');
    controller.abort(reason);
    expect(await error).toBe(reason);
    await server.until(({ closedConnections }) => closedConnections === 2);
    expect(client.metrics()).toMatchObject({ aborts: 2, failures: 0, active: 0 });
  });

  test('no more connections are open than withConnectionPool allows', async () => {
    const server = await scriptedServer(() => json('ok'));
    const client = clientOf(server.url, withConnectionPool(2));
    await Promise.all(Array.from({ length: 20 }, () => client.chat(question)));
    expect(server.connections).toBeLessThanOrEqual(2);
    expect(server.requests.length).toBe(20);
  });

  test('prewarm opens a connection that the first call uses', async () => {
    const server = await scriptedServer([json('ok')]);
    const client = clientOf(server.url);
    await client.prewarm();
    const before = server.connections;
    await client.chat(question);
    expect([before, server.connections]).toEqual([1, 1]);
  });
});
