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

const TEXT = 'naïve 👍';
const before = role + delta('naïve ') + delta('👍') + finish;
const body = Buffer.from(before + DONE);
/** Bytes without which the stream has not said that it is done; the line ends behind them say nothing more. */
const wholeAt = Buffer.byteLength(before + DONE.trimEnd());

/** What has been said in so many bytes: an event counts from the last byte of its data on. */
function textAfter(bytes: number): string {
  let text = '';
  let sent = role;
  for (const piece of ['naïve ', '👍']) {
    sent += delta(piece);
    if (Buffer.byteLength(sent.trimEnd()) <= bytes) text += piece;
  }
  return text;
}

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
  for (let afterBytes = 0; afterBytes < wholeAt; afterBytes++) {
    proxy.setFaults({ toClient: { countFrom: 'body', cut: { afterBytes, by: 'fin' } } });
    const asked = server.requests.length;
    const { text, finished, error } = await read(client);
    const seen = [text, finished, isStreamTruncatedError(error)];
    expect(seen, `cut at ${afterBytes}`).toEqual([textAfter(afterBytes), false, true]);
    // Before the first word a new attempt harms nobody.
    expect(server.requests.length - asked).toBe(text === '' ? 3 : 1);
    expect(client.metrics()).toMatchObject({ stored: 0, active: 0 });
  }
  proxy.setFaults({ toClient: { countFrom: 'body', cut: { afterBytes: wholeAt, by: 'fin' } } });
  expect(await read(client)).toEqual({ text: TEXT, finished: true, error: undefined });
  expect(client.metrics().stored).toBe(1);
});

test('F14: a finish reason without [DONE] is an end only where the vendor may leave it out', async () => {
  const server = await serve([sse(before, { framing: 'close' })]);
  expect(isStreamTruncatedError((await read(clientOf(server))).error)).toBe(true);
  expect(await read(clientOf(server, withProvider('custom')))).toMatchObject({ finished: true, error: undefined });
});
