/** withFallback in the modes race and hedge, on a fake clock: who is asked when, who wins, what becomes of the others. */
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import {
  type ClientEvents,
  userMessage,
  withCache,
  withFallback,
  withRetryBudget,
  withRetryCount,
  withTotalTimeout,
} from '../../src/llm/index.js';
import type { Chunk } from '../../src/protocol/chat.js';
import type { ProviderCall } from '../../src/providers/provider.js';
import { sleep } from '../../src/resilience/timer.js';
import type { FakeClock } from '../../src/testing/fake-clock.js';
import { collect, createGate, createPuppet, fail, hang, opening, rejection, settle, speak, textOf } from './puppet.js';
import { question, setUp } from './puppet-client.js';

/** Speaks after a while; how long is known only once the client has its clock. */
function late(clock: () => FakeClock, delayMs: (index: number) => number, text: string) {
  return async function* (call: ProviderCall, index: number): AsyncGenerator<Chunk> {
    await sleep(clock(), delayMs(index), call.signal);
    yield* speak(call, text);
  };
}

describe('a race', () => {
  test('asks all at once, the first opening wins, and the losers are cancelled and counted (F18)', async () => {
    const fast = createPuppet(
      (call) =>
        late(
          () => race.clock,
          () => 10,
          'fast',
        )(call, 0),
      'fast',
    );
    const other = createPuppet(hang, 'other');
    const race = setUp(
      hang,
      withFallback(
        [
          { provider: fast, model: 'f' },
          { provider: other, model: 'o' },
        ],
        { mode: 'race' },
      ),
    );
    const outcomes: string[] = [];
    const won: ClientEvents['contest-won'][] = [];
    race.client.on('upstream-call', ({ provider, outcome }) => outcomes.push(`${provider} ${outcome}`));
    race.client.on('contest-won', (event) => won.push(event));
    const answer = race.client.chat(question);
    await settle();
    expect([race.puppet, fast, other].map(({ calls }) => calls.length)).toEqual([1, 1, 1]);
    await race.clock.advanceAsync(10);
    expect(await answer).toMatchObject({ text: 'fast', provider: 'fast', target: 1 });
    await settle();
    expect([race.puppet.aborted, other.aborted, fast.aborted]).toEqual([1, 1, 0]);
    expect(outcomes.toSorted()).toEqual(['fast ok', 'other aborted', 'puppet aborted']);
    expect(race.client.metrics()).toMatchObject({
      upstreamCalls: 3,
      upstreamAborts: 2,
      upstreamFailures: 0,
      requests: 1,
    });
    expect(won).toEqual([{ provider: 'fast', model: 'f', target: 1, asked: 3, isHedge: false }]);
    expect(race.clock.pendingTimers).toBe(0);
  });

  test('charges the tokens that a loser has told of', async () => {
    const usage = { inputTokens: 100, outputTokens: 0, totalTokens: 100 };
    const winner = createPuppet(undefined, 'winner');
    const { client } = setUp(
      async function* (call) {
        yield* opening();
        yield { kind: 'usage', usage };
        yield* hang(call);
      },
      withFallback([{ provider: winner, model: 'w' }], { mode: 'race' }),
    );
    await collect(client.stream(question));
    await settle();
    expect(client.metrics()).toMatchObject({ upstreamAborts: 1, inputTokens: 110 });
  });

  test('counts by estimate what a loser had no time to tell, and nothing of one that was refused', async () => {
    // Four characters a token: the question takes one.
    const losers = [
      createPuppet(hang, 'silent'),
      createPuppet(async function* (call) {
        yield* opening();
        yield* hang(call);
      }, 'open'),
      createPuppet(() => fail(503), 'down'),
    ];
    const gate = createGate();
    const { client } = setUp(
      async function* (call) {
        await gate.passed;
        yield* speak(call, 'won');
      },
      withFallback(
        losers.map((provider) => ({ provider, model: 'gpt-4o' })),
        { mode: 'race' },
      ),
    );
    const seen: Record<string, unknown> = {};
    client.on('upstream-call', ({ provider, isEstimate, usage }) => {
      seen[provider] = { isEstimate, tokens: usage?.totalTokens };
    });
    const answer = client.chat(question);
    await settle();
    gate.open();
    expect((await answer).text).toBe('won');
    await settle();
    const estimated = { isEstimate: true, tokens: 1 };
    expect(seen).toEqual({
      puppet: { isEstimate: false, tokens: 15 },
      silent: estimated,
      open: estimated,
      down: { isEstimate: false, tokens: undefined },
    });
    expect(client.metrics()).toMatchObject({ upstreamAborts: 2, inputTokens: 12, outputTokens: 5 });
  });

  test('goes on without those that fail, and all failures are one error', async () => {
    const up = createPuppet(
      (call) =>
        late(
          () => one.clock,
          () => 5,
          'up',
        )(call, 0),
      'up',
    );
    const one = setUp(() => fail(503), withFallback([{ provider: up, model: 'u' }], { mode: 'race' }));
    const answer = one.client.chat(question);
    await one.clock.advanceAsync(5);
    expect((await answer).text).toBe('up');
    expect(one.client.metrics().fallbacks).toBe(0);
    const down = createPuppet(() => fail(500), 'down');
    const all = setUp(() => fail(503), withFallback([{ provider: down, model: 'd' }], { mode: 'race' }));
    expect(await rejection(all.client.chat(question))).toMatchObject({
      code: 'ERR_PROVIDER_ALL_FAILED',
      attempts: [{ status: 503 }, { status: 500 }],
    });
  });

  test('is over when the first target refuses the request itself, not when another one does', async () => {
    const slow = createPuppet(hang, 'slow');
    const first = setUp(() => fail(400), withFallback([{ provider: slow, model: 's' }], { mode: 'race' }));
    expect(await rejection(first.client.chat(question))).toMatchObject({ status: 400 });
    await settle();
    expect(slow.aborted).toBe(1);
    const picky = createPuppet(() => fail(400), 'picky');
    const second = setUp(
      (call) =>
        late(
          () => second.clock,
          () => 5,
          'fine',
        )(call, 0),
      withFallback([{ provider: picky, model: 'p' }], { mode: 'race' }),
    );
    const answer = second.client.chat(question);
    await second.clock.advanceAsync(5);
    expect((await answer).text).toBe('fine');
  });

  test('streams one answer from its first chunk to its last, whoever would have come later', async () => {
    const gate = createGate();
    const other = createPuppet((call) => speak(call, 'the other one'), 'other');
    const { client, puppet } = setUp(
      async function* (call) {
        await gate.passed;
        yield* speak(call, 'too late');
      },
      withFallback([{ provider: other, model: 'o' }], { mode: 'race' }),
    );
    const chunks: Chunk[] = [];
    for await (const chunk of client.stream(question)) {
      chunks.push(chunk);
      gate.open();
      await settle(1);
    }
    expect(textOf(chunks)).toBe('the other one');
    expect([puppet.calls.length, puppet.aborted]).toEqual([1, 1]);
  });

  test('ends for all when the caller leaves or the time of the call is up', async () => {
    const other = createPuppet(hang, 'other');
    const { client, clock, puppet } = setUp(
      hang,
      withFallback([{ provider: other, model: 'o' }], { mode: 'race' }),
      withTotalTimeout('3s'),
    );
    const controller = new AbortController();
    const left = rejection(client.chat(question, { signal: controller.signal }));
    await settle();
    controller.abort('gone');
    expect(await left).toBe('gone');
    const timedOut = rejection(client.chat(question));
    await clock.advanceAsync(3001);
    expect(await timedOut).toMatchObject({ kind: 'total' });
    await settle();
    expect([puppet.aborted, other.aborted, client.metrics().active, clock.pendingTimers]).toEqual([2, 2, 0, 0]);
  });

  test('stores the winner under its own name', async () => {
    const other = createPuppet((call) => speak(call, 'kept'), 'other', 'other stage');
    const { client } = setUp(hang, withFallback([{ provider: other, model: 'o' }], { mode: 'race' }), withCache(true));
    expect(await client.chat(question)).toMatchObject({ stored: true, provider: 'other' });
    expect(await client.chat(question)).toMatchObject({ cached: true, provider: 'other', target: 1, text: 'kept' });
    expect(other.calls.length).toBe(1);
  });
});

