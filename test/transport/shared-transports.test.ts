import { afterEach, describe, expect, test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { createScriptedServer, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { readText } from '../../src/transport/read-text.js';
import { createTransportTable } from '../../src/transport/shared-transports.js';
import type { Transport } from '../../src/transport/transport.js';
import { fc } from '../support/property.js';

const settings = transportSettings();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function serve(...script: Parameters<typeof createScriptedServer>): Promise<ScriptedServer> {
  const server = await createScriptedServer(...script);
  closers.push(() => server.close());
  return server;
}
function keep(transport: Transport): Transport {
  closers.push(() => transport.close());
  return transport;
}
async function ask(transport: Transport, signal: AbortSignal = new AbortController().signal): Promise<string> {
  const { body } = await transport.request({
    method: 'POST',
    path: '/',
    headers: {},
    body: '{}',
    signal,
    caller: 'acme',
  });
  return readText(body, 'acme');
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('two users of one origin and equal settings', () => {
  test('share connections', async () => {
    const server = await serve([{ body: 'ok' }]);
    const table = createTransportTable();
    const [first, second] = [0, 1].map(() => keep(table.acquire({ origin: server.url, settings: { ...settings } })));
    await ask(first as Transport);
    await turn();
    await ask(second as Transport);
    expect(server.connections).toBe(1);
    expect(table.size).toBe(1);
  });

  test('do not cut each other off: the connections close with the last one', async () => {
    const server = await serve([{ body: 'ok' }]);
    const table = createTransportTable();
    const first = table.acquire({ origin: server.url, settings });
    const second = table.acquire({ origin: server.url, settings });
    await ask(first);
    await first.close();
    await first.close();
    await expect(ask(first)).rejects.toMatchObject({ name: 'ClosedError' });
    expect(await ask(second)).toBe('ok');
    await second.close();
    await server.until(({ connections, closedConnections }) => closedConnections === connections);
    expect(table.size).toBe(0);
  });
});

describe('users', () => {
  test('of other settings, another proxy or another origin have their own connections', async () => {
    const server = await serve([{ body: 'ok' }]);
    const table = createTransportTable();
    keep(table.acquire({ origin: server.url, settings }));
    keep(table.acquire({ origin: server.url, settings: { ...settings, connectTimeoutMs: 1 } }));
    keep(table.acquire({ origin: server.url, settings, httpProxy: 'http://127.0.0.1:9' }));
    keep(table.acquire({ origin: 'http://127.0.0.1:9', settings }));
    expect(table.size).toBe(4);
  });

  test('of equal settings share one total of connections over all origins', async () => {
    const servers = await Promise.all([
      serve([{ hang: 'before-head' }]),
      serve([{ hang: 'before-head' }]),
      serve([{ body: 'ok' }, { body: 'ok' }]),
    ]);
    const table = createTransportTable();
    const few = { ...settings, maxConnections: 2 };
    const [first, second, third] = servers.map(({ url }) => keep(table.acquire({ origin: url, settings: few }))) as [
      Transport,
      Transport,
      Transport,
    ];
    const controller = new AbortController();
    const hanging = [ask(first, controller.signal), ask(second, controller.signal)].map((call) =>
      call.catch((reason: unknown) => reason),
    );
    await Promise.all(servers.slice(0, 2).map((server) => server.until(({ requests }) => requests.length === 1)));
    const waiting = ask(third);
    // Asked later and outside the total, this one is answered: a request that did not wait would have come before it.
    const free = keep(table.acquire({ origin: servers[2]?.url ?? '', settings }));
    expect(await ask(free)).toBe('ok');
    expect(servers[2]?.requests).toHaveLength(1);
    controller.abort('enough');
    expect(await Promise.all(hanging)).toEqual(['enough', 'enough']);
    expect(await waiting).toBe('ok');
  });

  test('beyond the bound of the table are served, and closed by the last user as well', async () => {
    const server = await serve([{ body: 'ok' }]);
    const table = createTransportTable({ maxTransports: 1 });
    const first = table.acquire({ origin: server.url, settings });
    const other = keep(table.acquire({ origin: 'http://127.0.0.1:9', settings }));
    expect(table.size).toBe(1);
    expect(await ask(first)).toBe('ok');
    await first.close();
    await server.until(({ connections, closedConnections }) => closedConnections === connections);
    expect(table.size).toBe(1);
    await other.close();
  });
});

test('whoever opens and closes in whatever order, a transport lives as long as it has a user, and no longer', async () => {
  const servers = await Promise.all([serve([{ body: 'ok' }]), serve([{ body: 'ok' }]), serve([{ body: 'ok' }])]);
  const step = fc.record({ kind: fc.constantFrom('open', 'close', 'ask'), at: fc.nat(20), origin: fc.nat(2) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, maxTransports) => {
        const table = createTransportTable({ maxTransports });
        const users: { transport: Transport; origin: number }[] = [];
        const closed: Transport[] = [];
        for (const { kind, at, origin } of steps) {
          const index = users.length === 0 ? 0 : at % users.length;
          if (kind === 'open')
            users.push({ transport: table.acquire({ origin: servers[origin]?.url ?? '', settings }), origin });
          else if (kind === 'ask')
            await Promise.all(users.map(async ({ transport }) => expect(await ask(transport)).toBe('ok')));
          else {
            const [user] = users.splice(index, 1);
            if (user === undefined) continue;
            closed.push(user.transport);
            await user.transport.close();
          }
          expect(table.size).toBeLessThanOrEqual(
            Math.min(maxTransports, new Set(users.map((user) => user.origin)).size),
          );
        }
        for (const transport of closed) await expect(ask(transport)).rejects.toMatchObject({ name: 'ClosedError' });
        await Promise.all(users.map(({ transport }) => transport.close()));
        expect(table.size).toBe(0);
        for (const server of servers)
          await server.until(({ connections, closedConnections }) => connections === closedConnections);
      },
    ),
    { numRuns: 40 },
  );
});
