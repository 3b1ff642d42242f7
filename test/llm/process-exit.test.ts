/** A client that is never closed, with a pool, a cache, a breaker and alerts, lets the process end. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLocalProvider } from '../../src/providers/local/provider.js';
import { createLocalServer } from '../../src/testing/local-server.js';

const HALF_READ = `
  import { createClient, userMessage, withBaseURL, withModel, withProvider } from './dist/llm/index.js';
  const client = createClient(withProvider('custom'), withBaseURL(process.env.LOCAL_URL), withModel('m'));
  const chunks = client.stream([userMessage('Context: the sky is blue. What colour is the sky?')])[Symbol.asyncIterator]();
  console.log((await chunks.next()).value.kind);
`;
const SCRIPT = `
  import { createClient, userMessage, withAlerts, withBaseURL, withCache, withCircuitBreaker, withModel, withProvider } from './dist/llm/index.js';
  const client = createClient(
    withProvider('custom'), withBaseURL(process.env.LOCAL_URL), withModel('m'),
    withCache(true, '5m'), withCircuitBreaker(), withAlerts('guide'),
  );
  const answer = await client.chat([userMessage('Context: the sky is blue. What colour is the sky?')]);
  console.log(answer.finishReason);
`;

const WARM = `
  import { createServer } from 'node:net';
  import { createClient, userMessage, withBaseURL, withModel, withProvider, withTransport } from './dist/llm/index.js';
  const warm = createClient(
    withProvider('custom'), withBaseURL(process.env.LOCAL_URL), withModel('m'), withTransport({ prewarm: 2 }),
  );
  const answer = await warm.chat([userMessage('Context: the sky is blue. What colour is the sky?')]);
  console.log(answer.finishReason);
  // A server that accepts and says nothing more: the handshake would take for ever.
  const silent = createServer((socket) => socket.unref()).listen(0, '127.0.0.1', () => {
    silent.unref();
    const url = 'https://127.0.0.1:' + silent.address().port;
    const patient = withTransport({ prewarm: 1, tlsTimeout: '10m', controlTimeout: '10m' });
    createClient(withProvider('custom'), withBaseURL(url), withModel('m'), patient);
  });
`;

const BULK = `
  import { BatchProcessor, createClient, scheduleWarmup, userMessage, withBaseURL, withCache, withModel, withProvider } from './dist/llm/index.js';
  const client = createClient(withProvider('custom'), withBaseURL(process.env.LOCAL_URL), withModel('m'), withCache(true));
  scheduleWarmup(client, ['Context: snow is white. What colour is snow?'], { every: '1h' });
  const processor = new BatchProcessor(client, { batchSize: 100, interval: 300 });
  // Nothing but the interval keeps the process alive while this is awaited.
  console.log((await processor.process([userMessage('Context: the sky is blue. What colour is the sky?')])).finishReason);
  const forgotten = new AbortController();
  processor.process([userMessage('left')], { signal: forgotten.signal }).catch(() => undefined);
  forgotten.abort();
`;

const CLOSED = `
  import { watchHandles } from './bench/load/lib/handles.mjs';
  const handles = watchHandles();
  const { createClient, userMessage, withAlerts, withBaseURL, withCache, withModel, withProvider, withTransport } = await import('./dist/llm/index.js');
  async function live() {
    const client = createClient(
      withProvider('custom'), withBaseURL(process.env.LOCAL_URL), withModel('m'),
      withCache(true, '5m'), withAlerts('guide'), withTransport({ prewarm: 2 }),
    );
    const messages = [userMessage('Context: the sky is blue. What colour is the sky?')];
    await client.chat(messages);
    await client.stream(messages, { cache: false }).final();
    await client.close();
  }
  // What is made once for all clients is there before.
  await live();
  await handles.begin();
  await live();
  const left = await handles.left();
  console.log(Object.values(left).some(Boolean) ? JSON.stringify(left) : 'nothing left');
`;

test.each([
  ['a client that is closed leaves no socket and no timer, and', CLOSED, 'nothing left\n'],
  ['a client that keeps connections warm', WARM, 'stop\n'],
  ['a client that is never closed', SCRIPT, 'stop\n'],
  ['a stream left half read', HALF_READ, 'start\n'],
  ['a processor that is never closed, and a warmup by schedule,', BULK, 'stop\n'],
])('F56: %s does not keep the process open', async (_name, script, expected) => {
  const server = await createLocalServer({ provider: createLocalProvider() });
  const args = ['--input-type=module', '--unhandled-rejections=strict', '--eval', script];
  const cwd = join(import.meta.dirname, '../..');
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, LOCAL_URL: server.baseURL },
    timeout: 20_000,
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (printed += text.toString()));
  const status = await new Promise((resolve) => child.on('close', resolve));
  // The pool's idle connection is still open on our side: it was not the client that ended it.
  await server.close();
  expect([status, printed]).toEqual([0, expected]);
});
