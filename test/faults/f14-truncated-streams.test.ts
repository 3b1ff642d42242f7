/** F14: a real stream, cut by a proxy at every byte of its body: at events, inside them, inside characters, before [DONE]. */
import { expect, test } from 'vitest';
import {
  isStreamTruncatedError,
  userMessage,
  withCache,
  withProvider,
  withRetryBudget,
  withRetryCount,
  withRetryDelay,
} from '../../src/llm/index.js';
import { createFaultProxy } from '../../src/testing/fault-proxy.js';
import { clientOf, closing, DONE, delta, finish, role, serve, sse } from './harness.js';

const before = role + delta('naïve ') + delta('👍') + finish;
const body = Buffer.from(before + DONE);

interface Seen {
  readonly text: string;
  readonly finished: boolean;
  readonly error: unknown;
}
async function read(client: ReturnType<typeof clientOf>): Promise<Seen> {
  let text = '';
  let finished = false;
  try {
    for await (const chunk of client.stream([userMessage('why?')])) {
      if (chunk.kind === 'text-delta') text += chunk.text;
      finished ||= chunk.kind === 'finish';
    }
    return { text, finished, error: undefined };
  } catch (error) {
    return { text, finished, error };
  }
}

test('F14: a stream cut at any byte is what came and a typed error, asked for once and never stored', async () => {
  const server = await serve([sse(body, { framing: 'close' })]);
  const proxy = closing(await createFaultProxy({ target: server.url }));
  const client = clientOf(
    proxy,
    withCache(true),
    withRetryBudget({ share: 1, minPerSecond: 1000 }),
    withRetryCount(2),
    withRetryDelay(0),
  );
  const whole = before.length + 'data: [DONE]'.length;
  for (let afterBytes = 0; afterBytes < Math.min(whole, body.length); afterBytes++) {
    proxy.setFaults({ toClient: { countFrom: 'body', cut: { afterBytes, by: 'fin' } } });
    const asked = server.requests.length;
    const { text, finished, error } = await read(client);
    expect([finished, isStreamTruncatedError(error)], `cut at ${afterBytes}`).toEqual([false, true]);
    expect('naïve 👍'.startsWith(text), `cut at ${afterBytes}`).toBe(true);
    // Before the first word a new attempt harms nobody.
    expect(server.requests.length - asked).toBe(text === '' ? 3 : 1);
    expect(client.metrics()).toMatchObject({ stored: 0, active: 0 });
  }
  proxy.setFaults({});
  expect(await read(client)).toEqual({ text: 'naïve 👍', finished: true, error: undefined });
  expect(client.metrics().stored).toBe(1);
});

test('F14: a finish reason without [DONE] is an end only where the vendor may leave it out', async () => {
  const server = await serve([sse(before, { framing: 'close' })]);
  expect(isStreamTruncatedError((await read(clientOf(server))).error)).toBe(true);
  expect(await read(clientOf(server, withProvider('custom')))).toMatchObject({ finished: true, error: undefined });
});
