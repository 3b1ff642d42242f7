/**
 * F53: a call is aborted before its first continuation, before its second, and so on, until it has none left: at every
 * await there is, those after its end included.
 */
import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import {
  type Client,
  type ClientOption,
  createClient,
  userMessage,
  withAdaptiveConcurrency,
  withBudget,
  withCache,
  withCircuitBreaker,
  withClock,
  withFallback,
  withMaxTokens,
  withModel,
  withPlugins,
  withProvider,
  withQueue,
  withRateLimiting,
  withRetryCount,
  withRetryDelay,
  withSeed,
  withTransport,
} from '../../src/llm/index.js';
import { mostTokens } from '../../src/llm/token-estimate.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedProvider, type ScriptedProvider } from '../../src/testing/scripted-provider.js';
import { atStep } from '../support/at-step.js';
import { answer, ask, clientOf, happens, KINDS, type Outcome, serve, watch } from './harness.js';

interface World {
  readonly client: Client;
  readonly clock: FakeClock;
  readonly provider: ScriptedProvider;
  /** Before anything was asked. */
  readonly timers: number;
}

const LATENCY_MS = 10;
const QUESTION = 'why?';
const TEXT = 'a b c';
/** What the limits reserve for a call. */
const MOST = mostTokens({ model: 'm', messages: [{ role: 'user', content: QUESTION }], maxTokens: 50 });

interface Scenario {
  readonly options: (parts: {
    readonly clock: FakeClock;
    readonly provider: ScriptedProvider;
  }) => readonly ClientOption[];
  /** The first answer to a question is none. */
  readonly failsFirst?: boolean;
  /** A whole answer is there before anybody can abort. */
  readonly isAtOnce?: boolean;
  /** Asks the same before the call, or after it: they share one request, and nobody but the caller leaves. */
  readonly company?: 'before' | 'after';
  /** Runs before the call. */
  readonly prepare?: (world: World) => Promise<void>;
}

const retries = [withRetryCount(1), withRetryDelay(20)];

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'with nothing on': { options: () => [] },
  'with a retry': { options: () => retries, failsFirst: true },
  'with a cache': { options: () => [withCache(true), ...retries], failsFirst: true },
  'that is answered from the cache': {
    options: () => [withCache(true)],
    isAtOnce: true,
    async prepare({ client, clock }) {
      const first = watch(ask(client, 'chat', QUESTION));
      await clock.advanceAsync(10 * LATENCY_MS);
      await first.end;
    },
  },
  'that joined another': { options: () => [withCache(true), ...retries], failsFirst: true, company: 'before' },
  'that another joined': { options: () => [withCache(true), ...retries], failsFirst: true, company: 'after' },
  'with a budget, a rate limit, a queue of one place and a breaker': {
    options: () => [
      ...retries,
      withMaxTokens(50),
      // Two reservations never fit.
      withBudget({ tokens: 2 * (MOST.inputTokens + MOST.outputTokens) - 1, per: 'day' }),
      withRateLimiting(6000),
      withAdaptiveConcurrency({ min: 1, max: 1 }),
      withQueue({ maxSize: 1 }),
      withCircuitBreaker({ failureThreshold: 2, resetTimeout: 1000 }),
    ],
    failsFirst: true,
  },
  'that waits for a place': {
    options: () => [withAdaptiveConcurrency({ min: 1, max: 1 }), withQueue({ maxSize: 5 })],
    async prepare({ client }) {
      void watch(ask(client, 'stream', 'who was first?'));
    },
  },
  'that is the probe of a half-open breaker': {
    options: () => [withCircuitBreaker({ failureThreshold: 1, successThreshold: 1, resetTimeout: 1000 })],
    failsFirst: true,
    async prepare({ client, clock }) {
      const first = watch(ask(client, 'chat', QUESTION));
      await clock.advanceAsync(10 * LATENCY_MS);
      await first.end;
      await clock.advanceAsync(1000);
    },
  },
  'with a fallback': { options: ({ provider }) => [withFallback([{ provider, model: 'm' }])], failsFirst: true },
  'in a race': { options: ({ provider }) => [withFallback([{ provider, model: 'm' }], { mode: 'race' })] },
  'with a hedge': {
    options: ({ provider }) => [
      withFallback([{ provider, model: 'm' }], { mode: 'hedge', hedgeDelay: 5, hedgeShare: 1 }),
    ],
  },
  'with a plugin that takes its time': {
    options: ({ clock }) => {
      const pause = (): Promise<undefined> =>
        new Promise((resolve) => void clock.setTimer(5, () => resolve(undefined)));
      return [
        withPlugins([
          {
            name: 'slow',
            beforeRequest: pause,
            afterResponse: pause,
          },
        ]),
      ];
    },
  },
};

function open({ options, failsFirst = false }: Scenario): World {
  const clock = createFakeClock();
  const provider = createScriptedProvider({
    clock,
    latency: { firstMs: LATENCY_MS, chunkMs: LATENCY_MS },
    answers: ({ repeat }) => (failsFirst && repeat === 0 ? { fault: { kind: 'status', status: 503 } } : TEXT),
  });
  const client = createClient(
    withProvider(provider),
    withModel('m'),
    withClock(clock),
    withSeed(1),
    ...options({ clock, provider }),
  );
  return { client, clock, provider, timers: clock.pendingTimers };
}

