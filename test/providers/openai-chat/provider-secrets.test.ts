import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ScriptedReply } from '../../../src/testing/scripted-server.js';
import { chat, collect, KEY, request, streamReply } from '../scripted-provider.js';
import { ANSWER, EVENTS, frame, STREAM, start } from './scripted-provider.js';

describe('no error and no provider shows', () => {
  test('the key, in any spelling, over a matrix of faults', async () => {
    const encoded = [KEY, Buffer.from(KEY).toString('base64'), encodeURIComponent(KEY), `Bearer ${KEY}`];
    const echo = JSON.stringify({
      error: { message: `Incorrect API key provided: ${encoded.join(' ')}`, type: KEY, code: KEY },
    });
    const replies: ScriptedReply[] = [
      { status: 401, body: echo },
      { status: 429, body: echo },
      { status: 500, body: KEY },
      { body: echo },
      streamReply(frame(EVENTS[0], JSON.parse(echo))),
      streamReply(frame(EVENTS[0], KEY)),
      streamReply(STREAM, { cutAfterBytes: 100 }),
      streamReply(STREAM, { cutAfterBytes: 100, cutBy: 'reset' }),
      { body: KEY },
      { status: 307, headers: { location: `http://x/?${KEY}` } },
      { rawHead: `HTTP/1.1 200 OK\r\nx: ${KEY}\0\r\n\r\n` },
    ];
    for (const reply of replies) {
      const { provider } = await start([reply], { headers: { 'x-secret': `${KEY}-header` } });
      for (const stream of [true, false]) {
        const { error } = await collect(chat(provider, stream));
        if (error === undefined) continue;
        const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
        for (const spelling of encoded) expect(shown, JSON.stringify(reply)).not.toContain(spelling);
      }
      expect(inspect(provider, { depth: 9, showHidden: true })).not.toContain(KEY);
    }
  });

  test('a key that no header can carry', async () => {
    const { provider, server } = await start([{ body: JSON.stringify(ANSWER) }]);
    const call = { request, stream: true, signal: new AbortController().signal, apiKey: `${KEY}\r\nx-evil: 1` };
    const { error } = await collect(provider.chat(call));
    expect(error).toMatchObject({ name: 'ConfigError' });
    expect(inspect(error, { depth: 9 })).not.toContain(KEY);
    expect(server.connections).toBe(0);
  });

  test('the prompt, when the server quotes it', async () => {
    const { provider } = await start([
      {
        status: 400,
        body: JSON.stringify({ error: { message: `cannot answer "${String(request.messages[0]?.content)}"` } }),
      },
    ]);
    const { error } = await collect(chat(provider, false));
    expect(inspect(error)).not.toContain('cats');
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('withheld') as string });
  });

  test('more than 200 characters of what the server said, or its line ends', async () => {
    const { provider } = await start([
      { status: 400, body: JSON.stringify({ error: { message: `a\r\n\u001b[31mb\u2028${'c'.repeat(5000)}` } }) },
    ]);
    const { message } = (await collect(chat(provider, false))).error as Error;
    expect(message.length).toBeLessThan(240);
    expect(message).toMatch(/^acme answered 400: a \[31mb c+\.\.\.$/);
  });
});
