/** What a client may spend: reserved before an attempt, settled after it, given back when nothing came. */
import { describe, expect, test } from 'vitest';
import { withStaleIfError, withTTL } from '../../src/cache/index.js';
import {
  type Chunk,
  type Client,
  type ClientOption,
  costOf,
  createClient,
  isBudgetError,
  isConfigError,
  type Message,
  type ProviderCall,
  userMessage,
  withBudget,
  withCache,
  withClock,
  withFallback,
  withMaxTokens,
  withModel,
  withProvider,
  withRetryCount,
  withRetryDelay,
  withSeed,
} from '../../src/llm/index.js';
import { Spending } from '../../src/llm/spending.js';
import { mostTokens } from '../../src/llm/token-estimate.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { fc } from '../support/property.js';
import {
  answerOf,
  collect,
  createPuppet,
  fail,
  hang,
  opening,
  type Play,
  type Puppet,
  rejection,
  settle,
  speak,
  USAGE,
} from './puppet.js';
import { question, setUp } from './puppet-client.js';

/** What the question can take at most with these many tokens of answer. */
const mostOf = (maxTokens: number, messages: readonly Message[] = question): number =>
  mostTokens({ model: 'm', messages, maxTokens }).totalTokens;

function playOf(fate: string, call: ProviderCall): AsyncIterable<Chunk> {
  if (fate === 'crash') throw new Error('crash');
  if (fate === 'fail') return fail(503);
  if (fate === 'cut') return opening();
  return fate === 'hang' ? hang(call) : speak(call, 'some words of an answer');
}

/** A client of a priced model, played. */
function priced(play: Play, ...options: readonly ClientOption[]): { client: Client; puppet: Puppet; clock: FakeClock } {
  const clock = createFakeClock();
  const puppet = createPuppet(play, 'openai');
  const client = createClient(withProvider(puppet), withModel('gpt-4o'), withClock(clock), withSeed(1), ...options);
  return { client, puppet, clock };
}

describe('issue 17: many at once', () => {
  test('1,000 concurrent calls with a budget for 100 spend no more than the budget', async () => {
    // Each takes all that was reserved for it, so that the bound is exact.
    const most = mostTokens({ model: 'gpt-4o', messages: question, maxTokens: 50 });
    const play: Play = async function* () {
      yield { kind: 'response', answer: { ...answerOf('ok'), usage: most } };
    };
    const each = costOf('openai', 'gpt-4o', most) as number;
    const { client, puppet } = priced(play, withMaxTokens(50), withBudget({ money: 100 * each, per: 'day' }));
    const results = await Promise.allSettled(Array.from({ length: 1000 }, () => client.chat(question)));
    const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown);
    expect([puppet.calls.length, refused.length]).toEqual([100, 900]);
    expect(refused.every(isBudgetError)).toBe(true);
    expect(client.metrics().cost).toBeLessThanOrEqual(100 * each * (1 + 1e-9));
    expect(client.metrics().budgetRejected).toBe(900);
  });

  test('what was reserved too much serves those who come later', async () => {
    const { client, puppet } = setUp(
      (call) => speak(call, 'ok'),
      withMaxTokens(50),
      withBudget({ tokens: mostOf(50) + 2 * USAGE.totalTokens, per: 'hour' }),
    );
    for (let i = 0; i < 3; i++) await client.chat(question);
    expect(await rejection(client.chat(question))).toMatchObject({ code: 'ERR_BUDGET_EXCEEDED' });
    expect(puppet.calls.length).toBe(3);
  });

  test('all reservations return, whatever the mix of answers, failures, crashes and aborts at any moment', async () => {
    const anyCall = fc.record({
      fate: fc.constantFrom('ok', 'fail', 'crash', 'hang', 'cut'),
      isStream: fc.boolean(),
      abortsAtMs: fc.nat(100),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall, { minLength: 1, maxLength: 25 }), async (calls) => {
        const limit = 20 * mostOf(50);
        const fates = calls.map(({ fate }) => fate);
        let isProbed = false;
        const { client, puppet, clock } = setUp(
          (call, index) => playOf(isProbed ? 'hang' : (fates[index] ?? 'hang'), call),
          withMaxTokens(50),
          withBudget({ tokens: limit, per: 'hour' }),
          withRetryCount(1),
          withRetryDelay(10),
        );
        let usedTokens = 0;
        client.on('upstream-call', ({ usage }) => {
          usedTokens += usage?.totalTokens ?? 0;
        });
        const running = calls.map(({ isStream, abortsAtMs }) => {
          const controller = new AbortController();
          clock.setTimer(abortsAtMs, () => controller.abort(new Error('left')));
          const { signal } = controller;
          return isStream ? collect(client.stream(question, { signal })) : client.chat(question, { signal });
        });
        const ended = Promise.allSettled(running);
        await clock.advanceAsync(1000);
        await ended;
        // How many more fit at once shows what is held: what was used, by count or estimate, and nothing else.
        isProbed = true;
        const before = puppet.calls.length;
        const leaving = Array.from({ length: 25 }, () => new AbortController());
        const probed = Promise.allSettled(leaving.map(({ signal }) => client.chat(question, { signal })));
        await clock.advanceAsync(0);
        expect(puppet.calls.length - before).toBe(Math.floor((limit - usedTokens) / mostOf(50)));
        for (const controller of leaving) controller.abort();
        await probed;
      }),
      { numRuns: 60 },
    );
  });
});

