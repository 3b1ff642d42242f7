/** bifrost#7035: retries went on for 20 minutes after their caller had left. */
import { expect } from 'vitest';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { ask, happens, immune, KINDS, serve, watch } from './harness.js';

immune('issue 9: an abort between two attempts is the end of it: no attempt more, and no timer', async (make) => {
  for (const kind of KINDS) {
    const server = await serve([{ status: 503 }]);
    const clock = createFakeClock();
    const client = make({ servers: [server], clock, retries: 5, retryDelayMs: 10_000 });
    const controller = new AbortController();
    const call = watch(ask(client, kind, 'why?', { signal: controller.signal }));
    await server.until(({ requests }) => requests.length === 1);
    expect(await happens(() => clock.pendingTimers > 0)).toBe(true);
    // The answer has come, and the next attempt is being waited for.
    await happens(() => false, 200);
    const reason = new Error('left');
    controller.abort(reason);
    expect(await call.end).toEqual({ error: reason });
    expect(clock.pendingTimers).toBe(0);
    await clock.advanceAsync(3_600_000);
    expect([await happens(() => server.requests.length > 1, 500), client.active()]).toEqual([false, 0]);
  }
});
