/** F1 to F8: what the client makes of every error status, over real HTTP, its waits on a fake clock. */
import { expect, test } from 'vitest';
import {
  type Client,
  type ClientOption,
  isProviderError,
  isRateLimitError,
  userMessage,
  withCache,
  withCircuitBreaker,
  withClock,
  withFallback,
  withRateLimiting,
  withRetryBudget,
  withRetryCount,
  withRetryDelay,
  withSeed,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import type { Script, ScriptedServer } from '../../src/testing/scripted-server.js';
import { fc } from '../support/property.js';
import {
  answer,
  ask,
  clientOf,
  failure,
  happens,
  KINDS,
  type Kind,
  type Outcome,
  role,
  serve,
  sse,
  watch,
} from './harness.js';

interface Scene {
  readonly server: ScriptedServer;
  readonly client: Client;
  readonly clock: FakeClock;
  /** Delays of the retries, in ms. */
  readonly waits: readonly number[];
  /** Lets time pass until the call has ended. */
  end(question?: string, kind?: Kind): Promise<Outcome>;
}
async function setUp(script: Script, ...options: readonly ClientOption[]): Promise<Scene> {
  const server = await serve(script);
  const clock = createFakeClock();
  const free = withRetryBudget({ share: 1, minPerSecond: 1000 });
  const client = clientOf(server, withClock(clock), withRetryDelay(1000), free, ...options);
  const timersOfCache = clock.pendingTimers;
  const waits: number[] = [];
  client.on('retry', ({ delayMs }) => waits.push(delayMs));
  async function end(question = 'why?', kind: Kind = 'chat'): Promise<Outcome> {
    const call = watch(ask(client, kind, question));
    for (;;) {
      // A wait is passed over only once the retry has been told of: what is under way on the wire takes no time here.
      const before = waits.length;
      while (call.outcome === undefined && waits.length === before) await new Promise(setImmediate);
      if (call.outcome !== undefined) break;
      await clock.advanceAsync(waits.at(-1) ?? 0);
    }
    expect([client.metrics().active, clock.pendingTimers]).toEqual([0, timersOfCache]);
    return call.outcome;
  }
  return { server, client, clock, waits, end };
}
const after =
  (status: number, headers: Record<string, string> = {}, times = 1): Script =>
  (request, index) =>
    index < times ? { status, headers } : answer(request, 'ok');

test('F1: a 429 with Retry-After: 2 is waited for 2 s and the jitter, and does not trip the breaker', async () => {
  const { client, end, waits } = await setUp(
    after(429, { 'retry-after': '2' }, 3),
    withRetryCount(3),
    withCircuitBreaker({ failureThreshold: 1 }),
  );
  expect(await end()).toEqual({ text: 'ok' });
  expect(waits.length).toBe(3);
  for (const [i, wait] of waits.entries()) {
    // Who was told the same time does not come back at the same time.
    expect(wait).toBeGreaterThan(2000);
    expect(wait).toBeLessThan(2000 + 1000 * 2 ** i);
  }
  expect(client.metrics()).toMatchObject({ breakerOpenings: 0, rateLimited: 3 });
});

test('F1: who comes behind a 429 waits in the line of the rate limit for as long as it asked, and is then served', async () => {
  const server = await serve(after(429, { 'retry-after': '2' }));
  const clock = createFakeClock();
  const client = clientOf(server, withClock(clock), withRateLimiting(600));
  expect(isRateLimitError((await watch(ask(client, 'chat', 'first')).end).error)).toBe(true);
  const behind = KINDS.map((kind) => watch(ask(client, kind, 'behind')));
  await happens(() => false, 100);
  await clock.advanceAsync(1_999);
  expect([...behind.map(({ outcome }) => outcome), server.requests.length]).toEqual([undefined, undefined, 1]);
  await clock.advanceAsync(1);
  for (const { end } of behind) expect(await end).toEqual({ text: 'ok' });
  expect([server.requests.length, client.metrics().retries]).toEqual([3, 0]);
});

/** A value of Retry-After, and the seconds that it asks for; undefined when it asks for none. */
interface Wish {
  readonly retryAfter: string;
  readonly seconds: number | undefined;
}
const GARBAGE = ['1e9', 'soon', '', ' ', '-1', 'NaN', 'Infinity', '0x10', '1.', '1 2', '1,5', '9'.repeat(40)];
/** A day and more is a clock gone wrong. */
const ABSURD_SECONDS = 86_400;

function wishOf(retryAfter: string, seconds: number): Wish {
  return { retryAfter, seconds: seconds >= 0 && seconds <= ABSURD_SECONDS ? seconds : undefined };
}
function dateOf(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toUTCString();
}

test('F2: whatever Retry-After says, the wait is what it asks up to 60 s, or the computed one', async () => {
  const inNumbers = fc.oneof(fc.integer({ min: -10, max: 100 }), fc.constantFrom(86_400, 86_401, 1e9));
  const inDates = fc.oneof(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -1e6, max: 1e6 }));
  const wish = fc.oneof(
    inNumbers.map((seconds) => wishOf(String(seconds), seconds)),
    inDates.map((seconds) => wishOf(dateOf(seconds), seconds)),
    fc.constantFrom(...GARBAGE).map((retryAfter) => ({ retryAfter, seconds: undefined })),
  );
  await fc.assert(
    fc.asyncProperty(wish, async ({ retryAfter, seconds }) => {
      const { client, end, waits } = await setUp(after(429, { 'retry-after': retryAfter }), withRetryCount(1));
      expect(await end()).toEqual({ text: 'ok' });
      const [wait = Number.NaN] = waits;
      const asked = (seconds ?? 0) * 1000;
      expect(wait).toBeGreaterThanOrEqual(Math.min(asked, 60_000));
      expect(wait).toBeLessThanOrEqual(Math.min(asked + 1000, 60_000));
      await client.close();
    }),
    { numRuns: 80 },
  );
});

