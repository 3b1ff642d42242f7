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
  withRetryBudget,
  withRetryCount,
  withRetryDelay,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import type { Script, ScriptedServer } from '../../src/testing/scripted-server.js';
import { fc } from '../support/property.js';
import { answer, ask, clientOf, failure, type Outcome, role, serve, sse, watch } from './harness.js';

interface Scene {
  readonly server: ScriptedServer;
  readonly client: Client;
  readonly clock: FakeClock;
  /** Delays of the retries, in ms. */
  readonly waits: readonly number[];
  /** Lets time pass until the call has ended. */
  end(question?: string): Promise<Outcome>;
}
async function setUp(script: Script, ...options: readonly ClientOption[]): Promise<Scene> {
  const server = await serve(script);
  const clock = createFakeClock();
  const free = withRetryBudget({ share: 1, minPerSecond: 1000 });
  const client = clientOf(server, withClock(clock), withRetryDelay(1000), free, ...options);
  const timersOfCache = clock.pendingTimers;
  const waits: number[] = [];
  client.on('retry', ({ delayMs }) => waits.push(delayMs));
  async function end(question = 'why?'): Promise<Outcome> {
    const call = watch(ask(client, 'chat', question));
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
    expect(wait).toBeGreaterThanOrEqual(2000);
    expect(wait).toBeLessThanOrEqual(2000 + 1000 * 2 ** i);
  }
  expect(client.metrics()).toMatchObject({ breakerOpenings: 0, rateLimited: 3 });
});

test('F2: whatever Retry-After says, the wait is what it asks up to 60 s, or the computed one', async () => {
  const value = fc.oneof(
    fc.integer({ min: -10, max: 100 }).map(String),
    fc.constantFrom('1000000000', '1e9', 'soon', '', ' ', '-1', 'NaN', 'Infinity', '0x10', '9'.repeat(40)),
    fc.integer({ min: -1e6, max: 1e6 }).map((s) => new Date(Date.UTC(2026, 0, 1) + s * 1000).toUTCString()),
    fc.string({ unit: fc.constantFrom('1', '.', ',', ' ', 'a', '-') }),
  );
  await fc.assert(
    fc.asyncProperty(value, async (retryAfter) => {
      const { client, end, waits } = await setUp(after(429, { 'retry-after': retryAfter }), withRetryCount(1));
      expect(await end()).toEqual({ text: 'ok' });
      const [wait = Number.NaN] = waits;
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(60_000);
      const seconds = /^\s*\d+(\.\d+)?\s*$/.test(retryAfter) ? Number(retryAfter) : Number.NaN;
      if (seconds <= 59) expect(wait).toBeGreaterThanOrEqual(seconds * 1000);
      await client.close();
    }),
    { numRuns: 40 },
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

test('F3: a 429 without a header is waited for with full jitter', async () => {
  const { end, waits } = await setUp(after(429, {}, 4), withRetryCount(4));
  expect(await end()).toEqual({ text: 'ok' });
  expect(waits.length).toBe(4);
  for (const [i, wait] of waits.entries()) expect(wait).toBeLessThan(1000 * 2 ** i);
  expect(new Set(waits).size).toBe(4);
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
  expect(waits[0]).toBeGreaterThanOrEqual(7000);
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

test.each([408, 409, 425])('F8: a %i is tried again', async (status) => {
  const { server, end } = await setUp(after(status), withRetryCount(1));
  expect(await end()).toEqual({ text: 'ok' });
  expect(server.requests.length).toBe(2);
});
