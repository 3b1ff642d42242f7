import { once } from 'node:events';
import { createServer as createNetServer } from 'node:net';
import { createServer, type Server, type TlsOptions } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createCustomClient, userMessage, withModel, withRetryCount, withRetryDelay } from '../../src/llm/index.js';
import { transportSettings } from '../../src/profiles/transport.js';
import { readText } from '../../src/transport/read-text.js';
import { createTransport } from '../../src/transport/undici-transport.js';
import { collectGarbage } from '../support/memory.js';
import { createCertificate } from './certificate.js';

const { key, cert } = createCertificate();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Answers each request with the protocol and the cipher of its connection. */
async function serve(options: TlsOptions, extra = ''): Promise<string> {
  const server = createServer({ key, cert, ...options }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', () => {
      const text = `${socket.getProtocol()} ${socket.getCipher().standardName}${socket.isSessionReused() ? ' resumed' : ''}`;
      socket.write(`HTTP/1.1 200 OK\r\n${extra}content-length: ${text.length}\r\n\r\n${text}`);
    });
  });
  servers.push(server);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `https://127.0.0.1:${(server.address() as { port: number }).port}`;
}
async function ask(origin: string, overrides: Readonly<Record<string, unknown>>): Promise<string> {
  const transport = createTransport({ origin, settings: transportSettings('optimized', overrides) });
  const { signal } = new AbortController();
  try {
    const { body } = await transport.request({ method: 'GET', path: '/', headers: {}, signal, caller: 'acme' });
    return await readText(body, 'acme');
  } finally {
    await transport.close();
  }
}

describe('over TLS', () => {
  test('a server with a certificate of the given authority is reached, with TLS 1.3', async () => {
    expect(await ask(await serve({}), { ca: cert })).toMatch(/^TLSv1\.3 /);
  });

  test('a certificate that nobody vouches for is refused', async () => {
    const refused = { code: 'ERR_PROVIDER_TLS', retryable: false };
    await expect(ask(await serve({}), {})).rejects.toMatchObject(refused);
  });

  test('a certificate of another host, or one that is past its last day, is refused', async () => {
    const refused = { code: 'ERR_PROVIDER_TLS', retryable: false };
    const otherHost = (await serve({})).replace('127.0.0.1', 'localhost');
    await expect(ask(otherHost, { ca: cert })).rejects.toMatchObject(refused);
    const expired = createCertificate('20200102');
    await expect(ask(await serve(expired), { ca: expired.cert })).rejects.toMatchObject(refused);
  });

  test('a server that has no more than TLS 1.2 is refused, unless minTlsVersion allows it', async () => {
    const origin = await serve({ maxVersion: 'TLSv1.2' });
    await expect(ask(origin, { ca: cert })).rejects.toMatchObject({ code: 'ERR_PROVIDER_TLS' });
    expect(await ask(origin, { ca: cert, minTlsVersion: 'TLSv1.2' })).toMatch(/^TLSv1\.2 /);
  });

  test('only the given ciphers are offered', async () => {
    const origin = await serve({});
    for (const ciphers of ['TLS_AES_128_GCM_SHA256', 'TLS_CHACHA20_POLY1305_SHA256']) {
      expect(await ask(origin, { ca: cert, ciphers })).toBe(`TLSv1.3 ${ciphers}`);
    }
  });

  test('every further connection resumes the session of the one before, also after a collection of garbage', async () => {
    const origin = await serve({}, 'connection: close\r\n');
    const transport = createTransport({ origin, settings: transportSettings('optimized', { ca: cert }) });
    const { signal } = new AbortController();
    const seen: string[] = [];
    for (let i = 0; i < 4; i++) {
      const { body } = await transport.request({ method: 'GET', path: '/', headers: {}, signal, caller: 'acme' });
      seen.push((await readText(body, 'acme')).slice('TLSv1.3 TLS_AES_256_GCM_SHA384'.length));
      collectGarbage();
      await new Promise(setImmediate);
      collectGarbage();
    }
    await transport.close();
    expect(seen).toEqual(['', ' resumed', ' resumed', ' resumed']);
  });

  test('F22: a server that hangs up amid the handshake, and one that speaks no TLS, are typed, and tried once', async () => {
    let connections = 0;
    const hangUp = createNetServer((socket) => {
      connections++;
      socket.on('error', () => undefined);
      socket.once('data', () => socket.destroy());
    });
    const plain = createNetServer((socket) => {
      connections++;
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Speak plainly\r\n\r\n');
    });
    for (const server of [hangUp, plain]) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const origin = `https://127.0.0.1:${(server.address() as { port: number }).port}`;
      connections = 0;
      const client = createCustomClient(`${origin}/v1`, withModel('m'), withRetryCount(3), withRetryDelay(0));
      await expect(client.chat([userMessage('hi')])).rejects.toMatchObject({
        code: 'ERR_PROVIDER_TLS',
        retryable: false,
      });
      expect(connections).toBe(1);
      await client.close();
      server.close();
    }
  });
});
