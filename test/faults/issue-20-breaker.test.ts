/** ray#65068, agberohq#7, Uni-Event#765, synthorg#2445: late failures prolong the cooldown, or a burst goes through the probe. */
import { expect } from 'vitest';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createGate } from '../llm/puppet.js';
import { ask, bodyOf, happens, immune, json, serve, watch } from './harness.js';

immune('issue 20: one probe at a time tries a broken provider, and late failures do not keep it shut', async (make) => {
  let isDown = true;
  const late = createGate();
  const probing = createGate();
  const server = await serve(async (request) => {
    const question = bodyOf(request).messages[0]?.content;
    if (question === 'late') await late.passed;
    if (question?.startsWith('probe')) await probing.passed;
    return isDown || question === 'late' ? { status: 500 } : json('ok');
  });
  const clock = createFakeClock();
  const breaker = { failureThreshold: 2, resetMs: 1000 };
  const client = make({ servers: [server], clock, retries: 0, breaker });
  const slow = watch(ask(client, 'chat', 'late'));
  await server.until(({ requests }) => requests.length === 1);
  for (let i = 0; i < 2; i++) expect((await watch(ask(client, 'chat', `fails ${i}`)).end).error).toBeDefined();
  // Open: nobody is let through.
  expect((await watch(ask(client, 'chat', 'refused')).end).error).toBeDefined();
  expect(server.requests.length).toBe(3);
  isDown = false;
  await clock.advanceAsync(1000);
  const probes = Array.from({ length: 10 }, (_, i) => watch(ask(client, 'chat', `probe ${i}`)));
  await server.until(({ requests }) => requests.length > 3);
  await happens(() => server.requests.length > 4, 1000);
  expect(server.requests.length, 'probes that were let through').toBe(4);
  // A failure from before the outage tells nothing of now.
  late.open();
  expect((await slow.end).error).toBeDefined();
  probing.open();
  const ends = await Promise.all(probes.map(({ end }) => end));
  expect(ends.filter(({ text }) => text === 'ok')).toHaveLength(1);
  expect((await watch(ask(client, 'chat', 'after')).end).text).toBe('ok');
});