test('F2: a wait that cannot end before the deadline is none: the call fails, or the next target is asked, at once', async () => {
  const options = [withRetryCount(3), withTotalTimeout('10s')];
  const alone = await setUp([{ status: 429, headers: { 'retry-after': '30' } }], ...options);
  expect(isRateLimitError((await alone.end()).error)).toBe(true);
  const backed = await setUp([{ status: 429, headers: { 'retry-after': '30' } }], ...options, withFallback(['local']));
  expect((await backed.end('The sky is blue. What colour is the sky?')).text).toBe('The sky is blue.');
  expect([alone.clock.nowMs(), backed.clock.nowMs(), alone.server.requests.length]).toEqual([0, 0, 1]);
});

/** The greatest distance between the share of values up to a point and what it is of all of [0, 1) (Kolmogorov, Smirnov). */
function distanceFromUniform(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const distances = sorted.flatMap((value, i) => [value - i / sorted.length, (i + 1) / sorted.length - value]);
  return Math.max(...distances);
}

test('F3: a 429 without a header is waited for with full jitter: evenly from nothing to a ceiling that doubles', async () => {
  const CEILINGS = [4_000, 8_000, 16_000, 30_000, 30_000];
  const CALLS = 40;
  const refuseOften: Script = (request, index) =>
    index % (CEILINGS.length + 1) < CEILINGS.length ? { status: 429 } : answer(request, 'ok');
  async function waitsOf(seed: number): Promise<readonly number[]> {
    const options = [withRetryDelay('4s'), withRetryCount(CEILINGS.length), withTotalTimeout('10m'), withSeed(seed)];
    const { client, end, waits } = await setUp(refuseOften, ...options, withCircuitBreaker({ failureThreshold: 1 }));
    for (let i = 0; i < CALLS; i++) expect(await end(`question ${i}`)).toEqual({ text: 'ok' });
    // A provider that asks for time is not a broken one.
    expect(client.metrics()).toMatchObject({ rateLimited: waits.length, breakerOpenings: 0 });
    return waits;
  }
  const bySeed = [await waitsOf(1), await waitsOf(2), await waitsOf(3)];
  for (const [retry, ceiling] of CEILINGS.entries()) {
    const shares = bySeed
      .flatMap((waits) => waits.filter((_, i) => i % CEILINGS.length === retry))
      .map((ms) => ms / ceiling);
    expect(shares.length).toBe(bySeed.length * CALLS);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...shares)).toBeLessThan(1);
    // Of 120 values that are uniform, one in a thousand sets is further off.
    expect(distanceFromUniform(shares), `retry ${retry}, seeds 1 to 3`).toBeLessThan(0.178);
  }
  const [first, second, third] = bySeed.map((waits) => waits.join());
  expect(new Set([first, second, third]).size).toBe(3);
  expect((await waitsOf(1)).join()).toBe(first);
});

