/** The semantic cache on the way of a call; what the rules say stands in semantic/facts.test.ts. */
import { describe, expect, test } from 'vitest';
import { createShardedCache, withTTL } from '../../src/cache/index.js';
import {
  assistantMessage,
  type ClientEvents,
  createClient,
  type EmbedTexts,
  type Message,
  type StoredAnswer,
  systemMessage,
  toolMessage,
  userMessage,
  withCache,
  withProvider,
  withSemanticCache,
} from '../../src/llm/index.js';
import { collect, createGate, fail, hang, type Play, rejection, settle, speak, textOf } from './puppet.js';
import { setUp } from './puppet-client.js';

const ask = (text: string): readonly Message[] => [userMessage(text)];
const one = ask('How do I reset my password?');
const same = ask('How can I reset my password?');
const numbered: Play = (call, index) => speak(call, `answer ${index}`);
const blind: EmbedTexts = (texts) => texts.map(() => [3, 4]);

describe('a question that means the same', () => {
  test.each(['chat', 'stream'] as const)(
    'is answered to %s from the cache, marked, with its similarity',
    async (how) => {
      const { client, puppet } = setUp(numbered, withCache(true), withSemanticCache({ embedder: blind }));
      await client.chat(one);
      const response = await (how === 'chat' ? client.chat(same) : client.stream(same).final());
      expect(response).toMatchObject({ text: 'answer 0', cached: true, semantic: true, similarity: 1, cost: 0 });
      expect(puppet.calls.length).toBe(1);
      expect(client.metrics()).toMatchObject({ semanticHits: 1, cacheHits: 1, cacheMisses: 1, semanticErrors: 0 });
    },
  );

  test('is told of as a hit with its similarity, and an exact hit goes first, without a vector', async () => {
    let asked = 0;
    const embedder: EmbedTexts = (texts) => {
      asked++;
      return blind(texts, { signal: AbortSignal.abort() });
    };
    const { client } = setUp(numbered, withCache(true), withSemanticCache({ embedder }));
    const hits: ClientEvents['cache-hit'][] = [];
    client.on('cache-hit', (event) => hits.push(event));
    await client.chat(one);
    await client.chat(same);
    expect(await client.chat(one)).toMatchObject({ semantic: false, similarity: undefined, cached: true });
    expect([asked, hits.map(({ similarity }) => similarity)]).toEqual([2, [1, undefined]]);
  });

  test('is one only at the threshold or above it', async () => {
    const angles: Record<string, number> = {
      [String(one[0]?.content)]: 0,
      [String(same[0]?.content)]: Math.acos(0.96),
    };
    const embedder: EmbedTexts = (texts) =>
      texts.map((text) => [Math.cos(angles[text] ?? 1), Math.sin(angles[text] ?? 1)]);
    for (const [threshold, semantic] of [
      [0.95, true],
      [0.97, false],
    ] as const) {
      const { client } = setUp(numbered, withCache(true), withSemanticCache({ embedder, threshold }));
      await client.chat(one);
      expect((await client.chat(same)).semantic).toBe(semantic);
    }
  });

  test('gets the nearest answer, and none that the cache has lost', async () => {
    const vectors: Record<string, readonly number[]> = {
      'How do': [1, 0],
      'How can': [0.98, 0.2],
      'How would': [0.99, 0.14],
    };
    const embedder: EmbedTexts = (texts) =>
      texts.map((text) => Object.entries(vectors).find(([start]) => text.startsWith(start))?.[1] ?? [0, 1]);
    const cache = createShardedCache<StoredAnswer>(withTTL(0));
    const { client } = setUp(numbered, withCache(cache), withSemanticCache({ embedder, threshold: 0.99 }));
    // Too far apart to answer one another; the third is near to both.
    expect((await client.chat(one)).text).toBe('answer 0');
    expect((await client.chat(same)).text).toBe('answer 1');
    const third = ask('How would I reset my password?');
    expect(await client.chat(third)).toMatchObject({ text: 'answer 1', semantic: true });
    cache.delete(client.cacheKey(same));
    expect(await client.chat(third)).toMatchObject({ text: 'answer 0', semantic: true });
    cache.clear();
    expect((await client.chat(third)).semantic).toBe(false);
  });
});

