/** Texts as vectors: each text once, from the cache where it is, in as few calls as the provider takes. */
import { describe, expect, test } from 'vitest';
import { createShardedCache } from '../../../src/cache/index.js';
import { ProviderError } from '../../../src/core/errors.js';
import {
  type ClientOption,
  createClient,
  type EmbedAnswer,
  type EmbedCall,
  isBudgetError,
  isCircuitOpenError,
  isConfigError,
  isDeadlineError,
  isProviderError,
  type Provider,
  withBudget,
  withCache,
  withCacheScope,
  withCircuitBreaker,
  withClock,
  withModel,
  withPlugins,
  withProvider,
  withRateLimiting,
  withResponseValidator,
  withRetryCount,
  withRetryDelay,
  withSeed,
  withShouldCache,
  withStreamingEnabled,
  withTimeout,
  withTotalTimeout,
} from '../../../src/llm/index.js';
import { createFakeClock } from '../../../src/testing/fake-clock.js';
import { fc } from '../../support/property.js';
import { createGate, createPuppet, rejection, settle } from '../puppet.js';

/** A vector that tells its text and model. */
const vectorOf = (text: string, model = 'e'): readonly number[] => [text.length, text.charCodeAt(0), model.length];
const answerTo = ({ request: { texts, model } }: EmbedCall): EmbedAnswer => ({
  model,
  vectors: texts.map((text) => vectorOf(text, model)),
  inputTokens: texts.reduce((sum, text) => sum + text.length, 0),
});

type EmbedPlay = (call: EmbedCall, index: number) => Promise<EmbedAnswer>;

function setUp(play: EmbedPlay, options: readonly ClientOption[] = [], maxEmbedTexts?: number, name = 'puppet') {
  const calls: EmbedCall[] = [];
  const clock = createFakeClock();
  const provider: Provider = {
    ...createPuppet(undefined, name),
    embed(call) {
      calls.push(call);
      return play(call, calls.length - 1);
    },
    ...(maxEmbedTexts === undefined ? {} : { maxEmbedTexts }),
  };
  const client = createClient(withProvider(provider), withModel('m'), withClock(clock), withSeed(1), ...options);
  const asked = () => calls.map(({ request }) => request.texts.join(' '));
  return { client, calls, clock, asked, embed: (texts: readonly string[]) => client.embed(texts, { model: 'e' }) };
}
const answer: EmbedPlay = async (call) => answerTo(call);
const down = (status: number): ProviderError =>
  new ProviderError('down', { code: 'ERR_PROVIDER_STATUS', provider: 'puppet', status, retryable: status >= 500 });

