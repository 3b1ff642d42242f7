/** Found by review: answers that callers could change, and caches, providers and callbacks that give garbage. */
import { afterEach, expect, test } from 'vitest';
import {
  type Client,
  type ClientOption,
  createClient,
  userMessage,
  withCache,
  withModel,
  withProvider,
  withShouldCache,
} from '../../src/llm/index.js';
import type { Chunk, ProviderAnswer } from '../../src/protocol/chat.js';
import type { Provider } from '../../src/providers/provider.js';
import { answerOf, collect, createPuppet, rejection, settle, textOf } from '../llm/puppet.js';

const question = [userMessage('why is it so?')];
const clients: Client[] = [];
const unhandled: unknown[] = [];
process.on('unhandledRejection', (error) => unhandled.push(error));
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await settle();
  expect(unhandled.splice(0)).toEqual([]);
});

function clientOf(provider: Provider, ...options: readonly ClientOption[]): Client {
  const client = createClient(withProvider(provider), withModel('m'), ...options);
  clients.push(client);
  return client;
}
function answering(answer: unknown): Provider {
  return createPuppet(async function* () {
    yield { kind: 'response', answer } as Chunk;
  });
}

test('an answer that its provider froze only outside cannot be changed for later readers', async () => {
  const answer = Object.freeze({
    ...answerOf('x'),
    raw: { choices: [{ score: 1 }] },
    usage: { ...answerOf('x').usage },
  });
  const client = clientOf(answering(answer), withCache(true));
  const { raw, usage } = await client.chat(question);
  expect(() => {
    (raw as { choices: { score: number }[] }).choices[0] = { score: 666 };
  }).toThrow(TypeError);
  expect(Object.isFrozen(usage)).toBe(true);
  expect((await client.chat(question)).raw).toEqual({ choices: [{ score: 1 }] });
});

const circle: Record<string, unknown> = {};
circle['itself'] = circle;
test.each([
  ['bytes', Buffer.from('abc')],
  ['a circle', circle],
  ['a Map', new Map()],
])('an answer whose raw body holds %s is given and stored', async (_, raw) => {
  const client = clientOf(answering({ ...answerOf('x'), raw }), withCache(true));
  expect(await client.chat(question)).toMatchObject({ text: 'x', stored: true });
});

test.each<[string, Partial<Record<keyof ProviderAnswer, unknown>>]>([
  ['calls that are none', { toolCalls: [null] }],
  ['a usage that is none', { usage: 5 }],
  ['a text that is none', { text: 7 }],
])('a cache that gives an answer with %s is a miss', async (_, garbage) => {
  const value = {
    schema: 1,
    provider: 'p',
    model: 'm',
    answer: { ...answerOf('from the cache'), ...garbage },
    storedAtMs: 0,
  };
  const client = clientOf(createPuppet(), withCache({ get: () => value, set: () => true } as never));
  expect((await client.chat(question)).text).toBe('hello there');
  expect(textOf(await collect(client.stream(question)))).toBe('hello there');
  expect(client.metrics()).toMatchObject({ cacheHits: 0, cacheMisses: 2 });
});

test('a cache that answers with promises keeps nothing, and its rejections are counted', async () => {
  const later = () => Promise.reject(new Error('not connected'));
  const client = clientOf(createPuppet(), withCache({ get: later, set: later } as never));
  expect(await client.chat(question)).toMatchObject({ text: 'hello there', stored: false });
  await settle();
  expect(client.metrics().cacheErrors).toBe(2);
});

test('a shouldCache that rejects stores nothing and is counted', async () => {
  const shouldCache = (async () => Promise.reject(new Error('no idea'))) as never;
  const client = clientOf(createPuppet(), withCache(true), withShouldCache(shouldCache));
  expect(await client.chat(question)).toMatchObject({ text: 'hello there', stored: false });
  await settle();
  expect(client.metrics().containedErrors).toBe(1);
});

test.each<[string, Provider['body']]>([
  ['throws', () => JSON.parse('{')],
  ['is nothing', () => undefined as never],
  ['is no JSON', () => ({ count: 1n })],
])('a provider whose body %s is asked without the cache', async (_, body) => {
  const client = clientOf({ ...createPuppet(), body }, withCache(true));
  expect(await client.chat(question)).toMatchObject({ text: 'hello there', stored: false });
  expect(client.metrics().cacheErrors).toBe(1);
});

test('a provider that gives no answer fails in a typed way, whole and as a stream', async () => {
  const client = clientOf(answering({}));
  const error = { code: 'ERR_PROVIDER_BAD_RESPONSE', provider: 'puppet' };
  await expect(client.chat(question)).rejects.toMatchObject(error);
  expect(await rejection(collect(client.stream(question)))).toMatchObject(error);
});

test('a provider whose chat() is an async method fails in a typed way', async () => {
  const chat = (async () => Promise.reject(new Error('refused'))) as never;
  await expect(clientOf({ ...createPuppet(), chat }).chat(question)).rejects.toMatchObject({
    code: 'ERR_PROVIDER_BAD_RESPONSE',
  });
});

test('a provider whose prewarm() throws does not fail the prewarming', async () => {
  const prewarm = (): never => {
    throw new Error('no');
  };
  await expect(clientOf({ ...createPuppet(), prewarm }).prewarm()).resolves.toBeUndefined();
});
