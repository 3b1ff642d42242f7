/** litellm#13774, #9178, #30223, #31499, Mesh-LLM#1406: the caller has left, and the upstream runs on and is paid for. */
import { expect } from 'vitest';
import type { ScriptedReply } from '../../src/testing/scripted-server.js';
import { createGate, settle } from '../llm/puppet.js';
import { ask, delta, happens, immune, json, KINDS, type Kind, role, serve, sse, streamed, watch } from './harness.js';

const PHASES: Readonly<Record<string, Readonly<Record<Kind, ScriptedReply>>>> = {
  'before the head': { chat: { hang: 'before-head' }, stream: { hang: 'before-head' } },
  'before the first token': {
    chat: json('x', { hang: 'before-body' }),
    stream: sse(role, { hang: 'before-end' }),
  },
  'amid the answer': {
    chat: json('x', { cutAfterBytes: 10, hang: 'before-end' }),
    stream: sse(role + delta('one '), { hang: 'before-end' }),
  },
};

/** How many ask the same and leave: without a cache one, with one the last of several. */
const CALLERS = [
  { cache: false, callers: 1 },
  { cache: true, callers: 1 },
  { cache: true, callers: 3 },
];

immune('issue 8: when its callers have left, in any phase, the upstream request is closed', async (make) => {
  for (const [phase, replies] of Object.entries(PHASES)) {
    for (const kind of KINDS) {
      for (const { cache, callers } of CALLERS) {
        const server = await serve([replies[kind]]);
        const client = make({ servers: [server], retries: 0, cache });
        const controllers = Array.from({ length: callers }, () => new AbortController());
        const calls = controllers.map(({ signal }) => watch(ask(client, kind, 'why?', { signal })));
        await server.until(({ requests }) => requests.length === 1);
        // What was sent of the answer is read.
        await settle(20);
        const where = `${kind}, ${phase}, ${callers} callers, cache: ${cache}`;
        for (const [i, controller] of controllers.entries()) {
          expect(server.closedConnections, where).toBe(0);
          const reason = new Error('left');
          controller.abort(reason);
          expect(await calls[i]?.end, where).toEqual({ error: reason });
        }
        expect(await happens(() => server.closedConnections === 1), where).toBe(true);
        expect([client.active(), server.requests.length], where).toEqual([0, 1]);
      }
    }
  }
});

immune('issue 8: a request that others wait for is not closed when one of them leaves', async (make) => {
  const gate = createGate();
  const server = await serve([sse(streamed('All ', 'is ', 'well.'), { beforeSlice: () => gate.passed })]);
  const client = make({ servers: [server], cache: true, retries: 0 });
  const controller = new AbortController();
  const leaver = watch(ask(client, 'stream', 'why?', { signal: controller.signal }));
  const stayer = watch(ask(client, 'stream', 'why?'));
  await server.until(({ requests }) => requests.length === 1);
  controller.abort('left');
  expect(await leaver.end).toEqual({ error: 'left' });
  gate.open();
  expect(await stayer.end).toMatchObject({ text: 'All is well.' });
  expect([server.requests.length, server.closedConnections]).toEqual([1, 0]);
});