describe('a budget', () => {
  test('is asked by every attempt: what another call took meanwhile is not there for a retry', async () => {
    const { client, puppet, clock } = setUp(
      (call, index) => (index === 0 ? fail(503) : hang(call)),
      withMaxTokens(50),
      withBudget({ tokens: mostOf(50), per: 'hour' }),
      withRetryCount(1),
      withRetryDelay('1s'),
    );
    const retried = rejection(client.chat(question));
    await settle();
    const leave = new AbortController();
    const other = rejection(client.chat(question, { signal: leave.signal }));
    await settle();
    expect(puppet.calls.length).toBe(2);
    await clock.advanceAsync(1000);
    expect(await retried).toMatchObject({ code: 'ERR_BUDGET_EXCEEDED' });
    leave.abort(new Error('left'));
    await other;
  });

  test('is asked by each of those who race: one that does not fit does not run', async () => {
    const second = createPuppet((call) => speak(call, 'second'), 'second');
    const { client, puppet } = setUp(
      (call) => speak(call, 'first'),
      withMaxTokens(50),
      withBudget({ tokens: mostOf(50), per: 'hour' }),
      withFallback([{ provider: second, model: 'm' }], { mode: 'race' }),
    );
    await client.chat(question);
    expect([puppet.calls.length + second.calls.length, client.metrics().budgetRejected]).toEqual([1, 1]);
  });

  test('answers from the cache cost nothing', async () => {
    const { client, puppet } = setUp(
      (call) => speak(call, 'ok'),
      withMaxTokens(50),
      withCache(true),
      withBudget({ tokens: mostOf(50), per: 'hour' }),
    );
    for (let i = 0; i < 5; i++) await client.chat(question);
    expect(puppet.calls.length).toBe(1);
  });

  test('that is spent lets an expired answer stand in', async () => {
    const { client, clock } = setUp(
      (call) => speak(call, 'ok'),
      withMaxTokens(50),
      withCache(withTTL('10s'), withStaleIfError('1m')),
      withBudget({ tokens: mostOf(50), per: 'hour' }),
    );
    await client.chat(question);
    clock.advance(20_000);
    expect(await client.chat(question)).toMatchObject({ text: 'ok', stale: true });
  });

  test('says when it is renewed, and lets in then', async () => {
    const { client, clock } = setUp(
      (call) => speak(call, 'ok'),
      withMaxTokens(50),
      withBudget({ tokens: mostOf(50), per: '10m' }),
    );
    await client.chat(question);
    clock.advance(120_000);
    const error = await rejection(client.chat(question));
    expect(isBudgetError(error) && error.retryAfterMs).toBe(480_000);
    clock.advance(480_000);
    await client.chat(question);
  });

  test('a call that fits into no period is refused with another code', async () => {
    const { client, puppet } = setUp(
      (call) => speak(call, 'ok'),
      withMaxTokens(1000),
      withBudget({ tokens: 999, per: 'day' }),
    );
    expect(await rejection(client.chat(question))).toMatchObject({ code: 'ERR_BUDGET_COST' });
    expect(puppet.calls.length).toBe(0);
  });

  test('a stream that its reader leaves has cost what came of it', async () => {
    const { client, puppet } = setUp(
      async function* (call) {
        yield* opening();
        yield { kind: 'text-delta', text: 'x'.repeat(400) };
        yield* hang(call);
      },
      withMaxTokens(200),
      withBudget({ tokens: mostOf(200) + 100, per: 'hour' }),
    );
    for await (const chunk of client.stream(question)) if (chunk.kind === 'text-delta') break;
    // 100 tokens of the answer and one or two of the question.
    expect(await rejection(client.chat(question))).toMatchObject({ code: 'ERR_BUDGET_EXCEEDED' });
    expect(puppet.calls.length).toBe(1);
  });

  test('in money goes by the list price, and a cheaper or free target may still serve', async () => {
    const most = costOf(
      'openai',
      'gpt-4o',
      mostTokens({ model: 'gpt-4o', messages: question, maxTokens: 50 }),
    ) as number;
    const { client } = priced(
      (call) => speak(call, 'ok'),
      withMaxTokens(50),
      withBudget({ money: most * 0.9, per: 'day' }),
      withFallback(['local']),
    );
    expect((await client.chat([userMessage('Ink is black. What colour is ink?')])).provider).toBe('local');
  });

  test('in money for a model without a price is a ConfigError, of the client or of the call', async () => {
    const puppet = createPuppet();
    const make = (): Client => createClient(withProvider(puppet), withModel('m'), withBudget({ money: 1, per: 'day' }));
    expect(make).toThrow('tokens, since m of puppet has no list price');
    const { client } = priced((call) => speak(call, 'ok'), withBudget({ money: 1, per: 'day' }));
    expect(isConfigError(await rejection(client.chat(question, { model: 'unheard-of' })))).toBe(true);
  });

  test.each<[string, object]>([
    ['both kinds', { money: 1, tokens: 1, per: 'day' }],
    ['neither', { per: 'day' }],
    ['no period', { tokens: 1 }],
    ['a bad period', { tokens: 1, per: 'fortnight' }],
    ['nothing', { tokens: 0, per: 'day' }],
  ])('with %s is a ConfigError', (_what, budget) => {
    try {
      createClient(withProvider('local'), withBudget(budget as Parameters<typeof withBudget>[0]));
      expect.unreachable();
    } catch (error) {
      expect(isConfigError(error) && error.issues[0]?.path.startsWith('budget')).toBe(true);
    }
  });
});

