/** Faults of the network as the client shows them. Names cite the fault matrix (docs/guide/reliability.md). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Client,
  type ClientOption,
  createClient,
  createCustomClient,
  isProviderError,
  isStreamTruncatedError,
  userMessage,
  withAPIKey,
  withBaseURL,
  withCache,
  withClock,
  withCustomHeaders,
  withModel,
  withProvider,
  withTimeout,
} from '../../src/llm/index.js';
import { createFakeClock } from '../../src/testing/fake-clock.js';
import { createScriptedServer, type Script, type ScriptedServer } from '../../src/testing/scripted-server.js';
import { rejection } from './puppet.js';

const question = [userMessage('why?')];
const ANSWER = JSON.stringify({
  id: 'c',
  choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
});
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
async function serve(script: Script): Promise<ScriptedServer> {
  const server = await createScriptedServer(script);
  closers.push(() => server.close());
  return server;
}
function clientOf(url: string, ...options: readonly ClientOption[]): Client {
  const client = createCustomClient(`${url}/v1`, withModel('m'), ...options);
  closers.push(() => client.close());
  return client;
}
const event = (choice: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`;

describe('F14: a stream cut at any byte', () => {
  const body =
    event({ delta: { content: 'a€' } }) + event({ delta: { content: '😀b' } }) + event({ finish_reason: 'stop' });
  const bytes = Buffer.from(`${body}data: [DONE]\n\n`);
  const text = 'a€😀b';

  test.each([
    ['chunked', 'fin'],
    ['chunked', 'reset'],
    ['length', 'fin'],
    ['length', 'reset'],
    ['close', 'fin'],
    ['close', 'reset'],
  ] as const)('is an error after what came before it, and is never stored (%s, %s)', async (framing, cutBy) => {
    const server = await serve((_, index) => ({
      headers: { 'content-type': 'text/event-stream' },
      body: bytes,
      framing,
      cutAfterBytes: index,
      cutBy,
    }));
    const client = clientOf(server.url, withProvider('vllm'), withCache(true));
    // The line end after the last event is no part of it where the end of the body may end a line.
    for (let cut = 0; cut < bytes.length - 2; cut++) {
      let got = '';
      const error = await rejection(
        (async () => {
          for await (const chunk of client.stream(question)) if (chunk.kind === 'text-delta') got += chunk.text;
        })(),
      );
      expect(isProviderError(error) || isStreamTruncatedError(error), `cut at ${cut}: ${String(error)}`).toBe(true);
      expect(error).toMatchObject({ retryable: true });
      expect(text.startsWith(got), `cut at ${cut}: ${got}`).toBe(true);
      expect(client.metrics().stored).toBe(0);
    }
    expect(server.requests).toHaveLength(bytes.length - 2);
  });
});

describe('T18: a redirect', () => {
  test.each([301, 302, 303, 307, 308])(
    '(%i) is an error: neither the key nor the question goes elsewhere',
    async (status) => {
      const trap = await serve([{ body: ANSWER }]);
      const server = await serve([{ status, headers: { location: `${trap.url}/v1/chat/completions` } }]);
      for (const provider of ['openai', 'anthropic', 'gemini', 'azure'] as const) {
        const client = createClient(
          withProvider(provider),
          withAPIKey('sk-canary-0123456789'),
          withBaseURL(server.url),
          withModel('m'),
          withCustomHeaders({ 'x-secret': 'sk-canary-0123456789' }),
        );
        closers.push(() => client.close());
        const error = await rejection(client.chat(question));
        expect(error).toMatchObject({ name: 'ProviderError', status, retryable: false });
        expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
      }
      expect(server.requests).toHaveLength(4);
      expect(trap.connections).toBe(0);
    },
  );
});

describe('F25: a peer that takes the request and never answers', () => {
  test('ends the attempt in its time, and its connection is closed, not used again', async () => {
    const clock = createFakeClock();
    const server = await serve((_, index) => (index === 0 ? { hang: 'before-head' } : { body: ANSWER }));
    const client = clientOf(server.url, withClock(clock), withTimeout('10s'));
    const error = rejection(client.chat(question));
    await server.until(({ requests }) => requests.length === 1);
    await clock.advanceAsync(10_001);
    expect(await error).toMatchObject({ name: 'DeadlineError', kind: 'attempt' });
    await server.until(({ closedConnections }) => closedConnections === 1);
    expect((await client.chat(question)).text).toBe('ok');
    expect(server.requests[1]?.connection).toBe(1);
  });

  test('issue 12: is waited for as long as the caller allows, and no shorter', async () => {
    const clock = createFakeClock();
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const server = await serve(async () => {
      await gate;
      return { body: ANSWER };
    });
    const client = clientOf(server.url, withClock(clock), withTimeout('15m'));
    const answer = client.chat(question);
    await server.until(({ requests }) => requests.length === 1);
    await clock.advanceAsync(310_000);
    go();
    expect((await answer).text).toBe('ok');
  });
});

test('F26: an answer that came in time is taken although the event loop was blocked beyond the timeout', async () => {
  let isBlocking = false;
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => {
      socket.write(
        `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${ANSWER.length}\r\n\r\n${ANSWER}`,
      );
      if (isBlocking) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => server.close());
  const client = clientOf(`http://127.0.0.1:${(server.address() as { port: number }).port}`, withTimeout(1000));
  // The first call may take long: it imports undici.
  await client.chat(question).catch(() => undefined);
  isBlocking = true;
  expect((await client.chat(question)).text).toBe('ok');
});

const NO_MORE_FILES = `
  import { openSync } from 'node:fs';
  import { createCustomClient, userMessage, withModel } from './dist/llm/index.js';
  const ask = (url) => createCustomClient(url, withModel('m')).chat([userMessage('why?')]);
  await ask(process.env.FIRST_URL);
  const files = [];
  try { for (;;) files.push(openSync('/dev/null')); } catch {}
  const error = await ask(process.env.SECOND_URL).catch((error) => error);
  console.log(error.name, error.code, error.retryable);
`;

test('F62: a process that may open no more files gets a typed error', async () => {
  const [first, second] = [await serve([{ body: ANSWER }]), await serve([{ body: ANSWER }])];
  const child = spawn(
    'sh',
    ['-c', 'ulimit -n 64; exec "$0" --input-type=module --eval "$1"', process.execPath, NO_MORE_FILES],
    {
      cwd: join(import.meta.dirname, '../..'),
      env: { ...process.env, FIRST_URL: `${first.url}/v1`, SECOND_URL: `${second.url}/v1` },
      timeout: 20_000,
    },
  );
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (printed += text.toString()));
  await once(child, 'close');
  expect(printed).toBe('ProviderError ERR_PROVIDER_CONNECT true\n');
});
