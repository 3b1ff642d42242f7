/** What cached answers have cost, as their worth to the cache that keeps them. */
import { describe, expect, test } from 'vitest';
import { createShardedCache, withCapacity, withEvictionPolicy, withShardCount } from '../../src/cache/index.js';
import type { SetOptions } from '../../src/cache/types.js';
import {
  type AnswerCache,
  type Client,
  type ClientOption,
  costOf,
  createClient,
  type StoredAnswer,
  userMessage,
  withCache,
  withModel,
  withProvider,
} from '../../src/llm/index.js';
import type { Usage } from '../../src/protocol/chat.js';
import { answerOf, createPuppet } from './puppet.js';

const MODEL = 'gpt-4o';
const CHEAP: Usage = { inputTokens: 10, outputTokens: 5, totalTokens: 15 };
const DEAR: Usage = { inputTokens: 10, outputTokens: 5000, totalTokens: 5010 };

/** A client whose provider answers all questions alike, but counts other tokens for those that begin with 'dear'. */
function clientOf(provider: string, ...options: readonly ClientOption[]): Client {
  const puppet = createPuppet(async function* ({ request }) {
    const usage = String(request.messages[0]?.content).startsWith('dear') ? DEAR : CHEAP;
    yield { kind: 'response', answer: { ...answerOf('an answer'), usage } };
  }, provider);
  return createClient(withProvider(puppet), withModel(MODEL), ...options);
}

const ask = async (client: Client, question: string): Promise<boolean> =>
  (await client.chat([userMessage(question)])).cached;

/** A cache of somebody's own that notes the options of each set. */
function noting(takesWorth: boolean | undefined): AnswerCache & { readonly noted: (SetOptions | undefined)[] } {
  const noted: (SetOptions | undefined)[] = [];
  const cache = { noted, get: () => undefined, set: (_k: string, _v: StoredAnswer, o?: SetOptions) => !!noted.push(o) };
  return takesWorth === undefined ? cache : { ...cache, takesWorth };
}

describe('under pressure', () => {
  const small = withCache(withCapacity(10), withShardCount(1));

  test('an answer that was dear outlives many that were cheap', async () => {
    const client = clientOf('openai', small);
    await ask(client, 'cheap: one before');
    await ask(client, 'dear: the laws of thermodynamics');
    for (let i = 0; i < 30; i++) await ask(client, `cheap: ${i}`);
    expect(await ask(client, 'dear: the laws of thermodynamics')).toBe(true);
    expect(await ask(client, 'cheap: 20')).toBe(false);
    await client.close();
  });

  test('answers whose price nobody knows leave in the order of use, whatever they cost', async () => {
    const client = clientOf('a provider of my own', small);
    await ask(client, 'dear: the laws of thermodynamics');
    for (let i = 0; i < 10; i++) await ask(client, `cheap: ${i}`);
    expect(await ask(client, 'cheap: 0')).toBe(true);
    expect(await ask(client, 'dear: the laws of thermodynamics')).toBe(false);
    await client.close();
  });

  test.each(['fifo', 'adaptive'] as const)(
    'a cache under %s, which takes no worth, keeps answers as ever',
    async (policy) => {
      const cache = createShardedCache<StoredAnswer>(withEvictionPolicy(policy));
      const client = clientOf('openai', withCache(cache));
      expect(await ask(client, 'dear')).toBe(false);
      expect(await ask(client, 'dear')).toBe(true);
      expect(client.metrics()).toMatchObject({ stored: 1, cacheErrors: 0 });
      await client.close();
    },
  );
});

describe('a cache of somebody else', () => {
  test('is told the cost of an answer if it says that it takes a worth', async () => {
    const cache = noting(true);
    const client = clientOf('openai', withCache(cache));
    await ask(client, 'dear');
    await client.chat([userMessage('cheap')], { ttl: '1h' });
    expect(cache.noted).toEqual([
      { worth: costOf('openai', MODEL, DEAR) },
      { ttl: 3_600_000, worth: costOf('openai', MODEL, CHEAP) },
    ]);
    await client.close();
  });

  test.each([undefined, false])('is not if it says %s', async (takesWorth) => {
    const cache = noting(takesWorth);
    const client = clientOf('openai', withCache(cache));
    await ask(client, 'dear');
    expect(cache.noted).toEqual([undefined]);
    await client.close();
  });

  test('is not where the price is unknown, or the provider counts what are no tokens', async () => {
    const cache = noting(true);
    const unpriced = clientOf('a provider of my own', withCache(cache));
    await ask(unpriced, 'dear');
    const puppet = createPuppet(async function* (_call, index) {
      const inputTokens = [-5, Number.NaN, Number.POSITIVE_INFINITY][index] as number;
      yield { kind: 'response', answer: { ...answerOf('hm'), usage: { ...CHEAP, inputTokens, outputTokens: 0 } } };
    }, 'openai');
    const strange = createClient(withProvider(puppet), withModel(MODEL), withCache(cache));
    for (const question of ['a', 'b', 'c']) await ask(strange, question);
    expect(cache.noted).toEqual([undefined, undefined, undefined, undefined]);
    await Promise.all([unpriced.close(), strange.close()]);
  });
});
