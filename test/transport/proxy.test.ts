import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, createServer as createNetServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { createScriptedServer, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { readText } from '../../src/transport/read-text.js';
import type { Transport } from '../../src/transport/transport.js';
import { createTransport } from '../../src/transport/undici-transport.js';
import { createCertificate } from './certificate.js';

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

  test('that refuses, the request fails as such, and no credentials show', async () => {
    const { server, transport, request } = await start((port) => `http://user:pass-canary@127.0.0.1:${port}`, 407);
    const error = await request().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_PROVIDER_PROXY', retryable: false, provider: 'acme' });
    for (const thing of [error, transport])
      expect(inspect(thing, { depth: 9, showHidden: true })).not.toContain('pass-canary');
    expect(server.connections).toBe(0);
  });

  test('that cannot reach the server just now, the request may be tried again', async () => {
    const { request } = await start((port) => `http://127.0.0.1:${port}`, 503);
    await expect(request()).rejects.toMatchObject({ code: 'ERR_PROVIDER_PROXY', retryable: true });
  });

  test('that says nothing, the request ends with the time for connecting', async () => {
    const silent = createNetServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    closers.push(() => silent.close());
    const { port } = silent.address() as { port: number };
    const settings = transportSettings('optimized', { connectTimeoutMs: 30 });
    const transport = createTransport({
      origin: 'http://127.0.0.1:9',
      settings,
      httpProxy: `http://127.0.0.1:${port}`,
    });
    closers.push(() => transport.close());
    const call = {
      method: 'GET',
      path: '/',
      headers: {},
      signal: new AbortController().signal,
      caller: 'acme',
    } as const;
    await expect(transport.request(call)).rejects.toMatchObject({ name: 'DeadlineError', kind: 'connect' });
  });

  test('whose user has no password or an escaped one, the credentials are those', async () => {
    for (const [user, pair] of [
      ['only', 'only:'],
      ['a%40b:p%3Aq', 'a@b:p:q'],
    ]) {
      const { seen, request } = await start((port) => `http://${user}@127.0.0.1:${port}`);
      await readText((await request()).body, 'acme');
      expect(seen[0]?.authorization).toBe(`Basic ${Buffer.from(pair ?? '').toString('base64')}`);
    }
  });

  test('an https server is reached inside the tunnel: its certificate is checked, and the proxy sees no header', async () => {
    const { key, cert } = createCertificate();
    const secure = createTlsServer({ key, cert }, (socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret'));
      socket.on('error', () => socket.destroy());
    });
    secure.on('tlsClientError', () => undefined);
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    closers.push(() => secure.close());
    const { port, seen } = await startProxy();
    const origin = `https://127.0.0.1:${(secure.address() as { port: number }).port}`;
    const httpProxy = `http://user:pass-canary@127.0.0.1:${port}`;
    const { signal } = new AbortController();
    const headers = { authorization: 'Bearer key-canary' };
    const ask = async (overrides: object): Promise<string> => {
      const transport = createTransport({
        origin,
        settings: transportSettings('optimized', { ...overrides }),
        httpProxy,
      });
      closers.push(() => transport.close());
      const { body } = await transport.request({ method: 'GET', path: '/', headers, signal, caller: 'acme' });
      return readText(body, 'acme');
    };
    expect(await ask({ ca: cert })).toBe('secret');
    await expect(ask({})).rejects.toMatchObject({ code: 'ERR_PROVIDER_TLS', retryable: false });
    expect(seen.map(({ target }) => target)).toEqual([origin.slice(8), origin.slice(8)]);
    expect(JSON.stringify(seen)).not.toContain('key-canary');
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
