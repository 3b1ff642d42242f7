import { describe, expect, test } from 'vitest';
import { createScriptedServer, type ScriptedReply } from '../../../src/testing/scripted-server.js';
import { chat, closers, collect } from '../scripted-provider.js';
import { ANSWER, start } from './scripted-provider.js';

describe('an answer with status', () => {
  test.each([
    [400, false],
    [401, false],
    [402, false],
    [403, false],
    [404, false],
    [408, true],
    [409, true],
    [413, false],
    [422, false],
    [425, true],
    [429, true],
    [500, true],
    [502, true],
    [503, true],
    [529, true],
  ])('%i is an error that a retry %s heal', async (status, retryable) => {
    const { provider } = await start([
      { status, body: JSON.stringify({ error: { message: 'no luck' } }), headers: { 'x-request-id': 'req-9' } },
    ]);
    for (const stream of [true, false]) {
      const { error } = await collect(chat(provider, stream));
      expect(error).toMatchObject({
        name: status === 429 ? 'RateLimitError' : 'ProviderError',
        code: status === 429 ? 'ERR_RATE_LIMITED' : 'ERR_PROVIDER_STATUS',
        status,
        retryable,
        provider: 'acme',
        requestId: 'req-9',
        message: `acme answered ${status}: no luck`,
      });
    }
  });

  test('and hints about a retry passes them on', async () => {
    const reply = (headers: Record<string, string>, status = 500): ScriptedReply => ({ status, headers, body: '{}' });
    const wait = await start([reply({ 'retry-after': '7' }, 429)]);
    expect((await collect(chat(wait.provider, true))).error).toMatchObject({ retryAfterMs: 7000, retryable: true });
    const never = await start([reply({ 'x-should-retry': 'false' })]);
    expect((await collect(chat(never.provider, true))).error).toMatchObject({
      retryable: false,
      retryAfterMs: undefined,
    });
    const again = await start([reply({ 'x-should-retry': 'true' }, 400)]);
    expect((await collect(chat(again.provider, true))).error).toMatchObject({ retryable: true });
  });

  test('429 for a spent quota is not worth a retry', async () => {
    const { provider } = await start([
      { status: 429, body: JSON.stringify({ error: { message: 'pay', code: 'insufficient_quota' } }) },
    ]);
    expect((await collect(chat(provider, true))).error).toMatchObject({ name: 'RateLimitError', retryable: false });
  });

  test('and a body that is HTML, empty, garbage or cut is still that status', async () => {
    const replies: ScriptedReply[] = [
      { status: 502, headers: { 'content-type': 'text/html' }, body: '<html><h1>Bad Gateway</h1></html>' },
      { status: 502, body: '' },
      { status: 502, body: '{"error":' },
      { status: 502, body: '{"error":{"message":"x"}}', cutAfterBytes: 5 },
      { status: 502, body: 'x'.repeat(1_000_000) },
    ];
    for (const reply of replies) {
      const { provider } = await start([reply]);
      expect((await collect(chat(provider, true))).error).toMatchObject({ status: 502, message: 'acme answered 502' });
    }
  });

  test('302 is an error, and neither key nor prompt goes elsewhere', async () => {
    const trap = await createScriptedServer([{ body: JSON.stringify(ANSWER) }]);
    closers.push(() => trap.close());
    for (const status of [301, 302, 303, 307, 308]) {
      const { provider } = await start([{ status, headers: { location: `${trap.url}/v1/chat/completions` } }]);
      expect((await collect(chat(provider, false))).error).toMatchObject({
        code: 'ERR_PROVIDER_STATUS',
        status,
        retryable: false,
      });
    }
    expect(trap.connections).toBe(0);
  });
});

describe('a 200', () => {
  test.each([
    ['HTML', { headers: { 'content-type': 'text/html' }, body: '<html>Welcome to this network</html>' }],
    ['nothing', { body: '' }],
    ['half a JSON text', { body: '{"id":"chat', framing: 'close' }],
    ['JSON that is no answer', { body: '{"hello":"world"}' }],
    ['null', { body: 'null' }],
  ] as const)('with %s is a bad response, streamed or not', async (_name, reply) => {
    for (const stream of [true, false]) {
      const { provider } = await start([reply]);
      const { chunks, error } = await collect(chat(provider, stream));
      expect(chunks).toEqual([]);
      expect(error).toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE', status: 200, retryable: true });
      expect((error as Error).cause).toBeUndefined();
    }
  });

  test('whose body is cut is a broken connection', async () => {
    const { provider } = await start([{ body: JSON.stringify(ANSWER), cutAfterBytes: 20 }]);
    expect((await collect(chat(provider, false))).error).toMatchObject({ code: 'ERR_PROVIDER_RESET' });
  });

  test('with an error in its body is that error', async () => {
    const { provider } = await start([
      {
        body: JSON.stringify({ error: { message: 'slow down', type: 'rate_limit_error' } }),
        headers: { 'retry-after': '9' },
      },
    ]);
    for (const stream of [true, false]) {
      expect((await collect(chat(provider, stream))).error).toMatchObject({
        name: 'RateLimitError',
        retryable: true,
        retryAfterMs: undefined,
      });
    }
  });
});