/** Ways to call, and to read a stream. */
const WAYS = ['chat', 'stream', 'stream read chunk by chunk'] as const;
type Way = (typeof WAYS)[number];

async function call(client: Client, way: Way, signal?: AbortSignal): Promise<{ readonly text: string }> {
  const perCall = signal === undefined ? {} : { signal };
  if (way !== 'stream read chunk by chunk') return ask(client, way, QUESTION, perCall);
  let text = '';
  for await (const chunk of client.stream([userMessage(QUESTION)], perCall))
    if (chunk.kind === 'text-delta') text += chunk.text;
  return { text };
}

interface Run {
  readonly outcome: Outcome;
  /** There were no more continuations than that. */
  readonly isOver: boolean;
}

/** One call, aborted before its continuation of this number. */
async function abortAt(step: number, way: Way, scenario: Scenario): Promise<Run> {
  const world = open(scenario);
  const { client, clock, provider, timers } = world;
  await scenario.prepare?.(world);
  const controller = new AbortController();
  const company = scenario.company === 'before' ? watch(ask(client, 'chat', QUESTION)) : undefined;
  let settled = 0;
  let before: Outcome | undefined;
  const steps = atStep(step, () => {
    before = called.outcome;
    controller.abort('first');
    controller.abort('second');
  });
  const called = watch(call(client, way, controller.signal).finally(() => settled++));
  const followers = scenario.company === 'after' ? watch(ask(client, 'stream', QUESTION)) : company;
  for (let turn = 0; turn < 100 && called.outcome === undefined; turn++) await clock.advanceAsync(5);
  // So that the last steps come after its end.
  for (let turn = 0; turn < 3; turn++) await clock.advanceAsync(0);
  steps.end();
  const outcome = await called.end;
  expect([{ text: TEXT }, { error: 'first' }]).toContainEqual(outcome);
  if (before !== undefined) expect(outcome).toBe(before);
  expect(client.metrics().aborts, 'calls counted as aborted').toBe(outcome.text === undefined ? 1 : 0);
  await clock.advanceAsync(1000);
  if (followers !== undefined) expect(await followers.end).toEqual({ text: TEXT });
  const left = [
    settled,
    getEventListeners(controller.signal, 'abort').length,
    clock.pendingTimers - timers,
    provider.stats().active,
    client.metrics().active,
  ];
  expect(left, 'settled, listeners, timers, requests, calls').toEqual([1, 0, 0, 0, 0]);
  // Its permit, its place, its reservation and its flight are there for the next.
  const next = watch(call(client, way));
  await clock.advanceAsync(2000);
  expect((await next.end).text).toBe(TEXT);
  await client.close();
  return { isOver: steps.passed <= step, outcome };
}

describe.each(Object.entries(SCENARIOS))('F53: a call %s', (_, scenario) => {
  test.each(WAYS)('as a %s, aborted at any await, settles once and leaves nothing', async (way) => {
    let last: Run | undefined;
    for (let step = 0; last?.isOver !== true; step++) {
      last = await abortAt(step, way, scenario);
      if (step === 0 && scenario.isAtOnce !== true) expect(last.outcome).toEqual({ error: 'first' });
    }
    expect(last.outcome).toEqual({ text: TEXT });
  });
});

describe.each(['on a connection that is open', 'on a new connection'])('F53: a call over loopback, %s', (where) => {
  test.each(WAYS)('as a %s, aborted at any await, settles once and leaves nothing', async (way) => {
    const server = await serve((request) => answer(request, TEXT));
    const client = clientOf(server, withTransport({ maxConnectionsPerOrigin: 1 }));
    await call(client, way);
    const open = (): number => server.connections - server.closedConnections;
    let isAnswered = false;
    for (let step = 0, isOver = false; !isOver; step++) {
      if (where === 'on a new connection') {
        server.endConnections();
        expect(await happens(() => open() === 0)).toBe(true);
      }
      const controller = new AbortController();
      const steps = atStep(step, () => controller.abort('first'));
      const outcome = await watch(call(client, way, controller.signal)).end;
      await happens(() => false, 3);
      steps.end();
      isOver = steps.passed <= step;
      isAnswered = outcome.text !== undefined;
      // The network is not the same twice, so that neither is the number of steps.
      expect(outcome, `aborted at step ${step}`).toEqual(isAnswered ? { text: TEXT } : { error: 'first' });
      expect([getEventListeners(controller.signal, 'abort').length, client.metrics().active]).toEqual([0, 0]);
      // The one connection there may be can serve the next.
      expect((await watch(call(client, way)).end).text, `after step ${step}`).toBe(TEXT);
      expect(await happens(() => open() <= 1)).toBe(true);
    }
    expect(isAnswered).toBe(true);
  });
});

test.each(KINDS)('F53: a %s whose signal is aborted already asks nobody', async (kind) => {
  const { client, provider } = open({ options: () => [withCache(true)] });
  const { error } = await watch(ask(client, kind, QUESTION, { signal: AbortSignal.abort('before') })).end;
  expect([error, provider.stats().calls, client.metrics().active]).toEqual(['before', 0, 0]);
  await client.close();
});
