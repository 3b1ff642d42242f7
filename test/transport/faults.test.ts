/** What servers and networks do wrong below the answer, over real sockets. Names cite the fault matrix (docs/guide/reliability.md). */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type LookupFunction, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { transportSettings } from '../../src/profiles/transport.js';
import { createScriptedServer, type Script, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { readText } from '../../src/transport/read-text.js';
import type { Transport, TransportCall } from '../../src/transport/transport.js';
import { createTransport, type TransportOptions } from '../../src/transport/undici-transport.js';
import { createGate } from '../llm/puppet.js';
import { isDeep } from '../support/deep.js';
import { connectionsBeingOpened, createFullListener, untilBeingOpened } from '../support/full-listener.js';

const settings = transportSettings();
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function open(origin: string, options: Partial<TransportOptions> = {}): Transport {
  const transport = createTransport({ origin, settings, ...options });
  closers.push(() => transport.close());
  return transport;
}
async function scripted(script: Script): Promise<{ server: ScriptedServer; transport: Transport }> {
  const server = await createScriptedServer(script);
  closers.push(() => server.close());
  return { server, transport: open(server.url) };
}
/** A server that does with each connection what it is told. */
async function raw(serve: (socket: Socket, connection: number) => void): Promise<string> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    serve(socket, connections++);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}
async function ask(transport: Transport, changes: Partial<TransportCall> = {}): Promise<string> {
  const { signal } = new AbortController();
  const call = { method: 'POST', path: '/', headers: {}, body: '{}', signal, caller: 'acme', ...changes } as const;
  return readText((await transport.request(call)).body, 'acme');
}
const refused = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => expect.unreachable(`it resolved: ${String(value)}`),
    (error: unknown) => error,
  );

const TRIES = isDeep ? 100_000 : 2000;

