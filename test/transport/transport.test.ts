import { getEventListeners, once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import optimized from '../../profiles/transport/optimized.json' with { type: 'json' };
import { isClosedError } from '../../src/core/errors.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedServer, type Script, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { readText } from '../../src/transport/read-text.js';
import { parseTransportSettings, type TransportSettings } from '../../src/transport/settings.js';
import type { Transport, TransportCall } from '../../src/transport/transport.js';
import { createTransport } from '../../src/transport/undici-transport.js';

const settings: TransportSettings = parseTransportSettings(optimized.settings, 'settings', 'test');
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(script: Script, overrides: Partial<TransportSettings> = {}) {
  const server: ScriptedServer = await createScriptedServer(script);
  const transport: Transport = createTransport({ origin: server.url, settings: { ...settings, ...overrides } });
  closers.push(
    () => server.close(),
    () => transport.close(),
  );
  return { server, transport };
}
function call(changes: Partial<TransportCall> = {}): TransportCall {
  return {
    method: 'POST',
    path: '/x',
    headers: {},
    body: '{}',
    signal: new AbortController().signal,
    caller: 'acme',
    ...changes,
  };
}
async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('it resolved'),
    (error: unknown) => error,
  );
}

describe('a request', () => {
  test('gives status, lower-case headers and the body', async () => {
    const { transport, server } = await serve([{ status: 418, headers: { 'X-Thing': 'a' }, body: 'hello' }]);
    const response = await transport.request(call({ path: '/v1/y?z=1', headers: { 'x-mine': 'b' }, body: '{"q":1}' }));
    expect(response.status).toBe(418);
    expect(response.headers['x-thing']).toBe('a');
    expect(Object.getPrototypeOf(response.headers)).toBe(null);
    expect(await readText(response.body, 'acme')).toBe('hello');
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/v1/y?z=1', body: '{"q":1}' });
    expect(server.requests[0]?.headers).toMatchObject({ 'x-mine': 'b', 'accept-encoding': 'identity' });
  });

  test('waits for the real head when informational ones come first, and keeps odd header names apart', async () => {
    const rawHead =
      'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n' +
      'HTTP/1.1 200 OK\r\nconstructor: odd\r\nset-cookie: a\r\nset-cookie: b\r\ncontent-length: 2\r\n\r\n';
    const { transport } = await serve([{ rawHead, body: 'ok' }]);
    const { status, headers, body } = await transport.request(call());
    expect({ status, ...headers }).toEqual({
      status: 200,
      constructor: 'odd',
      'set-cookie': 'a, b',
      'content-length': '2',
    });
    expect(headers['toString']).toBeUndefined();
    expect(await readText(body, 'acme')).toBe('ok');
  });

  test('does not follow a redirect', async () => {
    const trap = await serve([{ body: 'trapped' }]);
    const { transport } = await serve([{ status: 307, headers: { location: trap.server.url } }]);
    const response = await transport.request(call());
    expect(response.status).toBe(307);
    await readText(response.body, 'acme');
    expect(trap.server.connections).toBe(0);
  });

  test('keeps connections: a hundred requests in a row need one, or two when they follow at once', async () => {
    const { transport, server } = await serve([{ body: 'ok' }]);
    for (let i = 0; i < 100; i++) await readText((await transport.request(call())).body, 'acme');
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test('waits its turn once maxConnectionsPerOrigin connections work', async () => {
    const gates: (() => void)[] = [];
    const gate = (): Promise<void> => new Promise((resolve) => gates.push(resolve));
    const { transport, server } = await serve(
      async () => {
        await gate();
        return { body: 'ok' };
      },
      { maxConnectionsPerOrigin: 2 },
    );
    const answers = [1, 2, 3, 4].map(async () => readText((await transport.request(call())).body, 'acme'));
    await server.until(() => server.requests.length === 2);
    expect(server.connections).toBe(2);
    for (let opened = 0; opened < 4; ) {
      const open = gates.shift();
      if (open !== undefined) opened++;
      open?.();
      await new Promise(setImmediate);
    }
    expect(await Promise.all(answers)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(server.connections).toBe(2);
  });

  test('leaves the queue for a connection when it is aborted', async () => {
    const { transport, server } = await serve([{ hang: 'before-head' }], { maxConnectionsPerOrigin: 1 });
    const first = new AbortController();
    const second = new AbortController();
    const blocked = failure(transport.request(call({ signal: first.signal })));
    await server.until(() => server.requests.length === 1);
    const waiting = failure(transport.request(call({ signal: second.signal })));
    second.abort(new Error('enough'));
    expect(await waiting).toMatchObject({ message: 'enough' });
    first.abort('stop');
    expect(await blocked).toBe('stop');
    expect(server.requests.length).toBe(1);
  });

  test('closes the connection when it is aborted before the head and amid the body', async () => {
    for (const hang of ['before-head', 'before-end'] as const) {
      const { transport, server } = await serve([{ hang, body: 'abc', framing: 'chunked' }]);
      const controller = new AbortController();
      const reading = failure(
        transport.request(call({ signal: controller.signal })).then(({ body }) => readText(body, 'acme')),
      );
      await server.until(() => server.requests.length === 1);
      controller.abort('gone');
      expect(await reading).toBe('gone');
      await server.until(() => server.closedConnections > 0);
    }
  });

  test('sends nothing when it is aborted or closed while the first connection is made ready', async () => {
    const { transport, server } = await serve([{ body: 'ok' }]);
    const controller = new AbortController();
    const left = failure(transport.request(call({ signal: controller.signal })));
    controller.abort('gone');
    expect(await left).toBe('gone');
    const other = createTransport({ origin: server.url, settings });
    const refused = failure(other.request(call()));
    await other.close();
    expect(isClosedError(await refused)).toBe(true);
    expect(server.requests).toEqual([]);
  });

  test('rejects at once and connects to nothing when the signal is aborted already', async () => {
    const { transport, server } = await serve([{}]);
    expect(await failure(transport.request(call({ signal: AbortSignal.abort('no') })))).toBe('no');
    expect(server.connections).toBe(0);
  });

  test('leaves no listener on a signal that many requests share', async () => {
    const { transport } = await serve([{ body: 'ok' }]);
    const { signal } = new AbortController();

    for (let i = 0; i < 20; i++) await readText((await transport.request(call({ signal }))).body, 'acme');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('an idle connection', () => {
  test('is closed after keepAliveTimeoutMs', async () => {
    const { transport, server } = await serve([{ body: 'ok' }], { keepAliveTimeoutMs: 5 });
    await readText((await transport.request(call())).body, 'acme');
    await server.until(() => server.closedConnections === 1);
  });

  test('is probed after tcpKeepAliveDelayMs', async () => {
    const setKeepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive');
    const { transport } = await serve([{ body: 'ok' }], { tcpKeepAliveDelayMs: 4321 });
    await readText((await transport.request(call())).body, 'acme');
    expect(setKeepAlive).toHaveBeenCalledWith(true, 4321);
    setKeepAlive.mockRestore();
  });
});

describe('a body', () => {
  test('left early closes the connection', async () => {
    const { transport, server } = await serve([
      { body: 'abcdef', framing: 'chunked', sliceBytes: 1, hang: 'before-end' },
    ]);
    const { body } = await transport.request(call());
    for await (const bytes of body) {
      expect(bytes.length).toBeGreaterThan(0);
      break;
    }
    await server.until(() => server.closedConnections > 0);
    expect(await body.next()).toEqual({ done: true, value: undefined });
  });

  test('that was released lets the connection serve again', async () => {
    const { transport, server } = await serve([{ body: 'tail '.repeat(1000), framing: 'chunked' }]);
    for (let i = 0; i < 10; i++) (await transport.request(call())).body.release();
    await server.until(() => server.requests.length === 10);
    expect(server.connections).toBeLessThanOrEqual(10);
    await readText((await transport.request(call())).body, 'acme');
    expect(server.closedConnections).toBe(0);
  });

  test('that was released closes the connection after a second if the server does not end it', async () => {
    const clock = createFakeClock();
    const server = await createScriptedServer([{ body: 'abc', framing: 'chunked', hang: 'before-end' }]);
    const transport = createTransport({ origin: server.url, settings, clock });
    closers.push(
      () => transport.close(),
      () => server.close(),
    );
    const { body } = await transport.request(call());
    body.release();
    await clock.advanceAsync(999);
    expect(server.closedConnections).toBe(0);
    await clock.advanceAsync(1);
    await server.until(() => server.closedConnections > 0);
  });

  test('that was released leaves no timer once it has ended', async () => {
    const clock = createFakeClock();
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const server = await createScriptedServer([{ body: 'abc', framing: 'chunked', beforeSlice: () => gate }]);
    const transport = createTransport({
      origin: server.url,
      settings: { ...settings, maxConnectionsPerOrigin: 1 },
      clock,
    });
    closers.push(
      () => transport.close(),
      () => server.close(),
    );
    const { body } = await transport.request(call());
    body.release();
    expect(clock.pendingTimers).toBe(1);
    open();
    // On the same connection, so after the end of the first.
    await readText((await transport.request(call())).body, 'acme');
    expect([server.connections, clock.pendingTimers]).toEqual([1, 0]);
  });

  test('is paused while nobody reads', async () => {
    let written = 0;
    const { transport, server } = await serve([
      {
        body: Buffer.alloc(64 * 1024 * 1024),
        framing: 'chunked',
        sliceBytes: 64 * 1024,
        beforeSlice: async (index) => {
          written = index;
        },
      },
    ]);
    const { body } = await transport.request(call());
    await body.next();
    let before = -1;
    while (before !== written) {
      before = written;
      for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    }
    expect(written).toBeLessThan(1000);
    let size = 0;
    for await (const bytes of body) size += bytes.length;
    expect(size).toBeGreaterThan(60 * 1024 * 1024);
    expect(server.requests).toHaveLength(1);
  });

  test('that is longer than its bound is refused', async () => {
    const { transport } = await serve([{ body: 'x'.repeat(1001), framing: 'chunked' }]);
    const { body } = await transport.request(call());
    expect(await failure(readText(body, 'acme', 1000))).toMatchObject({ code: 'ERR_PROVIDER_BODY_TOO_LARGE' });
  });

  test('in an encoding that was not asked for is refused', async () => {
    const { transport } = await serve([{ headers: { 'content-encoding': 'gzip' }, body: 'zzz' }]);
    expect(await failure(transport.request(call()))).toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE' });
  });
});

describe('a failure', () => {
  test('to connect is ERR_PROVIDER_CONNECT', async () => {
    const server = await createScriptedServer([]);
    await server.close();
    const transport = createTransport({ origin: server.url, settings });
    const error = await failure(transport.request(call()));
    expect(error).toMatchObject({ code: 'ERR_PROVIDER_CONNECT', retryable: true, provider: 'acme' });
    await transport.close();
  });

  test('to resolve the host is ERR_PROVIDER_DNS', async () => {
    const transport = createTransport({ origin: 'http://nowhere.invalid', settings });
    expect(await failure(transport.request(call()))).toMatchObject({ code: 'ERR_PROVIDER_DNS', retryable: true });
    await transport.close();
  });

  test('of the handshake is ERR_PROVIDER_TLS, and is not retried', async () => {
    const plain = createServer((socket) => socket.end('HTTP/1.1 400 Speak plainly\r\n\r\n'));
    const hangUp = createServer((socket) => socket.once('data', () => socket.destroy()));
    for (const server of [plain, hangUp]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      const transport = createTransport({ origin: `https://127.0.0.1:${port}`, settings });
      expect(await failure(transport.request(call()))).toMatchObject({ code: 'ERR_PROVIDER_TLS', retryable: false });
      await transport.close();
      server.close();
    }
  });

  test('to connect in time is a DeadlineError of kind connect', async () => {
    const silent = createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const origin = `https://127.0.0.1:${port}`;
    const transport = createTransport({ origin, settings: { ...settings, connectTimeoutMs: 20, tlsTimeoutMs: 30 } });
    expect(await failure(transport.request(call()))).toMatchObject({
      name: 'DeadlineError',
      kind: 'connect',
      afterMs: 50,
    });
    await transport.close();
    silent.close();
  });

  test('amid head or body is ERR_PROVIDER_RESET, after what came before it', async () => {
    const cuts = [
      { hang: 'before-head' },
      { body: 'abcdef', cutAfterBytes: 3, cutBy: 'fin' },
      { body: 'abcdef', cutAfterBytes: 3, cutBy: 'reset' },
      { body: 'abcdef', framing: 'chunked', cutAfterBytes: 3, headers: { connection: 'close' }, cutBy: 'fin' },
    ] as const;
    for (const cut of cuts) {
      const { transport, server } = await serve([cut]);
      let text = '';
      const reading = transport.request(call()).then(async ({ body }) => {
        for await (const bytes of body) text += Buffer.from(bytes).toString();
      });
      if ('hang' in cut) {
        await server.until(() => server.requests.length === 1);
        server.endConnections();
      }
      const error = await failure(reading);
      expect(error).toMatchObject({ name: 'ProviderError', code: 'ERR_PROVIDER_RESET', retryable: true });
      expect('abc'.startsWith(text)).toBe(true);
    }
  });

  test('of HTTP itself is ERR_PROVIDER_BAD_RESPONSE', async () => {
    const heads = ['SMTP 220 hello\r\n\r\n', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`];
    for (const rawHead of heads) {
      const { transport } = await serve([{ rawHead }]);
      expect(await failure(transport.request(call()))).toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE' });
    }
  });

  test('never shows a header', async () => {
    const secret = 'sk-canary-0123456789';
    const { transport } = await serve([{ body: 'abcdef', cutAfterBytes: 3, cutBy: 'reset' }]);
    const headers = { authorization: `Bearer ${secret}` };
    const error = await failure(transport.request(call({ headers })).then(({ body }) => readText(body, 'acme')));
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
    expect(inspect(transport, { depth: 9, showHidden: true })).not.toContain(secret);
  });
});

describe('a connection that the server closed while it was idle', () => {
  test('costs no error: the request goes out again on a new one', async () => {
    let served = 0;
    const { transport, server } = await serve(() => ({ body: String(served++) }));
    for (let i = 0; i < 200; i++) {
      const { body } = await transport.request(call());
      expect(await readText(body, 'acme')).toBe(String(i));
      if (i % 3 === 0) server.endConnections();
    }
    expect(server.requests).toHaveLength(200);
  });

  test('is not taken for a server that breaks every connection', async () => {
    const { transport, server } = await serve([{ rawHead: '', body: 'x', cutAfterBytes: 0, cutBy: 'reset' }]);
    expect(await failure(transport.request(call()))).toMatchObject({ code: 'ERR_PROVIDER_RESET' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('close', () => {
  test('waits for what runs, refuses what is new, and can be called twice', async () => {
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const { transport, server } = await serve([{ body: 'ok', beforeSlice: () => gate }]);
    const running = transport.request(call()).then(({ body }) => readText(body, 'acme'));
    await server.until(() => server.requests.length === 1);
    const closing = transport.close();
    expect(await failure(transport.request(call()))).toMatchObject({ name: 'ClosedError' });
    open();
    expect(await running).toBe('ok');
    await closing;
    await transport.close();
    await server.until(() => server.closedConnections === server.connections);
  });

  test('leaves no timer', async () => {
    const clock = createFakeClock();
    const server = await createScriptedServer([{ body: 'ok' }]);
    closers.push(() => server.close());
    const transport = createTransport({ origin: server.url, settings: { ...settings, prewarm: 2 }, clock });
    await transport.prewarm();
    await readText((await transport.request(call())).body, 'acme');
    await transport.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('cuts what still runs after the control timeout', async () => {
    const clock = createFakeClock();
    const server = await createScriptedServer([{ hang: 'before-head' }]);
    closers.push(() => server.close());
    const transport = createTransport({ origin: server.url, settings, clock });
    const running = failure(transport.request(call()));
    await server.until(() => server.requests.length === 1);
    const closing = transport.close();
    await clock.advanceAsync(settings.controlTimeoutMs);
    expect(await running).toMatchObject({ name: 'ClosedError' });
    await closing;
    await server.until(() => server.closedConnections === server.connections);
  });
});
