/** F54 and F55: closing at every point, and callbacks that throw. */
import { expect, test } from 'vitest';
import {
  type ClientOption,
  createClient,
  isClosedError,
  isProviderError,
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

test('F54: closing at any moment, twice, ends what is under way after its grace, and refuses what comes', async () => {
  for (let atMs = 0; atMs <= 80; atMs += 4) {
    const { client, clock, provider } = setUp(withCache(true));
    const calls = KINDS.map((kind) => watch(ask(client, kind, 'why?')));
    await clock.advanceAsync(atMs);
    const closes = [client.close(), client.close()];
    expect(closes[0]).toBe(closes[1]);
    await clock.advanceAsync(10_000);
    await closes[0];
    for (const { end } of calls) {
      const { text, error } = await end;
      expect(text === 'a b c' || isClosedError(error), `closed at ${atMs} ms`).toBe(true);
    }
    for (const kind of KINDS) expect(isClosedError((await watch(ask(client, kind, 'late')).end).error)).toBe(true);
    expect([clock.pendingTimers, provider.stats().active, client.metrics().active]).toEqual([0, 0, 0]);
  }
});

test('F55: whatever callbacks throw is contained and counted, or a typed error, and nothing stays under way', async () => {
  const boom = (): never => {
    throw new Error('boom');
  };
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
  expect(client.metrics().containedErrors).toBeGreaterThan(0);
  expect([provider.stats().active, client.metrics().active]).toEqual([0, 0]);
  const strict = setUp(withResponseValidator(boom));
  const refused = watch(strict.client.chat([userMessage('why?')]));
  await strict.clock.advanceAsync(1000);
  const { error } = await refused.end;
  expect(isProviderError(error) && error.code).toBe('ERR_PROVIDER_INVALID_ANSWER');
});
