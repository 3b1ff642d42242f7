/** litellm#12685, #27954, #38193, openai-node#1811, qwen-code#4810, claude-code#2629: listeners and buffers grow for ever. */
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import {
  createClient,
  isQueueFullError,
  withAdaptiveConcurrency,
  withClock,
  withModel,
  withProvider,
  withQueue,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';
import { answer, ask, closing, immune, KINDS, type Kind, serve, watch } from './harness.js';

immune('issue 19: a signal that outlives a thousand calls holds no listener of theirs', async (make) => {
  const server = await serve((request) => answer(request, 'ok'));
  const client = make({ servers: [server], places: 20, cache: true, retries: 0 });
  const { signal } = new AbortController();
  for (let round = 0; round < 20; round++) {
    const calls = Array.from({ length: 50 }, (_, i) => {
      const kind = KINDS[i % 2] as 'chat' | 'stream';
      // A tenth of the calls have left before they are answered.
      const own = new AbortController();
      const call = watch(ask(client, kind, `q ${round} ${i >> 1}`, { signal: i % 10 === 9 ? own.signal : signal }));
      if (i % 10 === 9) own.abort('left');
      return call.end;
    });
    await Promise.all(calls);
    expect(getEventListeners(signal, 'abort').length, `round ${round}`).toBe(0);
  }
  expect(client.active()).toBe(0);
});

test('issue 19: a queue grows to its bound and no further, and what it drops is told and counted', async () => {
  const CALLS = 10_000;
  const clock = createFakeClock();
  const provider = createScriptedProvider({ clock, answers: 'ok', latency: { firstMs: 10 }, keepCalls: 1 });
  const client = closing(
    createClient(
      withProvider(provider),
      withModel('m'),
      withClock(clock),
      withAdaptiveConcurrency({ min: 4, max: 4 }),
      withQueue({ maxSize: 50, mode: 'drop' }),
    ),
  );
  const calls = Array.from({ length: CALLS }, (_, i) => watch(ask(client, KINDS[i % 2] as Kind, `question ${i}`)));
  await clock.advanceAsync(0);
  expect([provider.stats().active, client.metrics().active, client.metrics().queueDropped]).toEqual([
    4,
    54,
    CALLS - 54,
  ]);
  await clock.advanceAsync(1000);
  const ends = await Promise.all(calls.map(({ end }) => end));
  expect(ends.filter(({ text }) => text === 'ok')).toHaveLength(54);
  expect(ends.filter(({ error }) => isQueueFullError(error))).toHaveLength(CALLS - 54);
  expect([provider.stats().calls, client.metrics().active, clock.pendingTimers]).toEqual([54, 0, 0]);
});
