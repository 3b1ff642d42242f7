import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createFaultProxy, type FaultProxy, type FaultProxyOptions } from '../../src/testing/fault-proxy.js';
import { createScriptedServer, type Script, type ScriptedServer } from '../../src/testing/scripted-server.js';

const open: { close(): Promise<void> }[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((thing) => thing.close()));
});

async function setUp(
  options: Omit<FaultProxyOptions, 'target'> = {},
  script: Script = [{ body: 'abcdef', framing: 'close' }],
): Promise<{ proxy: FaultProxy; server: ScriptedServer }> {
  const server = await createScriptedServer(script);
  const proxy = await createFaultProxy({ target: server.url, ...options });
  open.push(proxy, server);
  return { proxy, server };
}
function dial({ url }: FaultProxy): Socket {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', noDelay: true });
  sockets.push(socket);
  return socket;
}
const GET = 'GET / HTTP/1.1\r\n\r\n';

interface Outcome {
  readonly body: string;
  readonly end: string;
  readonly reads: number;
}
/** What comes until the connection ends, or until so much of the body is there. */
async function ask(proxy: FaultProxy, until = Number.POSITIVE_INFINITY): Promise<Outcome> {
  const socket = dial(proxy);
  let text = '';
  let end = 'fin';
  let reads = 0;
  const body = (): string => text.split('\r\n\r\n').slice(1).join('\r\n\r\n');
  socket.on('error', (error: NodeJS.ErrnoException) => (end = error.code ?? ''));
  const closed = once(socket, 'close');
  socket.write(GET);
  await new Promise<void>((resolve) => {
    socket.on('data', (bytes) => {
      text += String(bytes);
      reads++;
      if (body().length >= until) resolve();
    });
    closed.then(() => resolve(), resolve);
  });
  if (!socket.closed) end = 'open';
  return { body: body(), end, reads };
}

