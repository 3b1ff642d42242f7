/** F25: a peer that is gone without a word: the connection stands, and nothing ever comes over it. */
import { expect, test } from 'vitest';
import { isDeadlineError, withClock, withTimeout } from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createFaultProxy } from '../../src/testing/fault-proxy.js';
import { answer, ask, clientOf, closing, happens, serve, watch } from './harness.js';

test('F25: a half-open connection is left at the timeout, closed, and not used again', async () => {
  const server = await serve((request) => answer(request, 'All is well.'));
  // The first connection answers once; then its far side goes, and the near side is not told.
  const proxy = closing(await createFaultProxy({ target: server.url, faults: [{ halfOpen: true }, {}] }));
  const clock = createFakeClock();
  const client = clientOf(proxy, withClock(clock), withTimeout('30s'));
  expect(await watch(ask(client, 'chat', 'first')).end).toEqual({ text: 'All is well.' });
  server.endConnections();
  await happens(() => false, 200);
  const stuck = watch(ask(client, 'chat', 'second'));
  await happens(() => false, 500);
  expect(stuck.outcome).toBeUndefined();
  await clock.advanceAsync(30_000);
  const { error } = await stuck.end;
  expect(isDeadlineError(error) && error.kind).toBe('attempt');
  expect(await watch(ask(client, 'chat', 'third')).end).toEqual({ text: 'All is well.' });
  expect(proxy.stats().accepted).toBe(2);
  expect([client.metrics().active, clock.pendingTimers]).toEqual([0, 0]);
});
