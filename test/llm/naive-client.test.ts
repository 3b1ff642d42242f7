/** The foil is worth something only while it has its faults: one test for each, by the numbers of the twenty issues. */
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type PerCall, userMessage } from '../../src/llm/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import {
  type AnswerScript,
  createScriptedProvider,
  type ScriptedProvider,
  type ScriptedProviderOptions,
} from '../../src/testing/scripted-provider.js';
import { simulate } from '../../src/testing/simulate.js';
import { NaiveClient, type NaiveOptions } from './naive-client.js';
import { fetchFrom } from './provider-fetch.js';
import { collect, rejection, settle, textOf } from './puppet.js';

interface Foil {
  readonly client: NaiveClient;
  readonly provider: ScriptedProvider;
  readonly clock: FakeClock;
}
function setUp(
  answers: AnswerScript,
  options: Partial<NaiveOptions> = {},
  scripted: Partial<ScriptedProviderOptions> = {},
): Foil {
  const clock = createFakeClock();
  const provider = createScriptedProvider({ answers, clock, ...scripted });
  const client = new NaiveClient({
    baseURLs: ['http://a'],
    clock,
    fetch: fetchFrom(provider),
    cache: true,
    ...options,
  });
  return { client, provider, clock };
}
/** A client that gets these bytes for every question. */
function hearing(pieces: readonly (string | Uint8Array)[], options: Partial<NaiveOptions> = {}): NaiveClient {
  const bytes = pieces.map((piece) => Buffer.from(piece));
  return new NaiveClient({
    baseURLs: ['http://a'],
    fetch: async () => new Response(ReadableStream.from(bytes) as unknown as ReadableStream<Uint8Array>),
    ...options,
  });
}
const ask = [userMessage('why?')];
const frame = (event: object): string => `data: ${JSON.stringify(event)}\n\n`;
const said = (content: string): string => frame({ choices: [{ delta: { content } }] });

