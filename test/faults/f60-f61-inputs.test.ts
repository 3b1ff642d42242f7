/** F60 and F61: questions of many megabytes, and texts and names that are hard to tell apart. */
import { expect, test } from 'vitest';
import { createShardedCache } from '../../src/cache/create-sharded-cache.js';
import { createClient, type Message, userMessage, withCache, withModel, withProvider } from '../../src/llm/index.js';
import { createOpenAIChatProvider } from '../../src/providers/openai-chat/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';
import type { Transport, TransportCall } from '../../src/transport/transport.js';
import { fc } from '../support/property.js';
import { answer, ask, clientOf, serve, watch } from './harness.js';

const TEN_MB = 10_000_000;
const SHAPES: readonly (readonly [string, readonly Message[]])[] = [
  ['one text', [userMessage('lorem ipsum '.repeat(TEN_MB / 12))]],
  ['one text beyond ASCII', [userMessage('\u03BB\u{1F600}'.repeat(TEN_MB / 3))]],
  ['many messages', Array.from({ length: TEN_MB / 1000 }, () => userMessage('0123456789'.repeat(100)))],
];

/** Counts the turns that others get on the event loop from now on, until it is asked. */
function countTurns(): () => number {
  let turns = 0;
  let next = setImmediate(beat);
  function beat(): void {
    turns++;
    next = setImmediate(beat);
  }
  return () => {
    clearImmediate(next);
    return turns;
  };
}

/** A transport that opens nothing: it notes what it is given, and breaks. */
function createListener(): { readonly provider: Provider; readonly calls: TransportCall[]; onCall: () => void } {
  const origin = 'http://127.0.0.1:9';
  const calls: TransportCall[] = [];
  const listener = { calls, onCall: (): void => undefined };
  const transport: Transport = {
    origin,
    async request(call) {
      listener.onCall();
      calls.push(call);
      throw new Error('nobody is there');
    },
    prewarm: async () => undefined,
    close: async () => undefined,
  };
  const provider = createOpenAIChatProvider({ name: 'listener', baseURL: `${origin}/v1`, transport });
  return Object.assign(listener, { provider });
}

test.each([400_000, 10_000_000])(
  'F60: a question of %i bytes is sent whole, answered, stored and found again',
  async (bytes) => {
    const received: number[] = [];
    const server = await serve((request) => {
      received.push((JSON.parse(request.body) as { messages: { content: string }[] }).messages[0]?.content.length ?? 0);
      return answer(request, 'read');
    });
    const client = clientOf(server, withCache(true));
    const question = 'lorem ipsum '.repeat(bytes / 12);
    expect(await watch(ask(client, 'chat', question)).end).toEqual({ text: 'read' });
    expect(await client.chat([userMessage(question)])).toMatchObject({ cached: true, text: 'read' });
    const other = `${question.slice(0, -1)}!`;
    expect((await client.chat([userMessage(other)])).cached).toBe(false);
    expect(received).toEqual([question.length, question.length]);
  },
);

test.each(SHAPES)('F60: the key of 10 MB, as %s, is made in many turns of the loop', async (_, messages) => {
  let turns = 0;
  const provider = createScriptedProvider({ answers: 'ok' });
  const client = createClient(
    withProvider({
      ...provider,
      body: (request) => provider.body(request),
      chat: (call) => {
        turns = end();
        return provider.chat(call);
      },
    }),
    withModel('m'),
    withCache(true),
  );
  const end = countTurns();
  await client.chat(messages);
  expect(turns).toBeGreaterThanOrEqual(8);
  // The same name as the one that is made at once.
  expect(await client.chat(messages)).toMatchObject({ cached: true });
  await client.close();
});

