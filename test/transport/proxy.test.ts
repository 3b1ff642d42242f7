import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { createScriptedServer, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { readText } from '../../src/transport/read-text.js';
import type { Transport } from '../../src/transport/transport.js';
import { createTransport } from '../../src/transport/undici-transport.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A proxy that opens tunnels, or refuses to. Notes what it was asked. */
async function startProxy(
  status = 200,
): Promise<{ port: number; seen: { target: string; authorization: string | undefined }[] }> {
  const seen: { target: string; authorization: string | undefined }[] = [];
  const proxy: Server = createServer();
  proxy.on('connect', (request, client) => {
    const target = request.url ?? '';
    seen.push({ target, authorization: request.headers['proxy-authorization'] });
    client.on('error', () => client.destroy());
    client.write(`HTTP/1.1 ${status} Tunnel\r\n\r\n`);
    if (status !== 200) return;
    const [host, port] = target.split(':');
    const upstream = connect(Number(port), host);
    upstream.on('error', () => client.destroy());
    upstream.pipe(client).pipe(upstream);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  closers.push(
    () => proxy.close(),
    () => proxy.closeAllConnections(),
  );
  return { port: (proxy.address() as { port: number }).port, seen };
}
async function start(proxyURL: (port: number) => string, status?: number) {
  const server: ScriptedServer = await createScriptedServer([{ body: 'through' }]);
  const { port, seen } = await startProxy(status);
  const httpProxy = proxyURL(port);
  const transport: Transport = createTransport({ origin: server.url, settings: transportSettings(), httpProxy });
  closers.push(
    () => server.close(),
    () => transport.close(),
  );
  const { signal } = new AbortController();
  const request = () =>
    transport.request({ method: 'POST', path: '/x', headers: {}, body: '{}', signal, caller: 'acme' });
  return { server, seen, transport, request };
}

describe('through a proxy', () => {
  test('a request reaches the server by a tunnel, with the credentials of the proxy only on the way to it', async () => {
    const { server, seen, request } = await start((port) => `http://user:pass-canary@127.0.0.1:${port}`);
    expect(await readText((await request()).body, 'acme')).toBe('through');
    const authorization = `Basic ${Buffer.from('user:pass-canary').toString('base64')}`;
    expect(seen).toEqual([{ target: server.url.replace('http://', ''), authorization }]);
    expect(JSON.stringify(server.requests)).not.toContain('proxy-authorization');
  });

  test('that refuses, the request fails as one to an unreachable server, and no credentials show', async () => {
    const { server, transport, request } = await start((port) => `http://user:pass-canary@127.0.0.1:${port}`, 407);
    const error = await request().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_PROVIDER_CONNECT', retryable: true });
    for (const thing of [error, transport])
      expect(inspect(thing, { depth: 9, showHidden: true })).not.toContain('pass-canary');
    expect(server.connections).toBe(0);
  });

  test('whose address is no http(s) URL nothing is made', () => {
    for (const httpProxy of ['socks5://secret@host', 'nonsense secret', '']) {
      const make = (): Transport =>
        createTransport({ origin: 'http://127.0.0.1:1', settings: transportSettings(), httpProxy });
      expect(make).toThrow(expect.objectContaining({ name: 'ConfigError' }));
      expect(make).not.toThrow(/secret/);
    }
  });
});
