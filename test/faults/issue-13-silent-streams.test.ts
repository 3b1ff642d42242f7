/** kimi-code#1798, opencode#37580: a stream goes silent, and nothing times out. */
import { expect } from 'vitest';
import { isDeadlineError } from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { settle } from '../llm/puppet.js';
import { ask, delta, happens, immune, role, serve, sse, watch } from './harness.js';

immune('issue 13: a stream that goes silent is ended after its limit, and its connection closed', async (make) => {
  const server = await serve([sse(role + delta('one ') + delta('two '), { hang: 'before-end' })]);
  const clock = createFakeClock();
  const client = make({ servers: [server], clock, idleMs: 30_000, timeoutMs: 3_600_000, retries: 0 });
  const call = watch(ask(client, 'stream', 'why?'));
  await server.until(({ requests }) => requests.length === 1);
  await happens(() => false, 500);
  await clock.advanceAsync(29_999);
  expect(call.outcome).toBeUndefined();
  await clock.advanceAsync(1);
  await settle(20);
  expect(isDeadlineError(call.outcome?.error) && call.outcome.error.kind).toBe('idle');
  expect(await happens(() => server.closedConnections === 1)).toBe(true);
  expect([client.active(), clock.pendingTimers]).toEqual([0, 0]);
});
