/** F47 to F50: many who ask the same at once, and many who try again at once. */
import { expect, test } from 'vitest';
import type { SherdError } from '../../src/core/errors.js';
import { createRandom } from '../../src/core/random.js';
import {
  type ClientOption,
  createClient,
  userMessage,
  withAdaptiveConcurrency,
  withCache,
  withCircuitBreaker,
  withClock,
  withModel,
  withProvider,
  withQueue,
  withRateLimiting,
  withRetryBudget,
  withRetryCount,
  withRetryDelay,
  withSeed,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';
import { settle } from '../llm/puppet.js';
import { fc } from '../support/property.js';
import { ask, closing, KINDS, type Kind, watch } from './harness.js';

const QUESTION = 'why is it so?';

test('F47: a hot answer that expires under 10,000 callers is asked for once', async () => {
  const clock = createFakeClock();
  const provider = createScriptedProvider({ answers: 'because it is', clock, latency: { firstMs: 100 } });
  const client = closing(createClient(withProvider(provider), withModel('m'), withClock(clock), withCache(true, '1m')));
  const first = watch(ask(client, 'chat', QUESTION));
  await clock.advanceAsync(100);
  expect((await first.end).text).toBe('because it is');
  await clock.advanceAsync(60_000);
  const calls = Array.from({ length: 10_000 }, (_, i) => watch(ask(client, KINDS[i % 2] as Kind, QUESTION)));
  await clock.advanceAsync(100);
  for (const { end } of calls) expect(await end).toEqual({ text: 'because it is' });
  expect(provider.stats()).toMatchObject({ calls: 2, answered: 2, active: 0 });
});

test.each([1, 2, 3])(
  'F47: of 10,000 equal calls, whole and streamed, any may leave: one upstream call, nobody else fails (seed %i)',
  async (seed) => {
    const clock = createFakeClock();
    const random = createRandom(seed);
    const answers = { pieces: Array.from({ length: 10 }, (_, i) => `piece ${i} `) };
    const provider = createScriptedProvider({ answers, clock, latency: { firstMs: 100, chunkMs: 50 } });
    const client = closing(
      createClient(withProvider(provider), withModel('m'), withClock(clock), withCache(true), withSeed(seed)),
    );
    const timersOfCache = clock.pendingTimers;
    const text = answers.pieces.join('');
    const share = random.next();
    const calls = Array.from({ length: 10_000 }, (_, i) => {
      const controller = new AbortController();
      const call = watch(ask(client, KINDS[random.nextInt(2)] as Kind, QUESTION, { signal: controller.signal }));
      // One stays, whoever else leaves.
      const leaves = i !== 5_000 && random.next() < share;
      if (leaves) clock.setTimer(random.nextInt(700), () => controller.abort('left'));
      return { ...call, end: call.end, leaves };
    });
    for (let i = 0; i < 80; i++) await clock.advanceAsync(10);
    const ends = await Promise.all(calls.map(async ({ end, leaves }) => ({ ...(await end), leaves })));
    for (const { text: got, error, leaves } of ends) {
      if (got !== undefined) expect(got).toBe(text);
      else expect([leaves, error]).toEqual([true, 'left']);
    }
    expect(provider.stats()).toMatchObject({ calls: 1, answered: 1, active: 0 });
    expect([client.metrics().active, clock.pendingTimers]).toEqual([0, timersOfCache]);
  },
);

/** What holds a call up for longer than an impatient leader waits. */
const HOLD_UPS: Readonly<Record<string, { options: readonly ClientOption[]; isRefusedOnce: boolean }>> = {
  'a retry that its provider puts off': { options: [withRetryCount(2)], isRefusedOnce: true },
  'a rate limit': { options: [withRateLimiting({ requestsPerMinute: 6, requestBurst: 1 })], isRefusedOnce: false },
  'a place that is taken': {
    options: [withAdaptiveConcurrency({ min: 1, max: 1, initial: 1 }), withQueue()],
    isRefusedOnce: false,
  },
};

test.each(Object.entries(HOLD_UPS).flatMap(([name, hold]) => KINDS.map((kind) => ({ name, kind, ...hold }))))(
  'F48: a leader whose time is up before $name has passed leaves the others to their own time ($kind)',
  async ({ options, isRefusedOnce, kind }) => {
    const clock = createFakeClock();
    let refusals = isRefusedOnce ? 1 : 0;
    const provider = createScriptedProvider({
      clock,
      latency: { firstMs: 9_000 },
      answers: () => {
        if (refusals-- > 0) return { fault: { kind: 'status', status: 503, headers: { 'retry-after': '10' } } };
        return 'a b c';
      },
    });
    const client = closing(
      createClient(withProvider(provider), withModel('m'), withClock(clock), withCache(true), withSeed(1), ...options),
    );
    const before = isRefusedOnce ? undefined : watch(ask(client, kind, 'something else'));
    await settle(1);
    const leader = watch(ask(client, kind, QUESTION, { totalTimeout: '8s' }));
    const patient = watch(ask(client, kind, QUESTION));
    const late = watch(ask(client, kind, QUESTION, { totalTimeout: '35s' }));
    for (let second = 0; second < 40; second++) await clock.advanceAsync(1_000);
    // A limit sends away at once who could not be served in time.
    expect(['ERR_DEADLINE', 'ERR_RATE_LIMITED']).toContain(((await leader.end).error as SherdError).code);
    expect([await patient.end, await late.end]).toEqual([{ text: 'a b c' }, { text: 'a b c' }]);
    await before?.end;
    expect(provider.stats().calls).toBe(2);
    expect([client.metrics().active, provider.stats().active]).toEqual([0, 0]);
  },
);

test.each([
  { timeout: '1s' },
  { firstTokenTimeout: '1s' },
  { streamIdleTimeout: '1s' },
  { retryCount: 5 },
  { retryDelay: '7s' },
] as const)('F48: calls whose attempts have other limits do not fly together: %o', async (limits) => {
  const clock = createFakeClock();
  const provider = createScriptedProvider({ answers: 'a b c', clock, latency: { firstMs: 10 } });
  const client = closing(createClient(withProvider(provider), withModel('m'), withClock(clock), withCache(true)));
  const calls = [{}, limits, {}, limits].map((perCall) => watch(ask(client, 'stream', QUESTION, perCall)));
  await clock.advanceAsync(20);
  for (const { end } of calls) expect(await end).toEqual({ text: 'a b c' });
  expect(provider.stats().calls).toBe(2);
});

test('F48: whatever becomes of the leader, the others get an answer, and no error reaches who comes later', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2 ** 30 }),
      fc.constantFrom('aborts', 'fails', 'throws'),
      async (seed, fate) => {
        const random = createRandom(seed);
        const clock = createFakeClock();
        let isBroken = fate !== 'aborts';
        const provider = createScriptedProvider({
          clock,
          latency: { firstMs: 10, chunkMs: 5 },
          answers: () => {
            if (!isBroken) return 'a b c';
            const error = new Error('thrown by the provider');
            return {
              fault: fate === 'fails' ? { kind: 'status', status: 500 } : { kind: 'throw', error, afterChunks: 0 },
            };
          },
        });
        const client = closing(createClient(withProvider(provider), withModel('m'), withClock(clock), withCache(true)));
        const controller = new AbortController();
        const leader = watch(ask(client, KINDS[random.nextInt(2)] as Kind, QUESTION, { signal: controller.signal }));
        const others = Array.from({ length: 5 }, () => watch(ask(client, KINDS[random.nextInt(2)] as Kind, QUESTION)));
        await settle(random.nextInt(4));
        if (fate === 'aborts') clock.setTimer(random.nextInt(30), () => controller.abort('left'));
        await clock.advanceAsync(60);
        await leader.end;
        for (const other of others) {
          if (fate === 'aborts') expect(await other.end).toEqual({ text: 'a b c' });
          else if (fate === 'fails') expect((await other.end).error).toMatchObject({ status: 500 });
          else expect((await other.end).error).toBe(await leader.end.then(({ error }) => error));
        }
        expect(provider.stats().calls).toBe(1);
        isBroken = false;
        const later = watch(ask(client, 'chat', QUESTION));
        await clock.advanceAsync(60);
        expect(await later.end).toEqual({ text: 'a b c' });
        expect([client.metrics().active, provider.stats().active]).toEqual([0, 0]);
      },
    ),
    { numRuns: 60 },
  );
});