describe('a question is not answered by another', () => {
  const scene = () => setUp(numbered, withCache(true), withSemanticCache({ embedder: blind }));

  test.each<[string, readonly Message[], object]>([
    ['of another system prompt', [systemMessage('Be brief.'), ...same], {}],
    ['later in another conversation', [userMessage('Hi'), assistantMessage('Hello'), ...same], {}],
    ['of another model', same, { model: 'n' }],
    ['at another temperature', same, { temperature: 0 }],
    ['with tools', same, { tools: [{ name: 't' }] }],
    ['of another form', same, { responseFormat: { kind: 'json' } }],
    ['in another scope', same, { scope: 'b' }],
    [
      'with a picture',
      [
        userMessage([
          { kind: 'text', text: 'How can I reset my password?' },
          { kind: 'image', url: 'https://x/y.png' },
        ]),
      ],
      {},
    ],
    [
      'whose last word is a tool’s',
      [...same, assistantMessage('', [{ id: '1', name: 't', arguments: '{}' }]), toolMessage('1', 'x')],
      {},
    ],
    ['that is too long', ask(`How can I reset my password? ${'please '.repeat(200)}`), {}],
    ['in another language', ask('Wie kann ich mein Passwort ändern?'), {}],
    ['that says something else', ask('How can I not reset my password?'), {}],
  ])('%s', async (_what, messages, perCall) => {
    const { client } = scene();
    await client.chat(one, 'scope' in perCall ? { scope: 'a' } : {});
    expect((await client.chat(messages, perCall)).cached).toBe(false);
  });

  test.each([
    [100_000, true],
    [200_000, false],
  ])('after %i words that both calls begin with: shared is %s', async (words, semantic) => {
    const { client } = scene();
    const before = systemMessage('lorem '.repeat(words));
    await client.chat([before, ...one]);
    expect((await client.chat([before, ...same])).semantic).toBe(semantic);
    expect((await client.chat([before, ...one])).cached).toBe(true);
  });

  test('when the call goes past the cache', async () => {
    const { client } = scene();
    await client.chat(one);
    expect((await client.chat(same, { cache: false })).cached).toBe(false);
  });

  test('that asked for tools, or was not stored', async () => {
    for (const reason of ['tool-calls', 'length'] as const) {
      const { client } = setUp(
        (call) => speak(call, 'x', reason),
        withCache(true),
        withSemanticCache({ embedder: blind }),
      );
      await client.chat(one);
      expect((await client.chat(same)).semantic).toBe(false);
    }
  });

  test('whose answer has expired or was deleted', async () => {
    const { client, clock } = setUp(numbered, withCache(true, '10s'), withSemanticCache({ embedder: blind }));
    await client.chat(one);
    clock.advance(10_000);
    expect(await client.chat(same)).toMatchObject({ semantic: false, text: 'answer 1' });
    expect((await client.chat(one)).text).toBe('answer 1');
  });

  test('and what is near but different is counted', async () => {
    const { client } = scene();
    await client.chat(ask('What is 15% of 200?'));
    await client.chat(ask('What is 15% of 300?'));
    expect(client.metrics()).toMatchObject({ semanticVetoes: 1, semanticHits: 0 });
  });
});

