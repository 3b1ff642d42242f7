import { expect, test } from 'vitest';
import {
  type AttemptTrace,
  type ClientEvents,
  isProviderError,
  type ProviderError,
  withAttemptTrace,
  withCache,
  withCircuitBreaker,
  withFallback,
  withRetryCount,
  withRetryDelay,
} from '../../src/llm/index.js';
import { createPuppet, fail, hang, rejection, settle, speak } from './puppet.js';
import { question, setUp } from './puppet-client.js';

const shown = ({ provider, target, kind, outcome, code, status }: AttemptTrace): string =>
  [provider, target, kind, outcome, code, status].filter((part) => part !== undefined).join(' ');
const backup = (): { provider: ReturnType<typeof createPuppet>; model: string } => ({
  provider: createPuppet((call) => speak(call, 'from the backup'), 'openai'),
  model: 'gpt-4',
});

test('an answer lists its attempts with their kinds, times, outcomes and costs', async () => {
  const { client, clock } = setUp(
    async function* () {
      await new Promise<void>((resolve) => clock.setTimer(40, resolve));
      yield* fail(503);
    },
    withAttemptTrace(true),
    withRetryCount(1),
    withRetryDelay(0),
    withFallback([backup()]),
  );
  const answer = client.chat(question);
  await clock.advanceAsync(40);
  await clock.advanceAsync(40);
  const { attempts = [] } = await answer;
  expect(attempts.map(shown)).toEqual([
    'puppet 0 first failed ERR_PROVIDER_STATUS 503',
    'puppet 0 retry failed ERR_PROVIDER_STATUS 503',
    'openai 1 fallback ok',
  ]);
  expect(attempts.map(({ startMs, durationMs }) => [startMs, durationMs])).toEqual([
    [0, 40],
    [40, 40],
    [80, 0],
  ]);
  expect(attempts.map(({ cost }) => cost)).toEqual([undefined, undefined, (10 * 30 + 5 * 60) / 1e6]);
  expect(attempts.map(({ firstTokenMs }) => firstTokenMs)).toEqual([undefined, undefined, 0]);
});

test('a refusal of the open breaker is an attempt', async () => {
  const { client } = setUp(
    () => fail(503),
    withAttemptTrace(true),
    withCircuitBreaker({ failureThreshold: 1 }),
    withFallback([backup()]),
  );
  await client.chat(question);
  const { attempts = [] } = await client.chat(question);
  expect(attempts.map(shown)).toEqual(['puppet 0 first failed ERR_CIRCUIT_OPEN', 'openai 1 fallback ok']);
});

test('a hedge and the late one that it overtook are told apart', async () => {
  const { client, clock } = setUp(
    hang,
    withAttemptTrace(true),
    withFallback([backup()], { mode: 'hedge', hedgeDelay: 100 }),
  );
  const ended: ClientEvents['call-ended'][] = [];
  client.on('call-ended', (event) => ended.push(event));
  const answer = client.chat(question);
  await clock.advanceAsync(100);
  const { attempts = [] } = await answer;
  expect(attempts.map(shown)).toEqual(['puppet 0 first aborted', 'openai 1 hedge ok']);
  expect(attempts.map(({ startMs }) => startMs)).toEqual([0, 100]);
  expect(ended).toMatchObject([{ outcome: 'ok', attempts }]);
});

test('those of a race are told apart from fallbacks', async () => {
  const { client } = setUp(hang, withAttemptTrace(true), withFallback([backup()], { mode: 'race' }));
  const { attempts = [] } = await client.chat(question);
  expect(attempts.map(shown)).toEqual(['puppet 0 first aborted', 'openai 1 race ok']);
});

test('a failed call lists its failed attempts in its error, even a lone one, and all in its last event', async () => {
  const { client } = setUp(() => fail(400), withAttemptTrace(true));
  const ended: ClientEvents['call-ended'][] = [];
  client.on('call-ended', (event) => ended.push(event));
  const error = await rejection(client.chat(question));
  expect(isProviderError(error)).toBe(true);
  const failed = {
    provider: 'puppet',
    model: 'm',
    kind: 'first',
    startMs: 0,
    status: 400,
    code: 'ERR_PROVIDER_STATUS',
  };
  expect((error as ProviderError).attempts).toMatchObject([failed]);
  expect(ended).toMatchObject([{ outcome: 'failed', attempts: [failed] }]);
});

test('a caller who left sees the attempt that he left, in the last event', async () => {
  const { client } = setUp(hang, withAttemptTrace(true));
  const ended: ClientEvents['call-ended'][] = [];
  client.on('call-ended', (event) => ended.push(event));
  const controller = new AbortController();
  const left = rejection(client.chat(question, { signal: controller.signal }));
  await settle();
  controller.abort();
  await left;
  expect(ended[0]?.attempts?.map(shown)).toEqual(['puppet 0 first aborted']);
});

test('an answer from the cache, and one of another call, has none', async () => {
  const { client } = setUp((call) => speak(call, 'ok'), withAttemptTrace(true), withCache(true));
  const [own, joined] = await Promise.all([client.chat(question), client.stream(question).final()]);
  expect([own.attempts?.length, joined.shared, joined.attempts]).toEqual([1, true, []]);
  expect((await client.chat(question)).attempts).toEqual([]);
});

test('without the option there is no list', async () => {
  const { client } = setUp((call) => speak(call, 'ok'));
  expect(await client.chat(question)).not.toHaveProperty('attempts');
});
