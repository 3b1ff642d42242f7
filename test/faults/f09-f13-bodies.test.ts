/** F9 to F13: answers with status 200 that are none. Each is a typed error, and nothing of them is stored. */
import { expect, test } from 'vitest';
import {
  type ClientOption,
  isProviderError,
  userMessage,
  withCache,
  withRetryCount,
  withRetryDelay,
} from '../../src/llm/index.js';
import { createFaultProxy } from '../../src/testing/fault-proxy.js';
import type { ScriptedReply } from '../../src/testing/scripted-server.js';
import { ask, clientOf, closing, DONE, delta, finish, json, role, serve, sse, watch } from './harness.js';

/** The code of the error, asked for whole. */
async function codeOf(reply: ScriptedReply, ...options: readonly ClientOption[]): Promise<[unknown, number]> {
  const server = await serve([reply]);
  const client = clientOf(server, withCache(true), ...options);
  const { error } = await watch(ask(client, 'chat', 'why?')).end;
  expect(client.metrics()).toMatchObject({ stored: 0, active: 0, failures: 1 });
  return [isProviderError(error) && error.code, server.requests.length];
}
const whole = json('All is well.');
const length = String(whole.body).length;

test('F9: JSON that is none is a bad response, and tried once more at most', async () => {
  const code = await codeOf({ body: '{"id":' }, withRetryCount(5), withRetryDelay(0));
  expect(code).toEqual(['ERR_PROVIDER_BAD_RESPONSE', 2]);
});

test('F10: a body shorter than its Content-Length is a broken connection, wherever it is cut', async () => {
  for (let afterBytes = 0; afterBytes < length; afterBytes += 16) {
    for (const by of ['fin', 'reset'] as const) {
      const server = await serve([whole]);
      const faults = { toClient: { countFrom: 'body', cut: { afterBytes, by } } } as const;
      const proxy = closing(await createFaultProxy({ target: server.url, faults }));
      const client = clientOf(proxy, withCache(true));
      const { error } = await watch(ask(client, 'chat', 'why?')).end;
      expect(isProviderError(error) && error.code, `${by} after ${afterBytes}`).toBe('ERR_PROVIDER_RESET');
      expect(client.metrics()).toMatchObject({ stored: 0, active: 0 });
      await proxy.until(({ open }) => open === 0);
    }
  }
});

test('F11: a chunked body that is cut, with Connection: close, is an error wherever it is cut', async () => {
  for (let cutAfterBytes = 0; cutAfterBytes < length; cutAfterBytes += 8) {
    const [code] = await codeOf({ ...whole, framing: 'chunked', headers: { connection: 'close' }, cutAfterBytes });
    expect(code, `cut at ${cutAfterBytes}`).toBe('ERR_PROVIDER_RESET');
  }
});

test('F12: a body that ends with its connection and was cut is an error, whole and streamed', async () => {
  for (let cutAfterBytes = 0; cutAfterBytes < length; cutAfterBytes += 8) {
    const [code] = await codeOf({ ...whole, framing: 'close', cutAfterBytes });
    expect(code, `cut at ${cutAfterBytes}`).toBe('ERR_PROVIDER_BAD_RESPONSE');
  }
  const body = role + delta('All ') + delta('well.') + finish + DONE;
  for (let cutAfterBytes = 0; cutAfterBytes < body.length - DONE.length; cutAfterBytes += 8) {
    const server = await serve([sse(body, { framing: 'close', cutAfterBytes })]);
    const client = clientOf(server, withCache(true));
    const { error } = await watch(ask(client, 'stream', 'why?')).end;
    expect(isProviderError(error) && error.code, `cut at ${cutAfterBytes}`).toBe('ERR_STREAM_TRUNCATED');
    expect(client.metrics().stored).toBe(0);
  }
});

test.each<[string, ScriptedReply, string]>([
  ['HTML', { body: '<html>hello</html>', headers: { 'content-type': 'text/html' } }, 'ERR_PROVIDER_BAD_RESPONSE'],
  ['an image', { body: 'GIF89a', headers: { 'content-type': 'image/gif' } }, 'ERR_PROVIDER_BAD_RESPONSE'],
  ['nothing', { body: '' }, 'ERR_PROVIDER_BAD_RESPONSE'],
  ['JSON of another kind', { body: '{"hello":"world"}' }, 'ERR_PROVIDER_BAD_RESPONSE'],
  ['headers of 100 KB', { ...whole, headers: { 'x-long': 'x'.repeat(100_000) } }, 'ERR_PROVIDER_BAD_RESPONSE'],
])('F13: a 200 with %s is a typed error, whole and streamed', async (_, reply, expected) => {
  expect((await codeOf(reply))[0]).toBe(expected);
  const client = clientOf(await serve([reply]), withCache(true));
  const { error } = await watch(client.stream([userMessage('why?')]).final()).end;
  expect(isProviderError(error) && error.code).toMatch(/^ERR_(PROVIDER_BAD_RESPONSE|STREAM_TRUNCATED)$/);
  expect(client.metrics()).toMatchObject({ stored: 0, active: 0 });
});
