/** vercel/ai#4224, ollama-js#72, OpenMAIC#1403: the HTTP library gives up after 300 s, whatever the user has said. */
import { expect } from 'vitest';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createGate } from '../llm/puppet.js';
import { answer, ask, immune, serve, watch } from './harness.js';

immune('issue 12: an answer that takes 310 s comes, when 900 s are allowed', async (make) => {
  const gate = createGate();
  const server = await serve(async (request) => {
    await gate.passed;
    return answer(request, 'at last');
  });
  const clock = createFakeClock();
  const client = make({ servers: [server], clock, timeoutMs: 900_000, retries: 0 });
  const call = watch(ask(client, 'chat', 'why?'));
  await server.until(({ requests }) => requests.length === 1);
  await clock.advanceAsync(310_000);
  gate.open();
  expect(await call.end).toEqual({ text: 'at last' });
});