describe('F24, issue 14: a server that closes idle connections just as they are used', () => {
  test(`costs no visible error in ${TRIES} tries, and no request is answered twice`, async () => {
    const seed = 24;
    const random = createRandom(seed);
    const answered = new Map<string, number>();
    const origin = await raw((socket) => {
      let isClosing = false;
      let received = '';
      socket.on('data', (bytes) => {
        // What comes on a connection that is being closed is not looked at.
        if (isClosing) return;
        received += bytes.toString();
        const id = /^POST \/(\d+) .*\r\n\r\n\{\}$/s.exec(received)?.[1];
        if (id === undefined) return;
        received = '';
        answered.set(id, (answered.get(id) ?? 0) + 1);
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${id.length}\r\n\r\n${id}`);
        const chance = random.next();
        const close = (): void => {
          isClosing = true;
          if (chance < 0.15) socket.end();
          else socket.resetAndDestroy();
        };
        if (chance < 0.1) close();
        else if (chance < 0.2) setImmediate(close);
        else if (chance < 0.3) setImmediate(() => setImmediate(close));
      });
    });
    const transport = open(origin);
    let next = 0;
    async function askOneAfterTheOther(): Promise<void> {
      while (next < TRIES) {
        const id = String(next++);
        expect(await ask(transport, { path: `/${id}` }), `seed ${seed}`).toBe(id);
      }
    }
    await Promise.all([1, 2, 3].map(askOneAfterTheOther));
    expect(answered.size).toBe(TRIES);
    expect([...answered.values()].every((times) => times === 1)).toBe(true);
  });

  test('is asked no second time once a byte of the answer came', async () => {
    let requests = 0;
    const origin = await raw((socket) =>
      socket.on('data', () => {
        if (++requests === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        else socket.write('HTTP/1.1 200 OK\r\ncontent-le', () => socket.resetAndDestroy());
      }),
    );
    const transport = open(origin);
    expect(await ask(transport)).toBe('ok');
    await new Promise(setImmediate);
    expect(await refused(ask(transport))).toMatchObject({ code: expect.stringMatching(/RESET|BAD_RESPONSE/) });
    expect(requests).toBe(2);
  });

  test('is asked no second time when it has had the request for long', async () => {
    let nowMs = 0;
    const clock = { nowMs: () => nowMs, wallMs: () => nowMs, setTimer: () => () => undefined };
    let requests = 0;
    const origin = await raw((socket) =>
      socket.on('data', () => {
        if (++requests === 1) {
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
          return;
        }
        nowMs += 5000;
        socket.resetAndDestroy();
      }),
    );
    const transport = open(origin, { clock });
    expect(await ask(transport)).toBe('ok');
    await new Promise(setImmediate);
    expect(await refused(ask(transport))).toMatchObject({ code: 'ERR_PROVIDER_RESET', retryable: true });
    expect(requests).toBe(2);
  });
});

describe('F23: a name that', () => {
  const answering =
    (reply: (attempt: number) => Error | readonly { address: string; family: number }[]): LookupFunction =>
    (_host, options, callback) => {
      const result = reply(attempts++);
      if (result instanceof Error) callback(result, '', 0);
      else if (options.all === true) callback(null, [...result]);
      else callback(null, result[0]?.address ?? '', result[0]?.family);
    };
  let attempts = 0;
  const coded = (code: string): Error => Object.assign(new Error(`lookup ${code} secret.internal`), { code });

  test.each(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ESERVFAIL', 'ETIMEOUT'])('fails with %s is typed', async (code) => {
    const transport = open('http://api.example', { lookup: answering(() => coded(code)) });
    const error = await refused(ask(transport));
    expect(error).toMatchObject({ code: 'ERR_PROVIDER_DNS', retryable: true, provider: 'acme' });
    expect(String(error)).not.toContain('secret.internal');
  });

  test('is never resolved ends with the time for connecting', async () => {
    const lookup: LookupFunction = () => undefined;
    const transport = open('http://api.example', { lookup, settings: { ...settings, connectTimeoutMs: 30 } });
    expect(await refused(ask(transport))).toMatchObject({ name: 'DeadlineError', kind: 'connect', afterMs: 30 });
  });

  test('is resolved only now and then fails and answers in turn', async () => {
    attempts = 0;
    const { server } = await scripted([{ body: 'ok', headers: { connection: 'close' } }]);
    const { port } = new URL(server.url);
    const lookup = answering((attempt) =>
      attempt % 2 === 0 ? coded('EAI_AGAIN') : [{ address: '127.0.0.1', family: 4 }],
    );
    const transport = open(`http://api.example:${port}`, { lookup });
    for (let i = 0; i < 3; i++) {
      expect(await refused(ask(transport))).toMatchObject({ code: 'ERR_PROVIDER_DNS' });
      expect(await ask(transport)).toBe('ok');
    }
  });

  test('has an address that nobody can reach beside a good one is reached by the good one', async () => {
    const { server } = await scripted([{ body: 'ok' }]);
    const { port } = new URL(server.url);
    const lookup = answering(() => [
      { address: '2001:db8::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]);
    expect(await ask(open(`http://api.example:${port}`, { lookup }))).toBe('ok');
  });

  test('has an address that swallows every SYN beside a good one is reached by the good one', async () => {
    const { server } = await scripted([{ body: 'ok' }]);
    const port = Number(new URL(server.url).port);
    const hole = await createFullListener('::1', port);
    closers.push(() => hole.close());
    const before = connectionsBeingOpened();
    const lookup = answering(() => [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]);
    // Longer than the patience of the system for one of several addresses.
    const transport = open(`http://api.example:${port}`, {
      lookup,
      settings: { ...settings, connectTimeoutMs: 60_000 },
    });
    expect(await ask(transport)).toBe('ok');
    await untilBeingOpened(before);
  });

  test('has only addresses that swallow every SYN ends with the time for connecting', async () => {
    const hole = await createFullListener('::1');
    closers.push(() => hole.close());
    const before = connectionsBeingOpened();
    const lookup = answering(() => [
      { address: '::1', family: 6 },
      { address: '::1', family: 6 },
    ]);
    const impatient = { ...settings, connectTimeoutMs: 50 };
    const transport = open(`http://api.example:${hole.port}`, { lookup, settings: impatient });
    expect(await refused(ask(transport))).toMatchObject({ name: 'DeadlineError', kind: 'connect', afterMs: 50 });
    await untilBeingOpened(before);
  });

  test('is asked for by 100 calls at once holds one thread of the system, not all of them', async () => {
    const { server } = await scripted([{ body: 'ok' }]);
    const { port } = new URL(server.url);
    let asked = 0;
    const gate = createGate();
    const good = answering(() => [{ address: '127.0.0.1', family: 4 }]);
    const lookup: LookupFunction = (...args) => {
      asked++;
      void gate.passed.then(() => good(...args));
    };
    const many = { ...settings, maxConnectionsPerOrigin: 100, maxConnections: 100 };
    const transport = open(`http://api.example:${port}`, { lookup, settings: many });
    const answers = Array.from({ length: 100 }, () => ask(transport));
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(asked).toBe(1);
    gate.open();
    expect(await Promise.all(answers)).toEqual(answers.map(() => 'ok'));
    expect([asked, server.connections]).toEqual([1, 100]);
  });
});

describe('issue 12: an answer that takes longer than five minutes', () => {
  test('comes, before the head and amid the body, although undici would have given up', async () => {
    const require = createRequire(import.meta.url);
    const timers = require('undici/lib/util/timers.js') as { tick(ms: number): void };
    const { Pool } = require('undici') as typeof import('undici');
    const gates: (() => void)[] = [];
    const { server, transport } = await scripted(async () => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return { body: 'at last', beforeSlice: () => new Promise<void>((resolve) => gates.push(resolve)) };
    });
    const impatient = new Pool(server.url);
    closers.push(() => impatient.destroy());
    const lost = impatient.request({ method: 'POST', path: '/', body: '{}' }).catch((error: unknown) => error);
    await server.until(({ requests }) => requests.length === 1);
    const answer = ask(transport);
    await server.until(({ requests }) => requests.length === 2);
    // undici's own clock: it takes new timers up at the first tick.
    timers.tick(1000);
    timers.tick(310_000);
    expect(await lost).toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
    while (gates.length < 2) await new Promise(setImmediate);
    gates[1]?.();
    while (gates.length < 3) await new Promise(setImmediate);
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    timers.tick(1000);
    timers.tick(310_000);
    gates[2]?.();
    expect(await answer).toBe('at last');
  });
});

describe('a server that', () => {
  test('sends 300 headers, and one of them 100 times, is understood', async () => {
    const many = Array.from({ length: 200 }, (_, i) => `x-h${i}: ${i}\r\n`).join('');
    const same = Array.from({ length: 100 }, (_, i) => `set-cookie: c${i}=1\r\n`).join('');
    const { transport } = await scripted([
      { rawHead: `HTTP/1.1 200 OK\r\n${many}${same}content-length: 2\r\n\r\n`, body: 'ok' },
    ]);
    const { signal } = new AbortController();
    const call = { method: 'GET', path: '/', headers: {}, signal, caller: 'acme' } as const;
    const { headers, body } = await transport.request(call);
    expect(headers['x-h199']).toBe('199');
    expect(headers['set-cookie']?.split(', ')).toHaveLength(100);
    expect(await readText(body, 'acme')).toBe('ok');
  });

  test('says 1,000 times that it will answer soon is waited for', async () => {
    const soon = 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(500);
    const { transport } = await scripted([
      { rawHead: `${soon}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n`, body: 'ok' },
    ]);
    expect(await ask(transport)).toBe('ok');
  });

  test('says so for ever is left when the caller aborts', async () => {
    let isGone = false;
    const origin = await raw((socket) => {
      socket.on('data', () => {
        const flood = (): void => {
          if (!socket.destroyed) socket.write('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100), () => setImmediate(flood));
        };
        flood();
      });
      socket.on('close', () => {
        isGone = true;
      });
    });
    const canceller = new AbortController();
    const answer = ask(open(origin), { signal: canceller.signal });
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    canceller.abort('enough');
    expect(await refused(answer)).toBe('enough');
    while (!isGone) await new Promise(setImmediate);
  });

  test('says 100 or 101 unasked is typed', async () => {
    for (const status of ['100 Continue', '101 Switching Protocols']) {
      const { transport } = await scripted([{ rawHead: `HTTP/1.1 ${status}\r\n\r\n`, body: 'x' }]);
      expect(await refused(ask(transport))).toMatchObject({ name: 'ProviderError', provider: 'acme' });
    }
  });

  test('sends more than its Content-Length has lost the rest: it is nobody’s answer', async () => {
    const smuggled = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil';
    const { transport } = await scripted((request) =>
      request.path === '/first'
        ? { rawHead: 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n', body: `ok${smuggled}` }
        : { body: 'good' },
    );
    for (let i = 0; i < 20; i++) {
      expect(
        await ask(transport, { path: '/first' }).catch((error: unknown) => (error as { code: string }).code),
      ).toMatch(/^(ok|ERR_PROVIDER_.*)$/);
      expect(await ask(transport, { path: '/second' })).toBe('good');
    }
  });

  test.each([
    ['two lengths', 'content-length: 2\r\ncontent-length: 3\r\n'],
    ['a length and chunks', 'content-length: 2\r\ntransfer-encoding: chunked\r\n'],
    ['a negative length', 'content-length: -2\r\n'],
    ['a length that is no number', 'content-length: 0x2\r\n'],
    ['a length beyond all numbers', 'content-length: 99999999999999999999999\r\n'],
  ])('gives %s is refused', async (_name, lengths) => {
    const { transport } = await scripted([{ rawHead: `HTTP/1.1 200 OK\r\n${lengths}\r\n`, body: 'okk' }]);
    expect(await refused(ask(transport))).toMatchObject({
      code: expect.stringMatching(/^ERR_PROVIDER_(BAD_RESPONSE|RESET)$/),
      retryable: true,
    });
  });

  test.each(['gzip', 'gzip, gzip, gzip, br', 'identity, gzip', 'x-unknown', 'GZIP'])(
    'encodes its body (%s) is refused before a byte of it is read',
    async (encoding) => {
      const { transport } = await scripted([{ headers: { 'content-encoding': encoding }, body: 'zzz' }]);
      expect(await refused(ask(transport))).toMatchObject({ code: 'ERR_PROVIDER_BAD_RESPONSE' });
    },
  );

  test('F21: resets before it has read the request is a reset that may be retried, asked once', async () => {
    let connections = 0;
    const origin = await raw((socket) => {
      connections++;
      socket.resetAndDestroy();
    });
    const error = await refused(ask(open(origin)));
    expect(error).toMatchObject({ retryable: true, code: expect.stringMatching(/RESET|CONNECT/) });
    expect(connections).toBe(1);
  });
});
