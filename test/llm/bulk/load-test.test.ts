/** Load by schedule, on a fake clock. */
import { describe, expect, test } from 'vitest';
import { isConfigError, type LoadReport, loadTestLLM, userMessage, withCache } from '../../../src/llm/index.js';
import { sleep } from '../../../src/resilience/timer.js';
import type { FakeClock } from '../../../src/testing/fake-clock.js';
import { answerOf, fail, hang, type Play, rejection, settle, speak } from '../puppet.js';
import { setUp } from '../puppet-client.js';

/** Answers after so long on the test's clock. */
function after(waitMs: (index: number) => number, clock: () => FakeClock): Play {
  return async function* (call, index) {
    await sleep(clock(), waitMs(index), call.signal);
    yield* speak(call, 'ok');
  };
}
function slow(waitMs: (index: number) => number) {
  const made: ReturnType<typeof setUp> = setUp(after(waitMs, () => made.clock));
  return made;
}

describe('calls begin by the schedule', () => {
  test('evenly, whether those before them have ended or not', async () => {
    const { client, clock, puppet } = slow(() => 5000);
    const report = loadTestLLM(client, { duration: '2s', rps: 4, prompts: ['a', 'b'], clock });
    const begun: number[] = [];
    for (let step = 0; step < 8; step++) {
      await clock.advanceAsync(step === 0 ? 0 : 250);
      begun.push(puppet.calls.length);
    }
    expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await clock.advanceAsync(10_000);
    expect(await report).toMatchObject({ planned: 8, sent: 8, answered: 8, failed: 0, maxInFlight: 8, offeredRps: 4 });
    expect(puppet.calls.map(({ request }) => request.messages[0]?.content).join('')).toBe('abababab');
    expect(clock.pendingTimers).toBe(0);
  });

  test.each([
    [1000, '3s', 3000],
    [7, '10s', 70],
    [0.5, '4s', 2],
    [100, 5, 1],
  ] as const)('%s a second for %s are %s calls', async (rps, duration, planned) => {
    const { client, clock } = slow(() => 1);
    const report = loadTestLLM(client, { duration, rps, prompts: ['a'], clock });
    await clock.advanceAsync(20_000);
    expect(await report).toMatchObject({ planned, sent: planned, answered: planned });
  });
});

describe('a latency', () => {
  test('counts from the moment the call should have begun, so that a stall is felt by all who had to wait', async () => {
    // One place, and the first answer takes a second: the others wait for it.
    const { client, clock } = slow((index) => (index === 0 ? 1000 : 1));
    const report = loadTestLLM(client, { duration: '1s', rps: 10, prompts: ['a'], maxInFlight: 1, clock });
    await clock.advanceAsync(2000);
    const { latency, startDelay, maxInFlight } = await report;
    expect(maxInFlight).toBe(1);
    // 1000, then 1000 - 100 + 1, 1000 - 200 + 2, ...: a closed loop would have seen one slow call in ten.
    expect([latency.maxMs, latency.avgMs]).toEqual([
      1000,
      (1000 + 901 + 802 + 703 + 604 + 505 + 406 + 307 + 208 + 109) / 10,
    ]);
    expect(latency.p50Ms).toBeGreaterThan(0.98 * 505);
    expect(latency.p50Ms).toBeLessThan(1.02 * 604);
    expect(startDelay.maxMs).toBe(900);
  });

  test('has quantiles within one percent, of answers and of failures apart', async () => {
    const { client, clock } = slow((index) => index + 1);
    const report = loadTestLLM(client, { duration: '100s', rps: 10, prompts: ['a'], clock });
    await clock.advanceAsync(200_000);
    const { latency, failureLatency, achievedRps } = await report;
    for (const [share, ms] of [
      [latency.p50Ms, 500],
      [latency.p90Ms, 900],
      [latency.p95Ms, 950],
      [latency.p99Ms, 990],
    ] as const)
      expect(Math.abs(share - ms)).toBeLessThanOrEqual(0.011 * ms);
    expect([latency.maxMs, failureLatency.maxMs]).toEqual([1000, 0]);
    expect(achievedRps).toBeCloseTo(1000 / 100.9, 5);
  });
});

test('the report counts failures by code, hits, tokens and money', async () => {
  const { client, clock } = setUp(
    (call, index) => (index === 1 ? fail(500) : speak(call, 'ok')),
    withCache(true, '1h'),
  );
  const report = loadTestLLM(client, {
    duration: '1s',
    rps: 5,
    makeMessages: (index) => [userMessage(index < 3 ? `${index}` : '0')],
    clock,
  });
  await clock.advanceAsync(2000);
  expect(await report).toMatchObject({
    answered: 4,
    failed: 1,
    errors: { ERR_PROVIDER_STATUS: 1 },
    cached: 2,
    shared: 0,
    inputTokens: 2 * (answerOf('').usage?.inputTokens ?? 0),
    outputTokens: 2 * (answerOf('').usage?.outputTokens ?? 0),
    cost: 0,
    unpriced: 2,
  });
});

test('progress is told about as often as asked for, and an abort ends the test and all its calls', async () => {
  const { client, clock, puppet } = slow((index) => (index < 40 ? 1 : 1e9));
  const told: LoadReport[] = [];
  const controller = new AbortController();
  const report = rejection(
    loadTestLLM(client, {
      duration: '10s',
      rps: 10,
      prompts: ['a'],
      clock,
      signal: controller.signal,
      progressInterval: '1s',
      onProgress: (progress) => told.push(progress),
    }),
  );
  await clock.advanceAsync(5000);
  expect(told.map(({ answered }) => answered)).toEqual([11, 21, 31]);
  controller.abort('enough');
  expect(await report).toBe('enough');
  await settle();
  expect([client.metrics().active, puppet.aborted, clock.pendingTimers]).toEqual([0, 11, 0]);
});

test('what the caller throws ends the test, and options that make no sense are refused without a prompt', async () => {
  const { client, clock, puppet } = setUp(hang);
  const broken = loadTestLLM(client, {
    duration: '1s',
    rps: 10,
    clock,
    makeMessages(index) {
      if (index === 1) throw new Error('no more');
      return [userMessage('a')];
    },
  });
  const ended = rejection(broken);
  await clock.advanceAsync(500);
  expect(await ended).toMatchObject({ message: 'no more' });
  await settle();
  expect([client.metrics().active, puppet.calls.length, clock.pendingTimers]).toEqual([0, 1, 0]);
  const bad = { duration: 0, rps: -1, maxInFlight: 0, colour: 'red', prompts: ['secret'] } as never;
  const error = await rejection(loadTestLLM(client, bad));
  expect(error).toMatchObject({
    issues: [{ path: 'colour' }, { path: 'duration' }, { path: 'rps' }, { path: 'maxInFlight' }],
  });
  for (const prompts of [undefined, [], 'secret', [7, 'secret']] as never[]) {
    const refused = await rejection(loadTestLLM(client, { duration: 1, rps: 1, prompts }));
    expect([isConfigError(refused), String(refused).includes('secret')]).toEqual([true, false]);
  }
});
