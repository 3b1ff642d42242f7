/** What calls count that were cut: nothing where the provider was not asked or refused, the question where it had it. */
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import {
  type Client,
  type ClientEvents,
  type ClientOption,
  createClient,
  isBudgetError,
  userMessage,
  withBaseURL,
  withBudget,
  withClock,
  withMaxTokens,
  withModel,
  withProvider,
  withTransport,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedServer, type ScriptedReply } from '../../src/testing/scripted-server.js';
import { createFullListener } from '../support/full-listener.js';
import { createPuppet, fail, type Play, rejection } from './puppet.js';

/** Four characters a token. */
const QUESTION_TOKENS = 1_000;
const question = [userMessage('why '.repeat(QUESTION_TOKENS))];
const ANSWER = JSON.stringify({
  id: 'c',
  choices: [{ index: 0, message: { role: 'assistant', content: 'because' }, finish_reason: 'stop' }],
});
const JSON_HEADERS = { 'content-type': 'application/json' };
const SSE_HEADERS = { 'content-type': 'text/event-stream' };
const LIMITED = JSON.stringify({ error: { message: 'slow down', code: 'rate_limit_exceeded' } });
const ERROR = JSON.stringify({ error: { message: 'overloaded', type: 'server_error' } });

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function clientAt(url: string, ...options: readonly ClientOption[]): Client {
  const client = createClient(withProvider('vllm'), withBaseURL(`${url}/v1`), withModel('m'), ...options);
  closers.push(() => client.close());
  return client;
}

/** The tokens of each upstream call, and whether they are an estimate. */
function countsOf(client: Client): (readonly [number | undefined, boolean])[] {
  const counts: (readonly [number | undefined, boolean])[] = [];
  client.on('upstream-call', ({ usage, isEstimate }: ClientEvents['upstream-call']) => {
    counts.push([usage?.totalTokens, isEstimate]);
  });
  return counts;
}

const READ = [QUESTION_TOKENS, true] as const;
const NOTHING = [undefined, false] as const;

test.each<readonly [string, ScriptedReply, readonly [number | undefined, boolean]]>([
  ['a whole answer that is cut', { headers: JSON_HEADERS, body: ANSWER, cutAfterBytes: 20 }, READ],
  ['a whole answer that is no JSON', { headers: JSON_HEADERS, body: 'sorry' }, READ],
  ['a status that refuses', { status: 503, headers: JSON_HEADERS, body: ERROR }, NOTHING],
  ['a request that is at fault', { status: 400, headers: JSON_HEADERS, body: ERROR }, NOTHING],
  ['a rate limit in the place of an answer', { headers: JSON_HEADERS, body: LIMITED }, NOTHING],
  ['a rate limit', { status: 429, headers: JSON_HEADERS, body: ERROR }, NOTHING],
  ['an error in the place of an answer', { headers: JSON_HEADERS, body: ERROR }, NOTHING],
])('%s counts what its question is likely to have cost', async (_, reply, expected) => {
  const server = await createScriptedServer([reply]);
  closers.push(() => server.close());
  const client = clientAt(server.url);
  const counts = countsOf(client);
  await rejection(client.chat(question));
  expect(counts).toEqual([expected]);
});

test('a stream that is cut before its first word counts its question', async () => {
  const server = await createScriptedServer([
    { headers: SSE_HEADERS, framing: 'chunked', body: ': hello\n\n', cutAfterBytes: 5 },
  ]);
  closers.push(() => server.close());
  const client = clientAt(server.url);
  const counts = countsOf(client);
  await rejection(client.stream(question).final());
  expect(counts).toEqual([READ]);
});

test('answers that are always cut spend a budget, and no more than it', async () => {
  const server = await createScriptedServer(() => ({ headers: JSON_HEADERS, body: ANSWER, cutAfterBytes: 20 }));
  closers.push(() => server.close());
  const client = clientAt(server.url, withMaxTokens(10), withBudget({ tokens: 10 * QUESTION_TOKENS, per: 'day' }));
  let refused: unknown;
  for (let i = 0; refused === undefined && i < 20; i++) {
    const error = await rejection(client.chat([userMessage(`${i} ${question[0]?.content}`)]));
    if (isBudgetError(error)) refused = error;
  }
  expect(isBudgetError(refused)).toBe(true);
  // The most that one may take is reserved, four times what it is likely to take.
  expect(server.requests.length).toBeGreaterThanOrEqual(6);
  expect(client.metrics().inputTokens).toBeGreaterThan(6 * QUESTION_TOKENS);
  expect(client.metrics().inputTokens).toBeLessThanOrEqual(10 * QUESTION_TOKENS);
});

