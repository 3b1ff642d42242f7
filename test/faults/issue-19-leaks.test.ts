/** litellm#12685, #27954, #38193, openai-node#1811, qwen-code#4810, claude-code#2629: listeners and buffers grow for ever. */
import { getEventListeners } from 'node:events';
import { expect } from 'vitest';
import { answer, ask, immune, KINDS, serve, watch } from './harness.js';

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