describe('an embedder', () => {
  test.each<[string, EmbedTexts]>([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['gives nothing', () => []],
    ['gives a vector that points nowhere', () => [[0, 0]]],
    ['gives what is no vector', () => ['x' as never]],
    ['gives numbers that are none', () => [[Number.NaN]]],
    ['gives too many', () => [[1], [1]]],
  ])('that %s is a counted miss', async (_what, embedder) => {
    const { client } = setUp(numbered, withCache(true), withSemanticCache({ embedder }));
    await client.chat(one);
    expect(await client.chat(same)).toMatchObject({ cached: false, text: 'answer 1' });
    expect(client.metrics()).toMatchObject({ semanticErrors: 2, failures: 0 });
  });

  test('that never answers is waited for no longer than the timeout, and is told', async () => {
    const signals: AbortSignal[] = [];
    const { client, clock } = setUp(
      numbered,
      withCache(true),
      withSemanticCache({
        timeout: '1s',
        embedder: (_texts, { signal }) => {
          signals.push(signal);
          return new Promise(() => undefined);
        },
      }),
    );
    const answer = client.chat(one);
    await settle();
    await clock.advanceAsync(1_000);
    expect((await answer).text).toBe('answer 0');
    expect([signals[0]?.aborted, client.metrics().semanticErrors]).toEqual([true, 1]);
  });

  test('is left with the caller, and asked once for many who ask the same', async () => {
    const gate = createGate();
    let asked = 0;
    const { client, puppet } = setUp(
      numbered,
      withCache(true),
      withSemanticCache({
        embedder: async (texts) => {
          asked++;
          await gate.passed;
          return texts.map(() => [1]);
        },
      }),
    );
    const controller = new AbortController();
    const left = rejection(client.chat(one, { signal: controller.signal }));
    const others = Array.from({ length: 20 }, () => client.chat(one));
    await settle();
    controller.abort(new Error('gone'));
    expect(await left).toMatchObject({ message: 'gone' });
    gate.open();
    await Promise.all(others);
    expect([asked, puppet.calls.length, client.metrics().semanticErrors]).toEqual([1, 1, 0]);
  });

  test('may be a client of this library', async () => {
    const embedder = createClient(withProvider('local'));
    const { client } = setUp(numbered, withCache(true), withSemanticCache({ embedder, threshold: 0.5 }));
    await client.chat(one);
    const { similarity = 0 } = await client.chat(same);
    expect(similarity).toBeGreaterThan(0.5);
    await embedder.close();
  });

  test('may be whatever has embed(), or a provider with its model and key', async () => {
    const client = { embed: async (texts: readonly string[]) => ({ vectors: texts.map(() => [1]) }) };
    const calls: unknown[] = [];
    const provider = {
      embed: async ({
        request,
        apiKey,
      }: {
        request: { model: string; texts: readonly string[] };
        apiKey: string | undefined;
      }) => {
        calls.push([request.model, apiKey]);
        return { model: 'e', vectors: request.texts.map(() => [1]), inputTokens: 1 };
      },
    };
    for (const embedder of [client, { provider, model: 'e', apiKey: 'sk-9' }]) {
      const { client: asker } = setUp(numbered, withCache(true), withSemanticCache({ embedder }));
      await asker.chat(one);
      expect((await asker.chat(same)).semantic).toBe(true);
      expect(JSON.stringify(asker.explain())).not.toContain('sk-9');
    }
    expect(calls[0]).toEqual(['e', 'sk-9']);
  });

  test.each([[undefined], [{}], ['openai'], [{ provider: { embed: () => undefined } }]])('is none: %j', (embedder) => {
    expect(() => setUp(numbered, withCache(true), withSemanticCache({ embedder: embedder as never }))).toThrow(
      /semanticCache\.embed/,
    );
  });
});

test('the least used question is forgotten first', async () => {
  const { client } = setUp(numbered, withCache(true), withSemanticCache({ embedder: blind, maxEntries: 2 }));
  await client.chat(one);
  await client.chat(ask('What is the weather like in Rome?'));
  expect((await client.chat(same)).semantic).toBe(true);
  await client.chat(ask('What is the weather like in Oslo?'));
  expect((await client.chat(ask('Please, how do I reset the password?'))).semantic).toBe(true);
  expect((await client.chat(ask('Please, what is the weather like in Rome?'))).semantic).toBe(false);
});

test('a stream that is left, or fails, leaves no question behind', async () => {
  const { client } = setUp(
    (call, index) => (index === 0 ? hang(call) : index === 1 ? fail(500) : speak(call, 'x')),
    withCache(true),
    withSemanticCache({ embedder: blind }),
  );
  const controller = new AbortController();
  const left = rejection(client.stream(one, { signal: controller.signal }).final());
  await settle();
  controller.abort(new Error('gone'));
  await left;
  await rejection(client.chat(one));
  expect((await client.chat(same)).semantic).toBe(false);
  expect(textOf(await collect(client.stream(one)))).toBe('x');
});

test('it needs a cache', () => {
  expect(() => setUp(numbered, withSemanticCache({ embedder: blind }))).toThrow(/withCache beside it/);
});