test('whoever leaves, or has no time left, once the request was sent has spent its question', async () => {
  const server = await createScriptedServer(() => ({ hang: 'before-head' }));
  closers.push(() => server.close());
  const clock = createFakeClock();
  const client = clientAt(server.url, withClock(clock));
  const counts = countsOf(client);
  const controller = new AbortController();
  const left = rejection(client.chat(question, { signal: controller.signal }));
  await server.until(({ requests }) => requests.length === 1);
  controller.abort('gone');
  expect(await left).toBe('gone');
  const late = rejection(client.chat(question, { timeout: '1s' }));
  await server.until(({ requests }) => requests.length === 2);
  await clock.advanceAsync(1001);
  expect(await late).toMatchObject({ kind: 'attempt' });
  expect(counts).toEqual([READ, READ]);
});

test('texts for vectors count as questions do', async () => {
  const server = await createScriptedServer([{ headers: JSON_HEADERS, body: ANSWER, cutAfterBytes: 20 }]);
  const listener = await createFullListener();
  closers.push(
    () => server.close(),
    () => listener.close(),
  );
  const asked = clientAt(server.url);
  const unsent = clientAt(`http://127.0.0.1:${listener.port}`, withTransport({ connectTimeout: '30s' }));
  const counts = [countsOf(asked), countsOf(unsent)];
  const texts = ['why '.repeat(QUESTION_TOKENS)];
  await rejection(asked.embed(texts, { model: 'm' }));
  expect(await rejection(unsent.embed(texts, { model: 'm', timeout: 20 }))).toMatchObject({ kind: 'attempt' });
  expect(counts).toEqual([[READ], [NOTHING]]);
});

test('whoever leaves, or has no time left, while the connection is opened has spent nothing', async () => {
  const listener = await createFullListener();
  closers.push(() => listener.close());
  const client = clientAt(`http://127.0.0.1:${listener.port}`, withTransport({ connectTimeout: '30s' }));
  const counts = countsOf(client);
  const controller = new AbortController();
  const left = rejection(client.chat(question, { signal: controller.signal }));
  for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate);
  controller.abort('gone');
  expect(await left).toBe('gone');
  expect(await rejection(client.chat(question, { timeout: 20 }))).toMatchObject({ kind: 'attempt' });
  expect(counts).toEqual([NOTHING, NOTHING]);
});

test('a time for connecting that runs out, or a port where nobody listens, has spent nothing', async () => {
  const listener = await createFullListener();
  closers.push(() => listener.close());
  const slow = clientAt(`http://127.0.0.1:${listener.port}`, withTransport({ connectTimeout: 20 }));
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const { port } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  const refused = clientAt(`http://127.0.0.1:${port}`);
  const counts = [countsOf(slow), countsOf(refused)];
  expect(await rejection(slow.chat(question))).toMatchObject({ kind: 'connect' });
  expect(await rejection(refused.chat(question))).toMatchObject({ code: 'ERR_PROVIDER_CONNECT' });
  expect(counts).toEqual([[NOTHING], [NOTHING]]);
});

test.each<readonly [string, Play, readonly [number | undefined, boolean]]>([
  ['that fails without a word of when it sent', () => fail(500), NOTHING],
  [
    'that has told it sent, and broke',
    async function* (call) {
      call.onSent?.(false);
      call.onSent?.(true);
      yield* [];
      throw new Error('broken');
    },
    READ,
  ],
  [
    'that has told it had not sent yet',
    async function* (call) {
      call.onSent?.(false);
      yield* [];
      throw new Error('broken');
    },
    NOTHING,
  ],
])("a provider of the user's own %s counts accordingly", async (_, play, expected) => {
  const client = createClient(withProvider(createPuppet(play)), withModel('m'));
  closers.push(() => client.close());
  const counts = countsOf(client);
  await rejection(client.chat(question));
  expect(counts).toEqual([expected]);
});
