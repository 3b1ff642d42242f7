/** HTTP/2 against node's own server: requests side by side on one connection, and what ends one or all of them. */
import { once } from 'node:events';
import {
  createSecureServer,
  type Http2SecureServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { createCustomClient, userMessage, withModel, withTransport } from '../../src/llm/index.js';
import { transportSettings } from '../../src/profiles/transport.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { readText } from '../../src/transport/read-text.js';
import type { Transport, TransportCall } from '../../src/transport/transport.js';
import { createTransport, type TransportOptions } from '../../src/transport/undici-transport.js';
import { createCertificate } from './certificate.js';

const { key, cert } = createCertificate();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Http2Server {
  readonly origin: string;
  readonly sessions: ServerHttp2Session[];
  readonly streams: ServerHttp2Stream[];
}

/** `answer` is given each request with its number from 0. */
async function serve(answer: (stream: ServerHttp2Stream, index: number) => void): Promise<Http2Server> {
  const server: Http2SecureServer = createSecureServer({ key, cert, allowHTTP1: false });
  const sessions: ServerHttp2Session[] = [];
  const streams: ServerHttp2Stream[] = [];
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    answer(stream, streams.push(stream) - 1);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  return { origin: `https://127.0.0.1:${(server.address() as { port: number }).port}`, sessions, streams };
}
function open(origin: string, options: Partial<TransportOptions> = {}, overrides: object = {}): Transport {
  const settings = transportSettings('optimized', { ca: cert, http2: true, ...overrides });
  const transport = createTransport({ origin, settings, ...options });
  closers.push(() => transport.close());
  return transport;
}
async function ask(transport: Transport, changes: Partial<TransportCall> = {}): Promise<string> {
  const { signal } = new AbortController();
  const call = { method: 'POST', path: '/', headers: {}, body: '{}', signal, caller: 'acme', ...changes } as const;
  return readText((await transport.request(call)).body, 'acme');
}
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
const reply = (stream: ServerHttp2Stream, text: string): void => {
  stream.respond({ ':status': 200, 'content-type': 'text/plain' });
  stream.end(text);
};

describe('over HTTP/2', () => {
  test('requests that begin at once share the first connection, and run side by side', async () => {
    const waiting: (() => void)[] = [];
    const server = await serve((stream, index) => waiting.push(() => reply(stream, `answer ${index}`)));
    const transport = open(server.origin);
    const answers = Promise.all(Array.from({ length: 20 }, () => ask(transport)));
    // None is answered before all have come: were they in line, this would wait for ever.
    await until(() => waiting.length === 20);
    for (const go of waiting.reverse()) go();
    expect([...(await answers)].sort()).toEqual(Array.from({ length: 20 }, (_, i) => `answer ${i}`).sort());
    expect(server.sessions).toHaveLength(1);
    expect(transport.connections).toBe(1);
  });

  test('a burst after a quiet time shares the connection as well', async () => {
    const server = await serve((stream) => reply(stream, 'ok'));
    const transport = open(server.origin);
    await ask(transport);
    await Promise.all(Array.from({ length: 10 }, () => ask(transport)));
    expect(server.sessions).toHaveLength(1);
  });

  test('no more than maxConnectionsPerOrigin requests run at once', async () => {
    const waiting: (() => void)[] = [];
    const server = await serve((stream) => waiting.push(() => reply(stream, 'ok')));
    const transport = open(server.origin, {}, { maxConnectionsPerOrigin: 3 });
    const answers = Promise.all(Array.from({ length: 7 }, () => ask(transport)));
    for (let answered = 0; answered < 7; ) {
      await until(() => waiting.length > 0);
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      expect(waiting.length).toBeLessThanOrEqual(3);
      for (const go of waiting.splice(0)) {
        answered++;
        go();
      }
    }
    await answers;
  });

  test('an aborted request is cancelled alone: the others on its connection are answered', async () => {
    const server = await serve((stream) => stream.respond({ ':status': 200 }));
    const transport = open(server.origin);
    const aborters = Array.from({ length: 5 }, () => new AbortController());
    const answers = aborters.map(({ signal }) => ask(transport, { signal }).catch((reason: unknown) => reason));
    await until(() => server.streams.length === 5);
    aborters[2]?.abort('enough');
    expect(await answers[2]).toBe('enough');
    await until(() => server.streams.filter(({ closed }) => closed).length === 1);
    for (const stream of server.streams) if (!stream.closed) stream.end('ok');
    expect(await Promise.all(answers)).toEqual(['ok', 'ok', 'enough', 'ok', 'ok']);
    expect(server.sessions).toHaveLength(1);
    expect(transport.connections).toBe(1);
  });

  test('F21: GOAWAY amid requests that have no answer yet is a reset of each, which may be retried; none is sent twice', async () => {
    const server = await serve((_stream, index) => {
      if (index === 4) server.sessions[0]?.goaway(0, 0);
    });
    const transport = open(server.origin);
    const results = await Promise.all(Array.from({ length: 5 }, () => ask(transport).catch((error: unknown) => error)));
    for (const error of results) expect(error).toMatchObject({ code: 'ERR_PROVIDER_RESET', retryable: true });
    expect(server.streams).toHaveLength(5);
  });

  test('F21: the next request after a GOAWAY opens a new connection', async () => {
    const server = await serve((stream, index) => {
      if (index === 0) stream.session?.goaway(0, 0);
      else reply(stream, 'ok');
    });
    const transport = open(server.origin);
    await expect(ask(transport)).rejects.toMatchObject({ code: 'ERR_PROVIDER_RESET' });
    expect(await ask(transport)).toBe('ok');
    expect(server.sessions).toHaveLength(2);
  });

  test('a stream that the server refuses or resets is a reset that may be retried', async () => {
    for (const code of [0x7 /* REFUSED_STREAM */, 0x8 /* CANCEL */, 0x2 /* INTERNAL_ERROR */]) {
      const server = await serve((stream) => stream.close(code));
      await expect(ask(open(server.origin))).rejects.toMatchObject({ code: 'ERR_PROVIDER_RESET', retryable: true });
    }
  });

  test('F14: a stream that breaks amid its body is a truncated stream, or a broken answer', async () => {
    const event = 'data: {"id":"1","choices":[{"index":0,"delta":{"content":"abc"}}]}\n\n';
    for (const [type, code] of [
      ['text/event-stream', 'ERR_STREAM_TRUNCATED'],
      ['application/json', 'ERR_PROVIDER_BAD_RESPONSE'],
    ] as const) {
      const server = await serve((stream) => {
        stream.respond({ ':status': 200, 'content-type': type });
        stream.write(type === 'application/json' ? '{"id":' : event, () => stream.close(0x2));
      });
      const client = createCustomClient(
        `${server.origin}/v1`,
        withModel('m'),
        withTransport({ ca: cert, http2: true }),
      );
      closers.push(() => client.close());
      const isStream = type !== 'application/json';
      const answer = isStream ? client.stream([userMessage('hi')]).final() : client.chat([userMessage('hi')]);
      await expect(answer).rejects.toMatchObject({ retryable: true, code });
    }
  });

  test('a server that is gone without a word, or with its whole connection, harms nobody else', async () => {
    for (const end of ['destroy', 'close'] as const) {
      const server = await serve((stream, index) => reply(stream, `ok ${index}`));
      const transport = open(server.origin);
      expect(await ask(transport)).toBe('ok 0');
      server.sessions[0]?.[end]();
      await until(() => transport.connections === 0);
      expect(await ask(transport)).toBe('ok 1');
    }
  });

  test('an idle connection is closed after keepAliveTimeoutMs, and not while a request runs', async () => {
    const clock = createFakeClock();
    const held: ServerHttp2Stream[] = [];
    const server = await serve((stream, index) => (index === 1 ? held.push(stream) : reply(stream, 'ok')));
    const transport = open(server.origin, { clock }, { keepAliveTimeoutMs: 1000 });
    await ask(transport);
    const running = ask(transport);
    await until(() => held.length === 1);
    await clock.advanceAsync(5000);
    reply(held[0] as ServerHttp2Stream, 'late');
    expect(await running).toBe('late');
    await until(() => clock.pendingTimers === 1);
    await clock.advanceAsync(1000);
    await until(() => server.sessions[0]?.destroyed === true);
    expect(server.sessions).toHaveLength(1);
  });

  test('a transport that is closed while its connection is idle leaves no timer', async () => {
    const clock = createFakeClock();
    const server = await serve((stream) => reply(stream, 'ok'));
    const transport = open(server.origin, { clock });
    await ask(transport);
    await until(() => clock.pendingTimers === 1);
    await transport.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('prewarm opens the connection that the first requests use', async () => {
    const server = await serve((stream) => reply(stream, 'ok'));
    const transport = open(server.origin, {}, { prewarm: 1 });
    await until(() => server.sessions.length === 1);
    await Promise.all([ask(transport), ask(transport)]);
    expect(server.sessions).toHaveLength(1);
  });

  test('a server without HTTP/2 is asked in HTTP/1.1, one request a connection', async () => {
    let connections = 0;
    const plain = createTlsServer({ key, cert, ALPNProtocols: ['http/1.1'] }, (socket) => {
      connections++;
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
    });
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    closers.push(() => plain.close());
    const transport = open(`https://127.0.0.1:${(plain.address() as { port: number }).port}`);
    expect(await Promise.all(Array.from({ length: 4 }, () => ask(transport)))).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(connections).toBeGreaterThan(1);
  });

  test('without the setting no server is asked in it', async () => {
    const server = await serve((stream) => reply(stream, 'ok'));
    await expect(ask(open(server.origin, {}, { http2: false }))).rejects.toMatchObject({ code: 'ERR_PROVIDER_TLS' });
    expect(server.streams).toHaveLength(0);
  });
});