describe('the naive client shows issue', () => {
  test('1: a tenant gets the answer of another', async () => {
    const { client } = setUp(['for a', 'for b']);
    await client.chat(ask, { scope: 'a' });
    expect(await client.chat(ask, { scope: 'b' })).toMatchObject({ text: 'for a', cached: true });
  });

  test('2: equal requests have unequal keys', () => {
    const { client } = setUp('x');
    expect(client.cacheKey(ask, { vendor: { a: 1, b: 2 } })).not.toBe(client.cacheKey(ask, { vendor: { b: 2, a: 1 } }));
  });

  test('3: unequal requests have equal keys', () => {
    const { client } = setUp('x');
    const key = client.cacheKey(ask);
    const others: PerCall[] = [{ model: 'other' }, { temperature: 0 }, { tools: [{ name: 't' }] }, { maxTokens: 1 }];
    for (const perCall of others) expect(client.cacheKey(ask, perCall)).toBe(key);
    const split = (...texts: string[]): string => client.cacheKey(texts.map((text) => userMessage(text)));
    expect(split('a', 'bc')).toBe(split('ab', 'c'));
  });

  test('4: a stored stream breaks chat(), a stored answer is an empty stream', async () => {
    const { client } = setUp('hello there');
    await collect(client.stream(ask));
    expect(await rejection(client.chat(ask))).toBeInstanceOf(SyntaxError);
    await client.chat([userMessage('else?')]);
    expect(textOf(await collect(client.stream([userMessage('else?')])))).toBe('');
  });

  test('5: a part of a stream is stored as an answer', async () => {
    const { client } = setUp([{ text: 'a b c', fault: { kind: 'cut', afterChunks: 2 } }, 'a b c']);
    await collect(client.stream(ask));
    expect(textOf(await collect(client.stream(ask)))).toBe('a');
  });

  test('6: an error inside a stream is the end of an empty answer', async () => {
    const { client, provider } = setUp([{ fault: { kind: 'error', afterChunks: 1 } }, 'x'], {
      baseURLs: ['http://a', 'http://b'],
    });
    expect((await collect(client.stream(ask))).at(-1)).toEqual({ kind: 'finish', reason: 'stop' });
    expect(provider.stats().calls).toBe(1);
  });

  test('7: a fallback amid a stream says the beginning twice', async () => {
    let calls = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (calls++ === 0) controller.enqueue(Buffer.from(said('one ')));
        else controller.error(new Error('reset'));
      },
    });
    const bodies: (ReadableStream<Uint8Array> | string)[] = [broken, said('one ') + said('two')];
    const client = new NaiveClient({
      baseURLs: ['http://a', 'http://b'],
      fetch: async () => new Response(bodies.shift() ?? null),
    });
    expect(textOf(await collect(client.stream(ask)))).toBe('one one two');
  });

  test('8: the upstream runs on when the caller has left', async () => {
    const { client, provider, clock } = setUp('a b c', {}, { latency: { firstMs: 100, chunkMs: 100 } });
    const controller = new AbortController();
    const call = rejection(client.chat(ask, { signal: controller.signal }));
    await settle();
    controller.abort('left');
    expect(await call).toBe('left');
    await clock.advanceAsync(1000);
    expect(provider.stats()).toMatchObject({ answered: 1, aborted: 0 });
  });

  test('9: retries go on when the caller has left', async () => {
    const { client, provider, clock } = setUp({ fault: { kind: 'status', status: 500 } });
    const controller = new AbortController();
    const call = rejection(client.chat(ask, { signal: controller.signal }));
    await settle();
    controller.abort('left');
    await call;
    await clock.advanceAsync(10_000);
    expect(provider.stats().calls).toBe(3);
  });

  test('10: the abort of one fails all, and all that come after', async () => {
    const { client } = setUp('x', {}, { latency: { firstMs: 100 } });
    const controller = new AbortController();
    const calls = [client.chat(ask, { signal: controller.signal }), client.chat(ask)].map(rejection);
    await settle();
    controller.abort('left');
    expect(await Promise.all(calls)).toEqual(['left', 'left']);
    expect(await rejection(client.chat(ask))).toBe('left');
    expect(client.state().pending).toBe(1);
  });

  test('11: Retry-After is not heard', async () => {
    const limited = { fault: { kind: 'status', status: 429, headers: { 'retry-after': '30' } } } as const;
    const { client, provider, clock } = setUp([limited, 'x']);
    const call = client.chat(ask);
    await clock.advanceAsync(1000);
    expect((await call).text).toBe('x');
    expect(provider.calls[1]?.startedAtMs).toBe(1000);
  });

  test('12: an answer after 310 s fails, whatever its user allows', async () => {
    const { client, clock } = setUp('x', { timeoutMs: 900_000, retries: 0 }, { latency: { firstMs: 310_000 } });
    const call = rejection(client.chat(ask));
    await clock.advanceAsync(300_000);
    expect(await call).toMatchObject({ message: 'no headers came' });
  });

  test('13: a stream that goes silent is waited for without end', async () => {
    const { client, clock, provider } = setUp(
      { text: 'a b', fault: { kind: 'stall', afterChunks: 2 } },
      { timeoutMs: 1000 },
    );
    let isOver = false;
    const call = collect(client.stream(ask)).finally(() => (isOver = true));
    await clock.advanceAsync(86_400_000);
    expect([isOver, provider.stats().active]).toEqual([false, 1]);
    void call;
  });

  test('14: a request that the server has taken is sent again', async () => {
    const { client, provider, clock } = setUp([{ fault: { kind: 'network', reason: 'reset' } }, 'x']);
    const call = client.chat(ask);
    await clock.advanceAsync(1000);
    await call;
    expect(provider.stats().calls).toBe(2);
  });

  test('15: characters and events that lie across pieces are lost', async () => {
    const bytes = Buffer.from(said('naïve'));
    const at = bytes.indexOf(0xc3) + 1;
    expect(textOf(await collect(hearing([bytes.subarray(0, at), bytes.subarray(at)]).stream(ask)))).toBe('');
    expect(textOf(await collect(hearing([(said('a') + said('b')).replaceAll('\n', '\r\n')]).stream(ask)))).toBe('');
    expect(textOf(await collect(hearing([said('a').replace('data: ', 'data:')]).stream(ask)))).toBe('');
  });

  test('16: usage beside a choice is lost, and cached tokens are paid in full', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 10,
      total_tokens: 110,
      prompt_tokens_details: { cached_tokens: 90 },
    };
    const beside = hearing([frame({ choices: [{ delta: {} }], usage })]);
    expect((await collect(beside.stream(ask))).some(({ kind }) => kind === 'usage')).toBe(false);
    const price = { input: 0.01, cachedInput: 0.001, output: 0.02 };
    const whole = hearing([JSON.stringify({ choices: [{ message: { content: 'x' } }], usage })], { price });
    expect((await whole.chat(ask)).cost).toBeCloseTo(100 * 0.01 + 10 * 0.02);
  });

  test('17: calls at once spend more than the budget', async () => {
    const usage = { inputTokens: 5, outputTokens: 5, totalTokens: 10 };
    const { client } = setUp({ text: 'x', usage }, { budgetTokens: 100 });
    await Promise.all(Array.from({ length: 50 }, (_, i) => client.chat([userMessage(String(i))])));
    expect(client.state().spentTokens).toBe(500);
  });

  test('18: a stream that is left keeps its slot', async () => {
    const { client } = setUp('a b c', { maxConcurrent: 2, cache: false });
    for (let i = 0; i < 2; i++) for await (const chunk of client.stream(ask)) if (chunk.kind === 'text-delta') break;
    expect(client.state()).toMatchObject({ active: 2, free: 0 });
  });

  test('19: a signal that lives long gathers listeners', async () => {
    const { client } = setUp('x', { cache: false });
    const { signal } = new AbortController();
    for (let i = 0; i < 5; i++) await client.chat(ask, { signal, cache: false });
    expect(getEventListeners(signal, 'abort')).toHaveLength(5);
  });

  test('20: a breaker that is half open lets everybody through, and a late failure opens it anew', async () => {
    const down = { fault: { kind: 'status', status: 500 } } as const;
    const slow = { ...down, firstMs: 1500 };
    const { client, provider, clock } = setUp(({ prompt }) => (prompt === 'late' ? slow : down), {
      retries: 0,
      breaker: { failureThreshold: 2, resetMs: 1000 },
    });
    const fail = (prompt: string): Promise<unknown> => rejection(client.chat([userMessage(prompt)]));
    const late = fail('late');
    await Promise.all([fail('a'), fail('b')]);
    await clock.advanceAsync(1000);
    expect(client.state().breaker).toBe('half-open');
    const before = provider.stats().calls;
    await Promise.all(Array.from({ length: 10 }, (_, i) => fail(`probe ${i}`)));
    expect(provider.stats().calls - before).toBe(10);
    await clock.advanceAsync(500);
    await late;
    await clock.advanceAsync(999);
    expect(client.state().breaker).toBe('open');
  });
});

test('the simulator finds it out, by most of its oracles', async () => {
  const found = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const { violations } = await simulate({
      seed,
      client: ({ clock, providers: [provider] }) =>
        new NaiveClient({
          baseURLs: ['http://a', 'http://b'],
          clock,
          cache: true,
          fetch: fetchFrom(provider as ScriptedProvider),
        }),
      scenario: { providers: 1 },
      limits: { attemptsPerCall: 1, callMs: 20_000 },
    });
    for (const { oracle } of violations) found.add(oracle);
  }
  expect([...found].sort()).toEqual([
    'attempts-in-budget',
    'deadlines-kept',
    'finished-only',
    'nothing-left',
    'settles-once',
    'tenants-apart',
    'text-intact',
    'typed-errors',
  ]);
});
