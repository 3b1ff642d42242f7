import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createScriptedServer, type Script, type ScriptedServer } from '../../src/testing/scripted-server.js';

let server: ScriptedServer | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close();
  server = undefined;
});
async function start(script: Script): Promise<ScriptedServer> {
  server = await createScriptedServer(script);
  return server;
}
function open({ url }: ScriptedServer): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  sockets.push(socket);
  return socket;
}
const POST = 'POST /p HTTP/1.1\r\nX-A: b\r\ncontent-length: 2\r\n\r\nhi';

/** All that comes until the connection ends, and how it ended. */
async function readAll(socket: Socket): Promise<{ text: string; end: string }> {
  let text = '';
  let end = 'fin';
  socket.on('data', (bytes) => (text += String(bytes)));
  socket.on('error', (error: NodeJS.ErrnoException) => (end = error.code ?? ''));
  await new Promise((resolve) => socket.once('close', resolve));
  return { text, end };
}

describe('the scripted server', () => {
  test('parses requests that come in pieces or together, and answers them in order', async () => {
    const running = await start((request, index) => ({
      body: `${index}${request.body}`,
      framing: index === 2 ? 'close' : 'length',
    }));
    const socket = open(running);
    for (const byte of POST) socket.write(byte);
    socket.write(POST + POST);
    const { text } = await readAll(socket);
    expect(text.match(/\d(?=hi)/g)).toEqual(['0', '1', '2']);
    expect(running.requests).toHaveLength(3);
    expect(running.requests[0]).toEqual({
      method: 'POST',
      path: '/p',
      headers: { 'x-a': 'b', 'content-length': '2' },
      body: 'hi',
      connection: 0,
    });
  });

  test('repeats the last reply of a list', async () => {
    const running = await start([{ body: 'a' }, { body: 'b' }]);
    const texts = [];
    for (let i = 0; i < 3; i++) texts.push(await (await fetch(running.url)).text());
    expect(texts).toEqual(['a', 'b', 'b']);
  });

  test('frames a body by length, in chunks, or by the end of the connection', async () => {
    for (const framing of ['length', 'chunked', 'close'] as const) {
      const running = await createScriptedServer([
        { status: 201, body: 'abcdef', framing, sliceBytes: 4, headers: { 'x-b': 'c' } },
      ]);
      const response = await fetch(running.url);
      expect(response.status).toBe(201);
      expect(response.headers.get('x-b')).toBe('c');
      expect(await response.text()).toBe('abcdef');
      await running.close();
    }
  });

  test('cuts a body after so many bytes', async () => {
    const socket = open(await start([{ body: 'abcdef', cutAfterBytes: 3 }]));
    socket.write(POST);
    const { text, end } = await readAll(socket);
    expect(text.endsWith('\r\n\r\nabc')).toBe(true);
    expect(end).toBe('fin');
  });

  test('breaks a connection by a reset', async () => {
    const socket = open(await start([{ rawHead: '', body: 'abc', cutAfterBytes: 0, cutBy: 'reset' }]));
    socket.write(POST);
    expect(await readAll(socket)).toEqual({ text: '', end: 'ECONNRESET' });
  });

  test('hangs before the head, the body or the end until the client leaves', async () => {
    const cases = { 'before-head': '', 'before-body': '\r\n\r\n', 'before-end': '3\r\nabc\r\n' } as const;
    for (const [hang, last] of Object.entries(cases) as [keyof typeof cases, string][]) {
      const running = await createScriptedServer([{ body: 'abc', framing: 'chunked', hang }]);
      const socket = open(running);
      socket.write(POST);
      let text = '';
      socket.on('data', (bytes) => (text += String(bytes)));
      await running.until(({ requests }) => requests.length === 1);
      while (!text.endsWith(last)) await once(socket, 'data');
      socket.destroy();
      await running.until(({ closedConnections }) => closedConnections === 1);
      expect(text.endsWith(last)).toBe(true);
      await running.close();
    }
  });

  test('holds each slice back until the test lets it go', async () => {
    const gates: (() => void)[] = [];
    const running = await start([
      {
        body: 'abc',
        sliceBytes: 1,
        framing: 'close',
        beforeSlice: () => new Promise((resolve) => gates.push(resolve)),
      },
    ]);
    const socket = open(running);
    let text = '';
    socket.on('data', (bytes) => (text += String(bytes)));
    socket.write(POST);
    for (const expected of ['a', 'ab', 'abc']) {
      while (gates.length === 0) await new Promise(setImmediate);
      gates.shift()?.();
      while (!text.endsWith(`\r\n\r\n${expected}`)) await once(socket, 'data');
    }
  });

  test('closes twice, with connections open', async () => {
    const running = await start([{ hang: 'before-head' }]);
    const socket = open(running);
    socket.write(POST);
    await running.until(({ requests }) => requests.length === 1);
    await running.close();
    await running.close();
    expect(running.closedConnections).toBe(1);
  });
});