test('money for a model that nobody knows a price of is refused also past the settings', () => {
  const spending = new Spending({ money: 1, tokens: undefined, perMs: 1000 }, createFakeClock());
  const reserve = (): unknown => spending.reserve('puppet', { model: 'm', messages: question });
  expect(reserve).toThrow(expect.objectContaining({ code: 'ERR_BUDGET_UNPRICED' }));
});

test('no text has more tokens than it has bytes, and all parts of a request count', () => {
  const base = { model: 'm', messages: question, maxTokens: 10 };
  const most = mostTokens(base);
  expect(most.outputTokens).toBe(10);
  expect(mostTokens({ ...base, messages: [userMessage('日本語')] }).inputTokens - most.inputTokens).toBe(9 - 4);
  const larger = [
    { ...base, tools: [{ name: 'look_up', parameters: { type: 'object' } }] },
    {
      ...base,
      messages: [
        userMessage([
          { kind: 'text', text: 'why?' },
          { kind: 'image', url: 'data:,' },
        ]),
      ],
    },
    {
      ...base,
      messages: [...question, { role: 'assistant', content: '', toolCalls: [{ id: '1', name: 'f', arguments: '{}' }] }],
    },
    { ...base, responseFormat: { kind: 'json-schema', schema: { type: 'object' } } },
    { ...base, reasoning: { maxTokens: 5 } },
  ] as const;
  for (const request of larger) expect(mostTokens(request).totalTokens).toBeGreaterThan(most.totalTokens);
});
