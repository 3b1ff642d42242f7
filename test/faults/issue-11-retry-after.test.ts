/** helicone#5672, MemOS#1620: how long the provider asks to wait is not heard, or lost between two layers. */
import { expect, test } from 'vitest';
import {
  userMessage,
  withClock,
  withFallback,
  withRetryCount,
  withRetryDelay,
  withTotalTimeout,
} from '../../src/llm/index.js';
import { createFakeClock, type FakeClock } from '../../src/testing/fake-clock.js';
import { fc } from '../support/property.js';
import { answer, ask, clientOf, happens, immune, serve, watch } from './harness.js';

const FORMS: Readonly<Record<string, (seconds: number, clock: FakeClock) => Record<string, string>>> = {
  seconds: (seconds) => ({ 'retry-after': String(seconds) }),
  'a date': (seconds, clock) => ({ 'retry-after': new Date(clock.wallMs() + seconds * 1000).toUTCString() }),
  milliseconds: (seconds) => ({ 'retry-after-ms': String(seconds * 1000) }),
};
const cases = fc.record({
  form: fc.constantFrom(...Object.keys(FORMS)),
  seconds: fc.integer({ min: 2, max: 50 }),
  status: fc.constantFrom(429, 503),
});

immune('issue 11: no attempt comes before the provider wants one, in whatever form it says so', async (make) => {
  async function check(form: string, seconds: number, status: number): Promise<void> {
    const clock = createFakeClock();
    const headers = FORMS[form]?.(seconds, clock) ?? {};
    const server = await serve((request, index) => (index === 0 ? { status, headers } : answer(request, 'now')));
    const client = make({ servers: [server], clock, retries: 1, retryDelayMs: 1000 });
    const call = watch(ask(client, 'chat', 'why?'));
    await server.until(({ requests }) => requests.length === 1);
    await happens(() => false, 100);
    await clock.advanceAsync(seconds * 1000 - 1);
    expect(await happens(() => server.requests.length > 1, 200), `${status}, ${form}, ${seconds} s`).toBe(false);
    // So that callers who were told the same do not come back together, the jitter of the backoff is on top.
    await clock.advanceAsync(1001);
    await happens(() => server.requests.length > 1);
    expect(await call.end).toEqual({ text: 'now' });
    await client.close();
  }
  for (const form of Object.keys(FORMS)) await check(form, 30, 429);
  await fc.assert(
    fc.asyncProperty(cases, ({ form, seconds, status }) => check(form, seconds, status)),
    { numRuns: 30 },
  );
});

test('issue 11: what would be too long a wait is none: the next target is asked at once', async () => {
  const primary = await serve([{ status: 429, headers: { 'retry-after': '3600' } }]);
  const clock = createFakeClock();
  const client = clientOf(
    primary,
    withClock(clock),
    withRetryCount(3),
    withRetryDelay(1000),
    // There would be time to wait, but not as long as it asks for.
    withTotalTimeout('10m'),
    withFallback(['local']),
  );
  const question = userMessage('The sky is blue. What colour is the sky?');
  const call = watch(client.chat([question]));
  expect(await happens(() => call.outcome !== undefined)).toBe(true);
  expect(call.outcome).toEqual({ text: 'The sky is blue.' });
  expect([primary.requests.length, clock.nowMs(), clock.pendingTimers]).toEqual([1, 0, 0]);
});
