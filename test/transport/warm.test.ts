/** Connections that are open ahead of need: asked for once, or kept. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedServer } from '../../src/testing/scripted-server.js';
import { keepWarm } from '../../src/transport/keep-warm.js';
import { readText } from '../../src/transport/read-text.js';
import type { Transport } from '../../src/transport/transport.js';
import { createTransport } from '../../src/transport/undici-transport.js';

const settings = transportSettings();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function ask(transport: Transport): Promise<string> {
  const { signal } = new AbortController();
  const call = { method: 'POST', path: '/', headers: {}, body: '{}', signal, caller: 'acme' } as const;
  return readText((await transport.request(call)).body, 'acme');
}
async function serve() {
  const server = await createScriptedServer([{ body: 'ok' }]);
  closers.push(() => server.close());
  return server;
}
function open(options: Parameters<typeof createTransport>[0]): Transport {
  const transport = createTransport(options);
  closers.push(() => transport.close());
  return transport;
}

describe('prewarm', () => {
  test('opens the connection that the first request uses, and asks the server for nothing', async () => {
    const server = await serve();
    const transport = open({ origin: server.url, settings });
    await transport.prewarm();
    await server.until(({ connections }) => connections === 1);
    expect(server.requests).toEqual([]);
    expect(transport.connections).toBe(1);
    expect(await ask(transport)).toBe('ok');
    expect(server.connections).toBe(1);
  });

  test('opens nothing where a connection is open', async () => {
    const server = await serve();
    const transport = open({ origin: server.url, settings });
    await ask(transport);
    await transport.prewarm();
    expect(server.connections).toBe(1);
  });

  test('gives up after the control timeout', async () => {
    const silent = createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    closers.push(() => silent.close());
    const clock = createFakeClock();
    const origin = `https://127.0.0.1:${(silent.address() as { port: number }).port}`;
    const transport = open({ origin, settings: { ...settings, tlsTimeoutMs: 600_000 }, clock });
    const warming = transport.prewarm().catch((error: unknown) => error);
    const [socket] = (await once(silent, 'connection')) as [Socket];
    closers.push(() => socket.destroy());
    await clock.advanceAsync(settings.controlTimeoutMs);
    expect(await warming).toMatchObject({ name: 'DeadlineError', kind: 'connect' });
    socket.destroy();
  });

  test('tells why it failed', async () => {
    const server = await createScriptedServer([]);
    await server.close();
    await expect(open({ origin: server.url, settings }).prewarm()).rejects.toMatchObject({
      code: 'ERR_PROVIDER_CONNECT',
    });
  });
});

describe('a transport that keeps connections warm', () => {
  test('opens them by itself, and opens others when the server has closed them', async () => {
    const clock = createFakeClock();
    const server = await serve();
    open({ origin: server.url, settings: { ...settings, prewarm: 3 }, clock });
    await server.until(({ connections }) => connections === 3);
    server.endConnections();
    await server.until(({ closedConnections }) => closedConnections === 3);
    while (clock.pendingTimers === 0) await clock.advanceAsync(0);
    await clock.advanceAsync(1000);
    await server.until(({ connections }) => connections === 6);
    expect(server.requests).toEqual([]);
  });

  test('serves its requests over them', async () => {
    const server = await serve();
    const transport = open({ origin: server.url, settings: { ...settings, prewarm: 2 } });
    await server.until(({ connections }) => connections === 2);
    while (transport.connections !== 2) await new Promise(setImmediate);
    expect(await Promise.all([ask(transport), ask(transport)])).toEqual(['ok', 'ok']);
    expect(server.connections).toBe(2);
  });

  test('stops when it is closed', async () => {
    const clock = createFakeClock();
    const server = await serve();
    const transport = createTransport({ origin: server.url, settings: { ...settings, prewarm: 2 }, clock });
    await server.until(({ connections }) => connections === 2);
    await transport.close();
    await server.until(({ closedConnections }) => closedConnections === 2);
    await clock.advanceAsync(600_000);
    expect(clock.pendingTimers).toBe(0);
    expect(server.connections).toBe(2);
  });

  test('closed before a connection has opened, lets none come after', async () => {
    const server = await serve();
    await createTransport({ origin: server.url, settings: { ...settings, prewarm: 2 } }).close();
    await server.until(({ connections, closedConnections }) => connections === closedConnections);
    await expect(open({ origin: server.url, settings }).prewarm()).resolves.toBeUndefined();
    await server.until(({ connections, closedConnections }) => connections - closedConnections === 1);
  });
});

describe('keeping warm', () => {
  test('tries ever more seldom while nothing can be opened, and soon again once it could', async () => {
    const clock = createFakeClock();
    const triedAtMs: number[] = [];
    let open = 0;
    let isDown = true;
    const keeper = keepWarm({
      count: 1,
      openCount: () => open,
      async open() {
        triedAtMs.push(clock.nowMs());
        if (isDown) throw new Error('down');
        open++;
      },
      clock,
    });
    keeper.check();
    await clock.advanceAsync(200_000);
    expect(triedAtMs).toEqual([0, 2000, 6000, 14_000, 30_000, 62_000, 122_000, 182_000]);
    isDown = false;
    await clock.advanceAsync(60_000);
    expect(open).toBe(1);
    open = 0;
    keeper.check();
    await clock.advanceAsync(999);
    expect(open).toBe(1);
    keeper.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  test('stops while it waits for its next round, and leaves no timer', async () => {
    const clock = createFakeClock();
    const keeper = keepWarm({ count: 1, openCount: () => 0, open: () => Promise.reject(new Error('down')), clock });
    keeper.check();
    await clock.advanceAsync(0);
    expect(clock.pendingTimers).toBe(1);
    keeper.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  test('opens no second round within a second, however often connections are lost', async () => {
    const clock = createFakeClock();
    let rounds = 0;
    const keeper = keepWarm({
      count: 5,
      openCount: () => 0,
      async open() {
        rounds++;
      },
      clock,
    });
    for (let i = 0; i < 100; i++) {
      keeper.check();
      await clock.advanceAsync(100);
    }
    expect(rounds).toBeLessThanOrEqual(11 * 5);
    keeper.stop();
  });
});