describe('a hedge', () => {
  /** As many calls as are needed to know the first-token times, each 100 ms. */
  async function learn(subject: ReturnType<typeof setUp>, calls = 30): Promise<void> {
    for (let i = 0; i < calls; i++) {
      const reading = collect(subject.client.stream(question));
      await subject.clock.advanceAsync(100);
      await reading;
    }
  }

  test('asks the primary once more when its first token is later than the live p95', async () => {
    const subject = setUp(
      (call, index) =>
        late(
          () => subject.clock,
          (i) => (i === 30 ? 5000 : 100),
          'text',
        )(call, index),
      withFallback([], { mode: 'hedge', hedgeDelay: '30s' }),
    );
    const { client, clock, puppet } = subject;
    const hedges: ClientEvents['hedge'][] = [];
    client.on('hedge', (event) => hedges.push(event));
    await learn(subject);
    const late30 = collect(client.stream(question));
    await clock.advanceAsync(99);
    expect(puppet.calls.length).toBe(31);
    await clock.advanceAsync(1);
    expect(puppet.calls.length).toBe(32);
    await clock.advanceAsync(100);
    expect(textOf(await late30)).toBe('text');
    await settle();
    expect(puppet.calls.map(({ signal }) => signal.aborted).indexOf(true)).toBe(30);
    const place = { provider: 'puppet', model: 'm' };
    expect(hedges).toEqual([{ from: place, to: place, afterMs: 100 }]);
    expect(client.metrics()).toMatchObject({
      hedges: 1,
      hedgeWins: 1,
      upstreamCalls: 32,
      upstreamAborts: 1,
      requests: 31,
    });
    expect(clock.pendingTimers).toBe(0);
  });

  test('waits hedgeDelay while too few times are known, and asks the next target where there is one', async () => {
    const other = createPuppet((call) => speak(call, 'the other'), 'other');
    const { client, clock } = setUp(
      hang,
      withFallback([{ provider: other, model: 'o' }], { mode: 'hedge', hedgeDelay: '700ms' }),
    );
    const answer = client.chat(question);
    await clock.advanceAsync(699);
    expect(other.calls.length).toBe(0);
    await clock.advanceAsync(1);
    expect(await answer).toMatchObject({ provider: 'other', target: 1, text: 'the other' });
    expect(client.metrics()).toMatchObject({ hedges: 1, hedgeWins: 1, fallbacks: 0 });
  });

  test('asks the next at once, without a hedge, when the one before has failed', async () => {
    const other = createPuppet((call) => speak(call, 'the other'), 'other');
    const { client } = setUp(() => fail(503), withFallback([{ provider: other, model: 'o' }], { mode: 'hedge' }));
    expect((await client.chat(question)).provider).toBe('other');
    expect(client.metrics()).toMatchObject({ hedges: 0, fallbacks: 1 });
  });

  test('that fails leaves the field to the one it was to help', async () => {
    const subject = setUp(
      (call, index) =>
        index === 0
          ? late(
              () => subject.clock,
              () => 5000,
              'slow but sure',
            )(call, 0)
          : fail(503),
      withFallback([], { mode: 'hedge', hedgeDelay: '1s' }),
    );
    const answer = subject.client.chat(question);
    await subject.clock.advanceAsync(5001);
    expect(await answer).toMatchObject({ text: 'slow but sure' });
    expect(subject.client.metrics()).toMatchObject({ hedges: 1, hedgeWins: 0, upstreamCalls: 2, upstreamFailures: 1 });
  });

  test('is no retry: a lone target that fails at once is not asked again', async () => {
    const { client, puppet } = setUp(() => fail(503), withFallback([], { mode: 'hedge' }));
    expect(await rejection(client.chat(question))).toMatchObject({ status: 503, attempts: [] });
    expect(puppet.calls.length).toBe(1);
  });

  test('never comes once a chunk has left', async () => {
    const subject = setUp(
      async function* (call) {
        yield* opening();
        yield { kind: 'text-delta', text: 'a' };
        await sleep(subject.clock, 60_000, call.signal);
        yield { kind: 'finish', reason: 'stop' };
      },
      withFallback([], { mode: 'hedge', hedgeDelay: '1s' }),
    );
    const reading = collect(subject.client.stream(question));
    await subject.clock.advanceAsync(60_000);
    await reading;
    expect(subject.puppet.calls.length).toBe(1);
  });

  test('is a share of the calls at most, and draws on the retry budget', async () => {
    const run = async (...options: Parameters<typeof setUp>[1][]) => {
      const subject = setUp(hang, withTotalTimeout('10s'), ...options);
      for (let i = 0; i < 100; i++) {
        const error = rejection(subject.client.chat(question));
        await subject.clock.advanceAsync(10_001);
        await error;
      }
      return subject.client.metrics();
    };
    expect((await run(withFallback([], { mode: 'hedge', hedgeDelay: '1s' }))).hedges).toBe(1 + 100 * 0.05);
    expect((await run(withFallback([], { mode: 'hedge', hedgeDelay: '1s', hedgeShare: 1 }))).hedges).toBe(100);
    const broke = withRetryBudget({ share: 0, minPerSecond: 0 });
    expect((await run(withFallback([], { mode: 'hedge', hedgeDelay: '1s' }), broke)).hedges).toBe(0);
  });

  test('stands under the one deadline, and retries of both targets under the one budget', async () => {
    const other = createPuppet(() => fail(503), 'other');
    const { client, clock, puppet } = setUp(
      hang,
      withFallback([{ provider: other, model: 'o' }], { mode: 'hedge', hedgeDelay: '1s' }),
      withRetryCount(50),
      withRetryBudget({ share: 0, minPerSecond: 0.1 }),
      withTotalTimeout('20s'),
    );
    const error = rejection(client.chat(question));
    await clock.advanceAsync(20_001);
    expect(await error).toMatchObject({ kind: 'total' });
    // There was one extra call to be had, and that was the hedge.
    expect([puppet.calls.length, other.calls.length]).toEqual([1, 1]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('of equal calls that fly together is one upstream call', async () => {
    const subject = setUp(
      (call, index) => (index === 0 ? hang(call) : speak(call, 'second')),
      withFallback([], { mode: 'hedge', hedgeDelay: '1s', hedgeShare: 1 }),
      withCache(true),
    );
    const answers = Array.from({ length: 50 }, () => subject.client.chat(question));
    await subject.clock.advanceAsync(1000);
    for (const answer of await Promise.all(answers)) expect(answer.text).toBe('second');
    await settle();
    expect([subject.puppet.calls.length, subject.puppet.aborted]).toEqual([2, 1]);
    expect((await subject.client.chat(question)).cached).toBe(true);
  });

  test('times whole answers and streams apart', async () => {
    const subject = setUp(
      (call, index) =>
        late(
          () => subject.clock,
          () => (call.stream ? 100 : 4000),
          'text',
        )(call, index),
      withFallback([], { mode: 'hedge', hedgeDelay: '30s' }),
    );
    await learn(subject);
    const whole = subject.client.chat(question);
    await subject.clock.advanceAsync(4000);
    await whole;
    expect(subject.client.metrics().hedges).toBe(0);
  });
});

test('1 % of stragglers at ten times the time: hedging cuts the slowest 1 % to a third for at most 5 % more calls', async () => {
  const CALLS = 3000;
  /** Mean time to the whole answer of the slowest 1 %, and upstream calls a call. */
  const run = async (seed: number, isHedged: boolean): Promise<{ tailMs: number; upstream: number }> => {
    const random = createRandom(seed);
    const subject = setUp(
      (call, index) => {
        const delayMs = (80 + 40 * random.next()) * (random.next() < 0.01 ? 10 : 1);
        return late(
          () => subject.clock,
          () => delayMs,
          'text',
        )(call, index);
      },
      ...(isHedged ? [withFallback([], { mode: 'hedge' })] : []),
    );
    const { client, clock } = subject;
    const timesMs: number[] = [];
    for (let i = 0; i < CALLS; i++) {
      clock.setTimer(i * 10, () => {
        const startMs = clock.nowMs();
        void collect(client.stream([userMessage(`${i}`)])).then(() => timesMs.push(clock.nowMs() - startMs));
      });
    }
    await clock.advanceAsync(CALLS * 10 + 2000);
    const { upstreamCalls, hedges, hedgeWins, upstreamAborts, requests } = client.metrics();
    expect([requests, upstreamCalls, upstreamAborts]).toEqual([CALLS, CALLS + hedges, hedges]);
    expect(hedgeWins).toBeLessThanOrEqual(hedges);
    expect(clock.pendingTimers).toBe(0);
    const slowest = timesMs.toSorted((a, b) => b - a).slice(0, CALLS / 100);
    return { tailMs: slowest.reduce((sum, ms) => sum + ms, 0) / slowest.length, upstream: upstreamCalls / CALLS };
  };
  for (const seed of [1, 2, 3, 4]) {
    const plain = await run(seed, false);
    const hedged = await run(seed, true);
    expect([seed, hedged.tailMs / plain.tailMs < 1 / 3]).toEqual([seed, true]);
    expect(hedged.upstream).toBeLessThanOrEqual(1.05);
  }
});
