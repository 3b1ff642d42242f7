/** F54 and F55: closing at every point, and callbacks that throw. */
import { expect, test } from 'vitest';
import {
  type ClientEvents,
  type ClientOption,
  createClient,
  isClosedError,
  isProviderError,
  type Plugin,
  userMessage,
  withCache,
  withClock,
  withModel,
  withPlugins,
  withProvider,
  withResponseValidator,
  withRetryCount,
  withRetryDelay,
  withShouldCache,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import type { ScriptedAnswer } from '../../src/testing/scripted-answer.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';
import { ask, closing, KINDS, watch } from './harness.js';

function setUp(...options: readonly ClientOption[]) {
  const clock = createFakeClock();
  const failsFirst = { fault: { kind: 'status', status: 503 } } as const;
  const provider = createScriptedProvider({
    clock,
    latency: { firstMs: 10, chunkMs: 10 },
    answers: ({ repeat }) => (repeat === 0 ? failsFirst : 'a b c'),
  });
  const retries = [withRetryCount(1), withRetryDelay(20)];
  const client = closing(
    createClient(withProvider(provider), withModel('m'), withClock(clock), ...retries, ...options),
  );
  return { client, clock, provider };
}

test('F54: closing at any moment, twice, lets what is under way end within its grace, and refuses what comes', async () => {
  for (let atMs = 0; atMs <= 80; atMs += 4) {
    const { client, clock, provider } = setUp(withCache(true));
    const calls = KINDS.map((kind) => watch(ask(client, kind, 'why?')));
    await clock.advanceAsync(atMs);
    const closes = [client.close(), client.close()];
    expect(closes[0]).toBe(closes[1]);
    await clock.advanceAsync(10_000);
    await closes[0];
    for (const { end } of calls) expect(await end, `closed at ${atMs} ms`).toEqual({ text: 'a b c' });
    for (const kind of KINDS) expect(isClosedError((await watch(ask(client, kind, 'late')).end).error)).toBe(true);
    expect([clock.pendingTimers, provider.stats().active, client.metrics().active]).toEqual([0, 0, 0]);
  }
});

test('F54: what is still under way when the grace is over ends then, typed, wherever it is', async () => {
  const STALLS: Readonly<Record<string, ScriptedAnswer>> = {
    'before its answer': { text: 'a b c', firstMs: 3_600_000 },
    'amid its answer': { text: 'a b c', fault: { kind: 'stall', afterChunks: 2 } },
    'between two attempts': { fault: { kind: 'status', status: 503, headers: { 'retry-after': '60' } } },
  };
  for (const [where, answers] of Object.entries(STALLS)) {
    const clock = createFakeClock();
    const provider = createScriptedProvider({ clock, answers });
    const client = createClient(withProvider(provider), withModel('m'), withClock(clock), withRetryCount(1));
    const calls = KINDS.map((kind) => watch(ask(client, kind, kind)));
    await clock.advanceAsync(1_000);
    const closed = client.close();
    await clock.advanceAsync(4_999);
    expect(
      calls.map(({ outcome }) => outcome),
      where,
    ).toEqual([undefined, undefined]);
    await clock.advanceAsync(1);
    for (const { end } of calls) expect(isClosedError((await end).error), where).toBe(true);
    await closed;
    expect([clock.pendingTimers, provider.stats().active, client.metrics().active], where).toEqual([0, 0, 0]);
  }
});

const boom = (): never => {
  throw new Error('boom');
};
const boomLater = (): Promise<never> => Promise.reject(new Error('boom'));

type Callback = (fails: () => never) => {
  readonly options?: readonly ClientOption[];
  readonly event?: keyof ClientEvents;
};
/** One callback each, and how often it is called by a whole answer and a stream, which both need a second attempt. */
const CALLBACKS: Readonly<Record<string, { readonly callback: Callback; readonly times: number }>> = {
  shouldCache: { callback: (fails) => ({ options: [withCache(true), withShouldCache(fails)] }), times: 2 },
  beforeRequest: { callback: (beforeRequest) => pluggedIn({ beforeRequest }), times: 2 },
  afterResponse: { callback: (afterResponse) => pluggedIn({ afterResponse }), times: 2 },
  'a listener of call-ended': { callback: () => ({ event: 'call-ended' }), times: 2 },
  'a listener of upstream-call': { callback: () => ({ event: 'upstream-call' }), times: 4 },
  'a listener of retry': { callback: () => ({ event: 'retry' }), times: 2 },
};
function pluggedIn(plugin: Omit<Plugin, 'name'>): { readonly options: readonly ClientOption[] } {
  return { options: [withPlugins([{ name: 'loud', ...plugin }])] };
}

test.each(Object.entries(CALLBACKS))(
  'F55: what %s throws, or rejects with, is contained and counted, each time',
  async (_, { callback, times }) => {
    // A callback may be an async function of somebody who does not know that nobody waits for it.
    for (const fails of [boom, boomLater as unknown as typeof boom]) {
      const { options = [], event } = callback(fails);
      const { client, clock } = setUp(...options);
      if (event !== undefined) client.on(event, fails);
      for (const kind of KINDS) {
        const call = watch(ask(client, kind, kind));
        await clock.advanceAsync(1000);
        expect(await call.end).toEqual({ text: 'a b c' });
      }
      expect(client.metrics()).toMatchObject({ containedErrors: times, stored: 0, active: 0 });
    }
  },
);

test('F55: whatever callbacks throw at the same time is contained, or a typed error, and nothing stays under way', async () => {
  const { client, clock, provider } = setUp(
    withCache(true),
    withShouldCache(boom),
    withPlugins([{ name: 'loud', beforeRequest: boom, afterResponse: boom, onChunk: boom }]),
  );
  for (const kind of ['call-ended', 'upstream-call', 'retry', 'cache-hit'] as const) client.on(kind, boom);
  for (const kind of KINDS) {
    const call = watch(ask(client, kind, kind));
    await clock.advanceAsync(1000);
    expect(await call.end).toEqual({ text: 'a b c' });
  }
  expect([provider.stats().active, client.metrics().active]).toEqual([0, 0]);
  const strict = setUp(withResponseValidator(boom));
  const refused = watch(strict.client.chat([userMessage('why?')]));
  await strict.clock.advanceAsync(1000);
  const { error } = await refused.end;
  expect(isProviderError(error) && error.code).toBe('ERR_PROVIDER_INVALID_ANSWER');
});