describe('the fault proxy', () => {
  test('passes on what it is told nothing about, and counts it', async () => {
    const { proxy, server } = await setUp();
    expect(await ask(proxy)).toMatchObject({ body: 'abcdef', end: 'fin' });
    await proxy.until((stats) => stats.open === 0);
    expect(proxy.stats()).toMatchObject({ accepted: 1, cut: 0, bytesToTarget: GET.length });
    await server.until(({ closedConnections }) => closedConnections === 1);
  });

  test('keeps scheme and path of the target in its own URL', async () => {
    const proxy = await createFaultProxy({ target: 'https://[::1]:1/v1' });
    open.push(proxy);
    expect(proxy.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/v1$/);
  });

  test('keeps connections alive as its target does', async () => {
    const { proxy, server } = await setUp({}, (_, index) => ({ body: String(index) }));
    const socket = dial(proxy);
    for (const index of [0, 1, 2]) {
      socket.write(GET);
      let text = '';
      while (!text.endsWith(`\r\n\r\n${index}`)) text += String((await once(socket, 'data'))[0]);
    }
    expect([proxy.stats().accepted, server.connections]).toEqual([1, 1]);
  });

  test('resets a connection at accept', async () => {
    const { proxy, server } = await setUp({ faults: { accept: 'reset' } });
    expect((await ask(proxy)).end).toMatch(/ECONNRESET|EPIPE/);
    expect([proxy.stats().cut, server.connections]).toEqual([1, 0]);
  });

  test('swallows a connection, until the client leaves', async () => {
    const { proxy, server } = await setUp({ faults: { accept: 'ignore' } });
    const socket = dial(proxy);
    socket.write(GET);
    await proxy.until(({ accepted }) => accepted === 1);
    expect(proxy.stats().open).toBe(1);
    socket.end();
    await proxy.until(({ open: count }) => count === 0);
    expect(server.connections).toBe(0);
  });

  test.each(['fin', 'reset'] as const)('cuts at every byte of a body by %s', async (by) => {
    const { proxy, server } = await setUp();
    for (let afterBytes = 0; afterBytes < 6; afterBytes++) {
      proxy.setFaults({ toClient: { countFrom: 'body', cut: { afterBytes, by } } });
      const { body, end } = await ask(proxy);
      // libuv takes a reset for an end when both come with the last bytes.
      expect(by === 'fin' ? ['fin'] : ['fin', 'ECONNRESET']).toContain(end);
      expect(by === 'fin' ? [afterBytes] : [0, afterBytes]).toContain(body.length);
      expect('abcdef'.startsWith(body)).toBe(true);
    }
    await server.until(({ closedConnections }) => closedConnections === 6);
    await proxy.until((stats) => stats.open === 0);
    expect(proxy.stats()).toMatchObject({ accepted: 6, cut: 6 });
  });

  test('breaks a connection before the first byte of an answer', async () => {
    const { proxy, server } = await setUp({ faults: { toClient: { cut: { afterBytes: 0, by: 'reset' } } } });
    expect(await ask(proxy)).toMatchObject({ body: '', end: 'ECONNRESET' });
    expect(server.requests).toHaveLength(1);
  });

  test('goes silent in the middle, with the connection open, and lets go who leaves', async () => {
    const { proxy, server } = await setUp({
      faults: { toClient: { countFrom: 'body', cut: { afterBytes: 3, by: 'stall' } } },
    });
    expect(await ask(proxy, 3)).toMatchObject({ body: 'abc', end: 'open' });
    expect(proxy.stats()).toMatchObject({ cut: 1, open: 1 });
    sockets[0]?.end();
    await proxy.until(({ open: count }) => count === 0);
    await server.until(({ closedConnections }) => closedConnections === 1);
  });

  test('cuts what the client sends, before the target has all of it', async () => {
    const { proxy, server } = await setUp({ faults: { toTarget: { cut: { afterBytes: 5, by: 'reset' } } } });
    expect((await ask(proxy)).end).toBe('ECONNRESET');
    await server.until(({ closedConnections }) => closedConnections === 1);
    expect([server.requests.length, proxy.stats().bytesToTarget]).toEqual([0, 5]);
  });

  test('sends one byte at a time', async () => {
    const { proxy } = await setUp({ faults: { toClient: { sliceBytes: 1 } } });
    const { body, reads } = await ask(proxy);
    expect(body).toBe('abcdef');
    expect(reads).toBeGreaterThan(6);
  });

  test('garbles, inserts and doubles bytes', async () => {
    const edits = [
      { at: 1, drop: 1, insert: '\u0007' },
      { at: 3, insert: '!' },
      { at: 6, repeat: 2 },
    ];
    const { proxy } = await setUp({ faults: { toClient: { countFrom: 'body', edits } } });
    expect((await ask(proxy)).body).toBe('a\u0007c!defef');
  });

  test('holds bytes back on its clock', async () => {
    const clock = createFakeClock();
    const { proxy } = await setUp({ clock, faults: { toTarget: { latencyMs: 100 } } });
    const answer = ask(proxy);
    while (clock.pendingTimers === 0) await new Promise(setImmediate);
    expect(proxy.stats().bytesToTarget).toBe(0);
    clock.advance(100);
    expect((await answer).body).toBe('abcdef');
  });

  test('closes a connection that is idle for too long, and every byte begins that time anew', async () => {
    const clock = createFakeClock();
    const { proxy } = await setUp({ clock, faults: { closeIdleMs: 1000 } }, [{ body: 'x' }]);
    const socket = dial(proxy);
    await proxy.until(({ accepted }) => accepted === 1);
    clock.advance(900);
    socket.write(GET);
    await once(socket, 'data');
    expect(clock.pendingTimers).toBe(1);
    clock.advance(999);
    expect(proxy.stats().cut).toBe(0);
    clock.advance(1);
    await once(socket.resume(), 'end');
    expect([proxy.stats().cut, clock.pendingTimers]).toEqual([1, 0]);
  });

  test('hides from one side that the other has gone', async () => {
    const { proxy, server } = await setUp({ faults: { halfOpen: true } });
    expect(await ask(proxy, 6)).toMatchObject({ body: 'abcdef', end: 'open' });
    await new Promise(setImmediate);
    expect([proxy.stats().open, server.requests.length]).toEqual([1, 1]);
  });

  test('gives each connection its own faults, by a list or by a function', async () => {
    const cutAfter = (afterBytes: number) =>
      ({ toClient: { countFrom: 'body', cut: { afterBytes, by: 'fin' } } }) as const;
    const { proxy } = await setUp({ faults: [cutAfter(1), cutAfter(2)] });
    const bodies = [];
    for (let i = 0; i < 3; i++) bodies.push((await ask(proxy)).body);
    proxy.setFaults((connection) => cutAfter(connection));
    for (let i = 0; i < 2; i++) bodies.push((await ask(proxy)).body);
    expect(bodies).toEqual(['a', 'ab', 'ab', 'abc', 'abcd']);
  });

  test('ends its connections when it is told to, in order or by reset', async () => {
    const { proxy } = await setUp({}, [{ hang: 'before-head' }]);
    for (const [by, end] of [
      ['fin', 'fin'],
      ['reset', 'ECONNRESET'],
    ] as const) {
      const answer = ask(proxy);
      await proxy.until((stats) => stats.open === 1 && stats.bytesToTarget >= GET.length);
      proxy.endConnections(by);
      expect((await answer).end).toBe(end);
      await proxy.until((stats) => stats.open === 0);
    }
  });

  test('tells its client when the target refuses', async () => {
    const { proxy, server } = await setUp();
    await server.close();
    expect((await ask(proxy)).end).toBe('ECONNRESET');
  });

  test('closes twice, with connections open and bytes held back', async () => {
    const clock = createFakeClock();
    const { proxy } = await setUp({ clock, faults: { toTarget: { latencyMs: 100 }, closeIdleMs: 1000 } });
    const answer = ask(proxy);
    while (clock.pendingTimers < 2) await new Promise(setImmediate);
    await proxy.close();
    await proxy.close();
    expect((await answer).end).toBe('ECONNRESET');
    expect([proxy.stats().open, clock.pendingTimers]).toEqual([0, 0]);
  });
});
