/** F26 to F28: a loop that stood still, a calendar that jumps, and durations at the edges of numbers. */
import { expect, test } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import {
  type ClientOption,
  isConfigError,
  isDeadlineError,
  withCache,
  withCircuitBreaker,
  withClock,
  withFirstTokenTimeout,
  withRateLimiting,
  withRetryDelay,
  withStreamIdleTimeout,
  withTimeout,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { createGate } from '../llm/puppet.js';
import { answer, ask, clientOf, DONE, delta, finish, happens, role, serve, sse, watch } from './harness.js';

/** As long as the row says. */
const BLOCK_MS = 500;

/** A clock whose timers without delay get their turn as real ones do: when the loop has read what lies in its sockets. */
function withRealTurns(clock: FakeClock): Clock {
  return {
    ...clock,
    setTimer(delayMs, fn) {
      if (delayMs > 0) return clock.setTimer(delayMs, fn);
      const turn = setImmediate(fn);
      return () => clearImmediate(turn);
    },
  };
}

/** Every limit that may be late, and what has come of the stream before the loop stood still. */
const LATE_LIMITS: Readonly<Record<string, { readonly limit: ClientOption; readonly before: string }>> = {
  'the idle timeout': { limit: withStreamIdleTimeout('1s'), before: role + delta('one ') },
  'the first-token timeout': { limit: withFirstTokenTimeout('1s'), before: role },
  'the timeout of the attempt': { limit: withTimeout('1s'), before: role + delta('one ') },
  'the total timeout': { limit: withTotalTimeout('1s'), before: role + delta('one ') },
};

test.each(Object.entries(LATE_LIMITS))(
  'F26: what arrived while the loop stood still wins over %s, whose timer runs before it is read',
  async (_, { limit, before }) => {
    const gate = createGate();
    const body = role + delta('one ') + delta('two ') + finish + DONE;
    const beforeSlice = async (index: number): Promise<void> => (index === 0 ? undefined : gate.passed);
    const server = await serve((_request, index) =>
      index === 0 ? sse(body, { sliceBytes: before.length, beforeSlice }) : sse(before, { hang: 'before-end' }),
    );
    const clock = createFakeClock();
    const client = clientOf(server, withClock(withRealTurns(clock)), limit);
    const call = watch(ask(client, 'stream', 'why?'));
    await server.until(({ requests }) => requests.length === 1);
    await happens(() => false, 500);
    // Two callbacks of one turn, so that the loop reads no socket in between: the rest is sent, and all timers are late.
    setImmediate(() => gate.open());
    setImmediate(() => clock.advance(5_000));
    expect(await call.end).toEqual({ text: 'one two ' });
    // It is a limit none the less.
    const silent = watch(ask(client, 'stream', 'why not?'));
    await server.until(({ requests }) => requests.length === 2);
    await happens(() => false, 500);
    setImmediate(() => clock.advance(5_000));
    expect(isDeadlineError((await silent.end).error)).toBe(true);
  },
);

test('F26: how long the loop stood still is told, and the call that it stopped ends well', async () => {
  const gate = createGate();
  const server = await serve(async (request) => {
    await gate.passed;
    return answer(request, 'late');
  });
  const client = clientOf(server);
  const call = watch(ask(client, 'chat', 'why?'));
  await server.until(({ requests }) => requests.length === 1);
  const start = performance.now();
  while (performance.now() - start < BLOCK_MS);
  while (client.metrics().maxEventLoopLag < BLOCK_MS / 2) await new Promise(setImmediate);
  gate.open();
  expect(await call.end).toEqual({ text: 'late' });
  const page = client.prometheus();
  expect(Number(/^sherd_llm_event_loop_lag_max_seconds (.+)$/m.exec(page)?.[1])).toBeGreaterThan(BLOCK_MS / 2000);
});

test('F27: a calendar that jumps an hour either way moves no breaker and no life of an answer', async () => {
  for (const hours of [1, -1]) {
    let isDown = true;
    const server = await serve((request) => (isDown ? { status: 500 } : answer(request, 'ok')));
    const clock = createFakeClock();
    const client = clientOf(
      server,
      withClock(clock),
      withCache(true, '10m'),
      withCircuitBreaker({ failureThreshold: 1, resetTimeout: '30s', successThreshold: 1 }),
    );
    await watch(ask(client, 'chat', 'a')).end;
    clock.setWallMs(clock.wallMs() + hours * 3_600_000);
    expect((await watch(ask(client, 'chat', 'a')).end).error).toMatchObject({ code: 'ERR_CIRCUIT_OPEN' });
    expect(server.requests.length).toBe(1);
    isDown = false;
    await clock.advanceAsync(30_000);
    expect((await watch(ask(client, 'chat', 'a')).end).text).toBe('ok');
    clock.setWallMs(clock.wallMs() - hours * 7_200_000);
    const hit = await client.chat([{ role: 'user', content: 'a' }]);
    expect([hit.cached, (hit.ageMs ?? -1) >= 0]).toEqual([true, true]);
    await clock.advanceAsync(600_000);
    expect((await client.chat([{ role: 'user', content: 'a' }])).cached).toBe(false);
  }
});

test('F27: a calendar that jumps an hour either way gives nobody a turn at a rate limit, and takes none away', async () => {
  for (const hours of [1, -1]) {
    const server = await serve((request) => answer(request, 'ok'));
    const clock = createFakeClock();
    const limit = withRateLimiting({ requestsPerMinute: 6, requestBurst: 1 });
    const client = clientOf(server, withClock(clock), limit);
    expect((await watch(ask(client, 'chat', 'a')).end).text).toBe('ok');
    clock.setWallMs(clock.wallMs() + hours * 3_600_000);
    const { error } = await watch(ask(client, 'chat', 'b', { totalTimeout: '9s' })).end;
    expect(error).toMatchObject({ code: 'ERR_RATE_LIMITED', retryAfterMs: 10_000 });
    const waiting = watch(ask(client, 'chat', 'b'));
    await clock.advanceAsync(9_999);
    expect([waiting.outcome, server.requests.length]).toEqual([undefined, 1]);
    await clock.advanceAsync(1);
    expect((await waiting.end).text).toBe('ok');
  }
});

const DURATIONS: Readonly<Record<string, (value: number) => ClientOption>> = {
  withTimeout,
  withTotalTimeout,
  withStreamIdleTimeout,
  withRetryDelay,
};
test('F28: a duration that is no number, negative, or beyond what timers hold is refused, not a timer of 1 ms', async () => {
  const server = await serve((request) => answer(request, 'ok'));
  for (const [name, option] of Object.entries(DURATIONS)) {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1, 2 ** 31, Number.MAX_VALUE]) {
      let error: unknown;
      try {
        clientOf(server, option(value));
      } catch (caught) {
        error = caught;
      }
      expect(isConfigError(error), `${name}(${value})`).toBe(true);
    }
  }
  expect(await watch(ask(clientOf(server, withTimeout('24h')), 'chat', 'why?')).end).toEqual({ text: 'ok' });
});