describe('vectors', () => {
  test('stand in the order of their texts, each text asked once, in pieces that the provider takes', async () => {
    const { embed, asked } = setUp(answer, [], 2);
    const texts = ['a', 'bb', 'a', 'ccc', 'bb', 'dddd', 'eeeee'];
    const response = await embed(texts);
    expect(response.vectors).toEqual(texts.map((text) => vectorOf(text)));
    expect(asked()).toEqual(['a bb', 'ccc dddd', 'eeeee']);
    expect(response).toMatchObject({
      provider: 'puppet',
      model: 'e',
      upstreamCalls: 3,
      inputTokens: 15,
      cachedTexts: 0,
    });
  });

  test('are right for any list, any limit and anything cached before', async () => {
    const texts = fc.array(fc.string({ minLength: 1, maxLength: 3, unit: 'binary' }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(texts, texts, fc.integer({ min: 1, max: 7 }), async (before, now, limit) => {
        const { client, calls, embed } = setUp(answer, [withCache(true)], limit);
        await embed(before);
        const asked = calls.length;
        const response = await embed(now);
        expect(response.vectors).toEqual(now.map((text) => vectorOf(text)));
        const missing = new Set(now.filter((text) => !before.includes(text))).size;
        expect(calls.length - asked).toBe(Math.ceil(missing / limit));
        expect(response.cachedTexts).toBe(now.filter((text) => before.includes(text)).length);
        await client.close();
      }),
      { numRuns: 60 },
    );
  });

  test('come from the cache text by text, and cost nothing then', async () => {
    const { client, embed, asked } = setUp(answer, [withCache(true)]);
    const told: unknown[] = [];
    client.on('call-ended', ({ cached, model, usage }) => told.push([cached, model, usage?.inputTokens]));
    await embed(['a', 'bb']);
    expect(await embed(['bb', 'ccc'])).toMatchObject({ cachedTexts: 1, upstreamCalls: 1, inputTokens: 3 });
    expect(await embed(['a', 'bb', 'ccc'])).toMatchObject({
      cachedTexts: 3,
      upstreamCalls: 0,
      inputTokens: 0,
      cost: 0,
    });
    expect(asked()).toEqual(['a bb', 'ccc']);
    expect(told).toEqual([
      [false, 'e', 3],
      [false, 'e', 3],
      [true, 'e', undefined],
    ]);
    expect(client.metrics()).toMatchObject({ cacheHits: 4, cacheMisses: 3, stored: 3, successes: 3, upstreamCalls: 2 });
  });

  test('are kept for as long as the call says, and not at all without a cache or when told not to', async () => {
    const { client, clock, calls } = setUp(answer, [withCache(true, '1m')]);
    await client.embed(['a'], { model: 'e', ttl: '1h' });
    clock.advance(59 * 60_000);
    expect((await client.embed(['a'], { model: 'e' })).cachedTexts).toBe(1);
    expect((await client.embed(['a'], { model: 'e', cache: false })).cachedTexts).toBe(0);
    clock.advance(60_000);
    expect((await client.embed(['a'], { model: 'e' })).cachedTexts).toBe(0);
    expect(calls.length).toBe(3);
  });

  test('of other models, lengths, vendor settings, scopes and providers are others', async () => {
    const cache = createShardedCache<never>();
    const options = [withCache(cache as never), withCacheScope('team')];
    const { client, calls } = setUp(answer, options);
    const other = setUp(answer, options, undefined, 'somebody else');
    const ask = [
      { model: 'e' },
      { model: 'ee' },
      { model: 'e', dimensions: 3 },
      { model: 'e', vendor: { input_type: 'search_query' } },
      { model: 'e', vendor: { input_type: 'search_document' } },
    ];
    for (const perCall of ask) await client.embed(['a'], perCall);
    await other.client.embed(['a'], { model: 'e' });
    await client.embed(['a'], { model: 'e', scope: 'tenant-1' });
    await client.embed(['a'], { model: 'e', scope: 'tenant-2' });
    expect([calls.length, other.calls.length]).toEqual([7, 1]);
    expect(calls[2]?.request).toMatchObject({ dimensions: 3 });
    expect(calls[3]?.request).toMatchObject({ vendor: { input_type: 'search_query' } });
    for (const perCall of ask) {
      const again = await client.embed(['a'], { ...perCall, scope: 'tenant-1' });
      expect(again.cachedTexts).toBe(perCall === ask[0] ? 1 : 0);
    }
    expect(await rejection(client.embed(['a'], { model: 'e' }))).toMatchObject({ code: 'ERR_CACHE_SCOPE_REQUIRED' });
    await cache.close();
  });

  test('are frozen, and a cache that fails or holds nonsense is a counted miss', async () => {
    const broken = {
      get: () => ({ schema: 1, kind: 'vector', provider: 'p', model: 'e', vector: ['x'] }),
      set: () => {
        throw new Error('full');
      },
    };
    const { client, embed } = setUp(answer, [withCache(broken)]);
    const { vectors } = await embed(['a']);
    expect([vectors, Object.isFrozen(vectors), Object.isFrozen(vectors[0])]).toEqual([[vectorOf('a')], true, true]);
    expect(client.metrics()).toMatchObject({ cacheErrors: 1, cacheMisses: 1, stored: 0 });
  });
});

describe('upstream calls for vectors', () => {
  test('are retried, guarded by a breaker of their model, and limited as those of chats', async () => {
    const { client, clock, calls, embed } = setUp(
      async (call, index) => {
        if (index < 2) throw down(503);
        return answerTo(call);
      },
      [withRetryCount(2), withRetryDelay('1s'), withRateLimiting(60)],
    );
    const retries: number[] = [];
    client.on('retry', ({ attempt }) => retries.push(attempt));
    const response = embed(['a']);
    await clock.advanceAsync(60_000);
    expect((await response).vectors).toEqual([vectorOf('a')]);
    expect([calls.length, retries]).toEqual([3, [1, 2]]);
    expect(client.metrics()).toMatchObject({ retries: 2, upstreamCalls: 3, upstreamFailures: 2, requests: 1 });

    const guarded = setUp(async () => Promise.reject(down(500)), [withCircuitBreaker({ failureThreshold: 2 })]);
    await rejection(guarded.embed(['a']));
    await rejection(guarded.embed(['b']));
    expect(isCircuitOpenError(await rejection(guarded.embed(['c'])))).toBe(true);
    // The chat model of the same provider is another matter.
    expect((await guarded.client.chat([{ role: 'user', content: 'hi' }])).text).toBe('hello there');
    expect(guarded.client.metrics().breakers).toMatchObject([
      { model: 'm', state: 'closed' },
      { model: 'e', state: 'open' },
    ]);
  });

  test('end with their timeouts, with the total one over all of them, with the caller and with the client', async () => {
    const hang: EmbedPlay = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    const late = setUp(hang, [withTimeout('2s')]);
    const slow = rejection(late.embed(['a']));
    await late.clock.advanceAsync(2000);
    expect(await slow).toMatchObject({ kind: 'attempt' });
    const whole = setUp(
      (call, index) => (index === 0 ? answer(call, index) : hang(call, index)),
      [withTotalTimeout('9s')],
      1,
    );
    const total = rejection(whole.client.embed(['a', 'b', 'c'], { model: 'e', concurrency: 1 }));
    await whole.clock.advanceAsync(9000);
    const error = await total;
    expect([isDeadlineError(error), (error as { kind?: string }).kind, whole.calls.length]).toEqual([true, 'total', 2]);
    const controller = new AbortController();
    const left = rejection(late.client.embed(['b'], { model: 'e', signal: controller.signal }));
    await settle();
    controller.abort('enough');
    expect(await left).toBe('enough');
    expect(late.calls.every(({ signal }) => signal.aborted)).toBe(true);
    expect([late.client.metrics().active, late.clock.pendingTimers]).toEqual([0, 0]);
  });

  test('that fail lose nothing of what others have brought: asking again costs only the rest', async () => {
    let isDown = true;
    const { embed, asked, client } = setUp(
      async (call) => {
        if (isDown && call.request.texts.includes('bb')) throw down(400);
        // The refusal comes first.
        await settle();
        return answerTo(call);
      },
      [withCache(true)],
      1,
    );
    const error = await rejection(embed(['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff']));
    expect(isProviderError(error) && error.status).toBe(400);
    // Four at once: those that were under way are kept, those that were not are not begun.
    expect([asked(), client.metrics().stored]).toEqual([['a', 'bb', 'ccc', 'dddd'], 3]);
    isDown = false;
    expect((await embed(['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff'])).cachedTexts).toBe(3);
    expect(asked().slice(4)).toEqual(['bb', 'eeeee', 'ffffff']);
  });

  test('are joined by equal calls in flight, of which any may leave', async () => {
    const gate = createGate();
    const { client, calls } = setUp(
      async (call) => {
        await gate.passed;
        return answerTo(call);
      },
      [withCache(true)],
    );
    const controller = new AbortController();
    const first = rejection(client.embed(['a', 'bb'], { model: 'e', signal: controller.signal }));
    const others = Array.from({ length: 100 }, () => client.embed(['a', 'bb'], { model: 'e' }));
    await settle();
    controller.abort('bye');
    expect(await first).toBe('bye');
    gate.open();
    const responses = await Promise.all(others);
    expect(
      responses.every(({ vectors, upstreamCalls, cost }) => vectors.length === 2 && upstreamCalls === 0 && cost === 0),
    ).toBe(true);
    expect([calls.length, client.metrics().joined, client.metrics().stored]).toEqual([1, 100, 2]);
  });

  test('count their tokens and their money, and give vectors their share as worth', async () => {
    const worths: unknown[] = [];
    const cache = {
      takesWorth: true,
      get: () => undefined,
      set: (_key: string, _value: unknown, options?: { worth?: number }) => worths.push(options?.worth) > 0,
    };
    const { client } = setUp(
      async ({ request: { texts, model } }) => ({
        model,
        vectors: texts.map((text) => vectorOf(text)),
        inputTokens: 1_000_000,
      }),
      [withCache(cache)],
      undefined,
      'openai',
    );
    const response = await client.embed(['a', 'bbb']);
    expect(response).toMatchObject({ model: 'text-embedding-3-small', inputTokens: 1_000_000, cost: 0.02 });
    expect(worths).toEqual([0.005, 0.015]);
    expect(client.metrics()).toMatchObject({ inputTokens: 1_000_000, outputTokens: 0, cost: 0.02, tokensPerSecond: 0 });
    const silent = setUp(async (call) => ({ ...answerTo(call), inputTokens: undefined }), [], undefined, 'openai');
    expect(await silent.client.embed(['a'])).toMatchObject({ inputTokens: undefined, cost: undefined });
  });

  test('are paid from the budget, their texts estimated before and their tokens known after', async () => {
    const { embed, calls } = setUp(answer, [withBudget({ tokens: 300, per: '1h' })]);
    expect(isBudgetError(await rejection(embed(['x'.repeat(400)])))).toBe(true);
    expect(calls.length).toBe(0);
    await embed(['x'.repeat(100)]);
    await embed(['y'.repeat(100)]);
    expect(isBudgetError(await rejection(embed(['z'.repeat(101)])))).toBe(true);
  });

  test('do not make the writing of answers look slow', async () => {
    const { client, clock } = setUp(
      async (call) => {
        clock.advance(60_000);
        return answerTo(call);
      },
      [withResponseValidator(() => clock.advance(1000) === undefined)],
    );
    await client.embed(['a'], { model: 'e', timeout: '5m' });
    await client.chat([{ role: 'user', content: 'hi' }]);
    expect(client.metrics().tokensPerSecond).toBe(5);
    await client.embed(['b'], { model: 'e', timeout: '5m' });
    expect(client.metrics().tokensPerSecond).toBe(5);
  });

  test('are not shaped by what is said of answers', async () => {
    const { embed } = setUp(answer, [
      withStreamingEnabled(true),
      withCache(true),
      withShouldCache(() => false),
      withResponseValidator(() => false),
      withPlugins([
        { name: 'editor', perAttempt: true, beforeRequest: (request) => ({ request: { ...request, messages: [] } }) },
      ]),
    ]);
    await embed(['a']);
    expect((await embed(['a'])).cachedTexts).toBe(1);
  });

  test('that bring something else than one vector for each text are a bad response', async () => {
    const bad = [
      undefined,
      { vectors: [] },
      { vectors: [[1], [2]] },
      { vectors: [['x']] },
      { vectors: [[]] },
      { vectors: [[Number.NaN]] },
    ];
    for (const given of bad) {
      const { embed } = setUp(async () => given as never);
      expect(await rejection(embed(['a']))).toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE', retryable: true });
    }
  });
});

describe('refused before anything is sent', () => {
  test('are texts and settings that make no sense, all at once and without a text', async () => {
    const { client, calls } = setUp(answer);
    const texts = ['secret', '', 7] as never;
    const bad = { model: 'e', dimensions: 0, concurrency: 0, temperature: 1, ttl: 'soon', scope: '' } as never;
    const error = await rejection(client.embed(texts, bad));
    expect(error).toMatchObject({
      issues: ['texts[1]', 'texts[2]', 'temperature', 'ttl', 'scope', 'dimensions', 'concurrency'].map((path) => ({
        path,
      })),
    });
    expect(String(error)).not.toContain('secret');
    for (const none of [[], 'secret', undefined] as never[])
      expect(isConfigError(await rejection(client.embed(none)))).toBe(true);
    expect(isConfigError(await rejection(client.embed(['a'], null as never)))).toBe(true);
    expect(calls.length).toBe(0);
  });

  test('are providers without embeddings, and a model that nobody has named', async () => {
    const without = createClient(withProvider(createPuppet()), withModel('m'));
    expect(await rejection(without.embed(['a'], { model: 'e' }))).toMatchObject({ issues: [{ path: 'provider' }] });
    expect(await rejection(setUp(answer).client.embed(['a']))).toMatchObject({ issues: [{ path: 'model' }] });
    await without.close();
  });
});

test('a call after close is refused', async () => {
  const { client, embed } = setUp(answer);
  await client.close();
  expect(await rejection(embed(['a']))).toMatchObject({ code: 'ERR_CLOSED' });
});
