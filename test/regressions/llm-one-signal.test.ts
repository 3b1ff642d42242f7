/** Seen by users of other clients as well (openai-node#1811): one signal for many calls at once, and Node warns of a leak. */
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { createClient, userMessage, withClock, withModel, withProvider } from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedProvider } from '../../src/testing/scripted-provider.js';

test('fifty calls under way with one signal are one listener on it, and none once it has aborted or they have ended', async () => {
  const clock = createFakeClock();
  const provider = createScriptedProvider({ clock, answers: { text: 'well', firstMs: 100 } });
  const client = createClient(withProvider(provider), withModel('m'), withClock(clock));
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = (): number => getEventListeners(signal, 'abort').length;
  const askAll = () => Array.from({ length: 50 }, (_, i) => client.chat([userMessage(`${i}`)], { signal }));

  const ended = askAll();
  expect(listeners()).toBe(1);
  await clock.advanceAsync(100);
  expect((await Promise.all(ended)).map(({ text }) => text)).toEqual(Array(50).fill('well'));
  expect(listeners()).toBe(0);

  const aborted = Promise.allSettled(askAll());
  expect(listeners()).toBe(1);
  controller.abort('enough');
  for (const end of await aborted) expect(end).toEqual({ status: 'rejected', reason: 'enough' });
  expect([listeners(), client.metrics().active]).toEqual([0, 0]);
  await client.close();
});
