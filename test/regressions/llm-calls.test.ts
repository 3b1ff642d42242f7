/** Found by review: calls that ended too late, never, or for others, and bad values that got through. */
import { afterEach, expect, test } from 'vitest';
import { isConfigError } from '../../src/core/errors.js';
import {
  type Client,
  type ClientOption,
  createClient,
  type PerCall,
  userMessage,
  warmupCache,
  withCache,
  withClock,
  withModel,
  withProvider,
  withResponseValidator,
  withTotalTimeout,
} from '../../src/llm/index.js';
import type { Chunk, Message } from '../../src/protocol/chat.js';
import type { Provider } from '../../src/providers/provider.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createGate, createPuppet, rejection, settle, speak } from '../llm/puppet.js';

const question = [userMessage('why is it so?')];
const clients: Client[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function clientOf(provider: Provider, ...options: readonly ClientOption[]): Client {
  const client = createClient(withProvider(provider), withModel('m'), ...options);
  clients.push(client);
  return client;
}

test('an abort while nobody reads ends the stream: final() rejects, nothing stays under way, the next read throws', async () => {
  const puppet = createPuppet();
  const client = clientOf(puppet);
  const caller = new AbortController();
  const stream = client.stream(question, { signal: caller.signal });
  const reader = stream[Symbol.asyncIterator]();
  await reader.next();
  const reason = new Error('enough');
  caller.abort(reason);
  expect(await rejection(stream.final())).toBe(reason);
  await settle();
  expect(client.metrics()).toMatchObject({ active: 0, aborts: 1 });
  expect(puppet.aborted).toBe(1);
  expect(await rejection(reader.next())).toBe(reason);
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

test('a total timeout while nobody reads cancels upstream, and the reader is told after what had come', async () => {
  const clock = createFakeClock();
  const puppet = createPuppet();
  const client = clientOf(puppet, withClock(clock), withTotalTimeout('1s'));
  const stream = client.stream(question);
  const reader = stream[Symbol.asyncIterator]();
  await reader.next();
  await clock.advanceAsync(1500);
  expect(puppet.aborted).toBe(1);
  const read = async (): Promise<void> => {
    while ((await reader.next()).done !== true);
  };
  expect(await rejection(read())).toMatchObject({ kind: 'total' });
  expect(await rejection(stream.final())).toMatchObject({ kind: 'total' });
  expect(clock.pendingTimers).toBe(0);
});

test('close() ends a stream that was begun and is read no more', async () => {
  const clock = createFakeClock();
  const client = clientOf(createPuppet(), withClock(clock));
  const reader = client.stream(question)[Symbol.asyncIterator]();
  await reader.next();
  const closing = client.close();
  await clock.advanceAsync(5000);
  await closing;
  await settle();
  expect([client.metrics().active, clock.pendingTimers]).toEqual([0, 0]);
  expect(await rejection(reader.next())).toMatchObject({ name: 'ClosedError' });
});

test('a validator that never answers holds neither a caller who leaves nor one whose time is up', async () => {
  const clock = createFakeClock();
  const validator = withResponseValidator(() => new Promise<boolean>(() => undefined));
  const client = clientOf(createPuppet(), withClock(clock), validator, withTotalTimeout('1s'));
  const caller = new AbortController();
  const left = rejection(client.chat(question, { signal: caller.signal }));
  const late = rejection(client.chat(question));
  await settle();
  const reason = new Error('enough');
  caller.abort(reason);
  expect(await left).toBe(reason);
  await clock.advanceAsync(1001);
  expect(await late).toMatchObject({ name: 'DeadlineError', kind: 'total' });
});

const chunk: Chunk = { kind: 'text-delta', text: 'again' };
test.each<[string, () => Promise<IteratorResult<Chunk>>]>([
  ['never ends', () => new Promise(() => undefined)],
  ['rejects', () => Promise.reject(new Error('no'))],
  [
    'throws',
    () => {
      throw new Error('no');
    },
  ],
])('leaving a loop works with a provider whose return() %s', async (_, leave) => {
  const next = async (): Promise<IteratorResult<Chunk>> => ({ done: false, value: chunk });
  const chat = (): AsyncIterable<Chunk> => ({ [Symbol.asyncIterator]: () => ({ next, return: leave }) });
  const client = clientOf({ ...createPuppet(), chat });
  for await (const { kind } of client.stream(question)) {
    expect(kind).toBe('text-delta');
    break;
  }
  expect(client.metrics()).toMatchObject({ active: 0, aborts: 1 });
});

test('the short attempt timeout of one caller does not end the call of a patient one', async () => {
  const clock = createFakeClock();
  const gate = createGate();
  const client = clientOf(
    createPuppet(async function* (call) {
      await gate.passed;
      yield* speak(call, 'at last');
    }),
    withCache(true),
    withClock(clock),
  );
  const hasty = rejection(client.chat(question, { timeout: 30 }));
  const patient = client.chat(question);
  await clock.advanceAsync(31);
  expect(await hasty).toMatchObject({ kind: 'attempt' });
  gate.open();
  expect((await patient).text).toBe('at last');
});

test('a warmup that was ended by its onError asks nothing more', async () => {
  const puppet = createPuppet(async function* () {
    yield* [];
    throw new Error('down');
  });
  const onError = (): never => {
    throw new Error('enough');
  };
  const queries = Array.from({ length: 50 }, (_, i) => `question ${i}`);
  await expect(warmupCache(clientOf(puppet), queries, { concurrency: 2, onError })).rejects.toThrow('enough');
  await settle(20);
  expect(puppet.calls.length).toBeLessThanOrEqual(3);
});

const circle: Record<string, unknown> = {};
circle['itself'] = circle;
test.each<[string, unknown]>([
  ['vendor', { vendor: 'text' }],
  ['vendor', { vendor: [1] }],
  ['vendor', { vendor: circle }],
  ['vendor', { vendor: { count: 1n } }],
  ['stop', { stop: 'END' }],
  ['seed', { seed: 'seven' }],
  ['tools', { tools: [null] }],
  ['toolChoice', { toolChoice: 'any' }],
  ['responseFormat', { responseFormat: 'json' }],
  ['user', { user: 5 }],
  ['metadata', { metadata: { tier: 1 } }],
  ['perCall', null],
])('a bad %s of a call is a ConfigError, with and without a cache', async (path, perCall) => {
  for (const client of [clientOf(createPuppet()), clientOf(createPuppet(), withCache(true))]) {
    const error = await rejection(client.chat(question, perCall as PerCall));
    expect(isConfigError(error) && error.issues.map((issue) => issue.path)).toEqual([path]);
  }
});

test.each<[string, unknown]>([
  ['messages[0].content', { role: 'user', content: [null] }],
  ['messages[0].content', { role: 'user', content: [{ kind: 'sound', url: 'https://host/a.wav' }] }],
  ['messages[0].toolCalls', { role: 'assistant', content: '', toolCalls: [null] }],
  ['messages[0]', { role: 'user', content: 'hi', note: circle }],
])('a bad %s is a ConfigError', async (path, message) => {
  const error = await rejection(clientOf(createPuppet()).chat([message as Message]));
  expect(isConfigError(error) && error.issues.map((issue) => issue.path)).toEqual([path]);
});