test.each(SHAPES)('F60: the body of 10 MB, as %s, is made in many turns of the loop', async (_, messages) => {
  const listener = createListener();
  let turns = 0;
  const client = createClient(withProvider(listener.provider), withModel('m'));
  const end = countTurns();
  listener.onCall = () => {
    turns = end();
  };
  await expect(client.chat(messages)).rejects.toThrow();
  expect(turns).toBeGreaterThanOrEqual(8);
  const [{ body = '' } = {}] = listener.calls;
  expect(body).toBeInstanceOf(Uint8Array);
  expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({ model: 'm', messages });
  await client.close();
});

test.each([false, true])('F60: who leaves while 10 MB are made ready sends nothing (cache: %s)', async (hasCache) => {
  const listener = createListener();
  const client = createClient(withProvider(listener.provider), withModel('m'), withCache(hasCache));
  for (const [, messages] of SHAPES) {
    const controller = new AbortController();
    const left = client.chat(messages, { signal: controller.signal });
    setImmediate(() => setImmediate(() => controller.abort('gone')));
    await expect(left).rejects.toBe('gone');
  }
  expect([listener.calls.length, client.metrics().active]).toEqual([0, 0]);
  await client.close();
});

const ODD_TEXTS = [
  '',
  '\0',
  '\0\0',
  '\uD800',
  '\uDC00',
  '\u00E9',
  'e\u0301',
  'x'.repeat(65_536),
  'x'.repeat(65_537),
  'x'.repeat(2 ** 20),
  `${'x'.repeat(2 ** 20 - 1)}y`,
  '__proto__',
  'constructor',
  '1',
  '01',
  '1.0',
  'a',
  'aa',
  'a:b',
  '{"a":1}',
  '[object Object]',
  ' a',
  'a ',
];

test('F61: keys of a cache, however odd, are kept apart and come back as they were, or are refused', () => {
  const cache = createShardedCache<number>();
  const [keys, refused] = [ODD_TEXTS.filter(isWellFormed), ODD_TEXTS.filter((text) => !isWellFormed(text))];
  expect(refused).toEqual(['\uD800', '\uDC00']);
  for (const key of refused) expect(() => cache.set(key, 0)).toThrow(expect.objectContaining({ name: 'CacheError' }));
  for (const [i, key] of keys.entries()) cache.set(key, i);
  expect(cache.size).toBe(keys.length);
  expect(keys.map((key) => cache.get(key))).toEqual(keys.map((_, i) => i));
  expect(new Set(cache.keys())).toEqual(new Set(keys));
  for (const key of keys) expect(cache.delete(key)).toBe(true);
  expect(cache.size).toBe(0);
});

function isWellFormed(text: string): boolean {
  return Buffer.from(text).toString() === text;
}

test('F61: texts, names and scopes that nearly agree never share a key', async () => {
  const server = await serve((request) => answer(request, 'x'));
  const client = clientOf(server, withCache(true));
  const keys = ODD_TEXTS.map((text) => client.cacheKey([userMessage(text)]));
  expect(new Set(keys).size).toBe(ODD_TEXTS.length);
  const scoped = (scope: string, question: string): string => client.cacheKey([userMessage(question)], { scope });
  expect(scoped('a:b', 'c')).not.toBe(scoped('a', 'b:c'));
  const vendor = (text: string): string =>
    client.cacheKey([userMessage('q')], { scope: 's', vendor: JSON.parse(text) as Record<string, unknown> });
  expect(
    new Set(
      ['{}', '{"__proto__":1}', '{"__proto__":{}}', '{"a":1}', '{"a":"1"}', '{"a":[1]}', '{"a":null}'].map(vendor),
    ).size,
  ).toBe(7);
  const text = fc.string({ unit: 'binary', minLength: 1 });
  fc.assert(
    fc.property(text, text, text, text, (scopeA, questionA, scopeB, questionB) => {
      const isSame = scopeA === scopeB && questionA === questionB;
      expect(scoped(scopeA, questionA) === scoped(scopeB, questionB)).toBe(isSame);
    }),
    { numRuns: 2000 },
  );
});