/** Five minutes at 500 requests a second, in virtual time. */
const STORM = { seconds: 300, perSecond: 500 };
const STEP_MS = 100;
const BUDGET = { share: 0.2, minPerSecond: 3 };
/** Credit lasts as long as this: the free retries of a budget, and what its requests have paid in. */
const SAVED_SECONDS = 10;
/** A breaker that is open probes as often as this. */
const RESET_MS = 5_000;

test.each<{ readonly how: string; readonly options: readonly ClientOption[]; readonly healedInMs: number }>([
  { how: 'by its retry budget alone', options: [], healedInMs: 0 },
  {
    how: 'with a breaker too',
    options: [withCircuitBreaker({ failureThreshold: 10, successThreshold: 1, resetTimeout: RESET_MS })],
    healedInMs: RESET_MS,
  },
])(
  'F50: with every answer failing for five minutes, attempts stay at 1.2 a request and the floor, with ten seconds of both saved up; once healed, calls succeed ($how)',
  async ({ options, healedInMs }) => {
    const clock = createFakeClock();
    let isDown = false;
    const provider = createScriptedProvider({
      clock,
      keepCalls: 1,
      answers: () => (isDown ? { fault: { kind: 'status', status: 503 } } : 'ok'),
    });
    const client = closing(
      createClient(
        withProvider(provider),
        withModel('m'),
        withClock(clock),
        withSeed(50),
        withRetryCount(3),
        withRetryDelay(200),
        withRetryBudget(BUDGET),
        ...options,
      ),
    );
    /** When each retry was decided on. */
    const retriesAtMs: number[] = [];
    client.on('retry', () => retriesAtMs.push(clock.nowMs()));
    const ended = { ok: 0, failed: 0 };
    function ask(): void {
      client.chat([userMessage('why?')]).then(
        () => ended.ok++,
        () => ended.failed++,
      );
    }
    async function load(seconds: number): Promise<void> {
      for (let atMs = 0; atMs < seconds * 1000; atMs += STEP_MS) {
        for (let i = 0; i < (STORM.perSecond * STEP_MS) / 1000; i++) ask();
        await clock.advanceAsync(STEP_MS);
      }
    }
    // Credit is there to be saved up: for a quarter of an hour nothing is asked, for a minute all goes well.
    await clock.advanceAsync(900_000);
    await load(60);
    expect(ended).toEqual({ ok: 60 * STORM.perSecond, failed: 0 });
    const before = provider.stats().calls;
    isDown = true;
    await load(STORM.seconds);
    const requests = STORM.seconds * STORM.perSecond;
    // What is waited for when the calls stop.
    await clock.advanceAsync(60_000);
    expect(ended).toEqual({ ok: before, failed: requests });
    const savedUp = (BUDGET.share * STORM.perSecond + BUDGET.minPerSecond) * SAVED_SECONDS;
    const attempts = provider.stats().calls - before;
    const floor = BUDGET.minPerSecond * STORM.seconds + savedUp;
    expect(attempts).toBeLessThanOrEqual((1 + BUDGET.share) * requests + floor);
    expect(attempts).toBeLessThanOrEqual(requests + retriesAtMs.length);
    // What is allowed is used, where nothing else stands in the way.
    if (healedInMs === 0) expect(retriesAtMs.length).toBeGreaterThan(0.95 * BUDGET.share * requests);
    // Whatever ten seconds are looked at: no more was saved up for them than that.
    const windowMs = 10_000;
    const most = ((BUDGET.share * STORM.perSecond + BUDGET.minPerSecond) * windowMs) / 1000 + savedUp;
    for (let from = 0, to = 0; to < retriesAtMs.length; to++) {
      while ((retriesAtMs[from] ?? 0) <= (retriesAtMs[to] ?? 0) - windowMs) from++;
      expect(to - from + 1, `retries in ten seconds up to ${retriesAtMs[to]} ms`).toBeLessThanOrEqual(most + 1);
    }
    // Once that is used up, ten seconds are as all others.
    const late = retriesAtMs.filter((atMs) => atMs > clock.nowMs() - 60_000 - 10_000 && atMs <= clock.nowMs() - 60_000);
    expect(late.length).toBeLessThanOrEqual(most - savedUp + 1);
    isDown = false;
    const failedBefore = ended.failed;
    await load(healedInMs / 1000);
    const failedSince = ended.failed - failedBefore;
    const okBefore = ended.ok;
    await load(1);
    expect(ended).toEqual({ ok: okBefore + STORM.perSecond, failed: failedBefore + failedSince });
    expect([client.metrics().active, provider.stats().active]).toEqual([0, 0]);
  },
  60_000,
);