test.each([500, 502, 503, 504, 529])(
  'F4, F5: a %i is tried again as often as allowed, then the next target',
  async (status) => {
    const { client, server, end } = await setUp([{ status }], withRetryCount(2), withFallback(['local']));
    expect((await end('The sky is blue. What colour is the sky?')).text).toBe('The sky is blue.');
    expect([server.requests.length, client.metrics().fallbacks]).toEqual([3, 1]);
  },
);

test('F5: a 503 with Retry-After is waited for as a 429 is', async () => {
  const { end, waits } = await setUp(after(503, { 'retry-after': '7' }), withRetryCount(1));
  expect(await end()).toEqual({ text: 'ok' });
  expect(waits.length).toBe(1);
  expect(waits[0]).toBeGreaterThan(7000);
  expect(waits[0]).toBeLessThan(8000);
});

test('F6: overload as a 529, or as an error in a 200 stream, leads on and is not stored', async () => {
  for (const script of [[{ status: 529 }], [sse(role + failure('Overloaded'))]] as const) {
    const { client } = await setUp(script, withFallback(['local']), withCache(true));
    const question = [userMessage('The sky is blue. What colour is the sky?')];
    expect(await client.stream(question).final()).toMatchObject({ text: 'The sky is blue.', target: 1 });
    expect(client.metrics()).toMatchObject({ fallbacks: 1, stored: 1 });
    // What was stored is the answer of the other target, under its name.
    expect(await client.stream(question).final()).toMatchObject({ target: 1, cached: true });
  }
});

test('F6: overload in a 200 is tried again as a 529 is, whole and streamed; what says nothing of that is not', async () => {
  const errorOf = (type: string): string => JSON.stringify({ error: { type, message: 'no' } });
  for (const [type, requests] of [
    ['overloaded_error', 2],
    ['invalid_request_error', 1],
  ] as const) {
    for (const kind of KINDS) {
      const refusal = kind === 'chat' ? { body: errorOf(type) } : sse(`${role}data: ${errorOf(type)}\n\n`);
      const script: Script = (request, index) => (index === 0 ? refusal : answer(request, 'ok'));
      const { server, end } = await setUp(script, withRetryCount(3));
      const { text, error } = await end('why?', kind);
      expect([text ?? (isProviderError(error) && error.code), server.requests.length], `${kind}, ${type}`).toEqual([
        requests === 2 ? 'ok' : 'ERR_PROVIDER_IN_BODY',
        requests,
      ]);
    }
  }
});

test.each([400, 401, 403, 404, 422])('F7: a %i is asked once, trips no breaker and is not stored', async (status) => {
  const options = [withRetryCount(3), withCache(true), withCircuitBreaker({ failureThreshold: 1 })];
  const { client, server, end } = await setUp([{ status }], ...options);
  for (const time of [1, 2]) {
    const { error } = await end();
    expect(isProviderError(error) && [error.code, error.status, error.retryable]).toEqual([
      'ERR_PROVIDER_STATUS',
      status,
      false,
    ]);
    expect(server.requests.length).toBe(time);
  }
  expect(client.metrics()).toMatchObject({ breakerOpenings: 0, stored: 0, retries: 0 });
});

test.each([400, 401, 403, 404, 422])(
  'F7: a %i leads on to the next target, unless it is the request that is at fault',
  async (status) => {
    const { client, server, end } = await setUp([{ status }], withRetryCount(3), withFallback(['local']));
    const { text, error } = await end('The sky is blue. What colour is the sky?');
    const isAtFault = status === 400 || status === 422;
    expect(isAtFault ? isProviderError(error) && error.status : text).toBe(isAtFault ? status : 'The sky is blue.');
    expect([server.requests.length, client.metrics().fallbacks]).toEqual([1, isAtFault ? 0 : 1]);
  },
);

test.each([408, 409, 425])('F8: a %i is tried again', async (status) => {
  const { server, end } = await setUp(after(status), withRetryCount(1));
  expect(await end()).toEqual({ text: 'ok' });
  expect(server.requests.length).toBe(2);
});
