/**
 * Calls that share one long-lived AbortSignal, a tenth of them aborted by one of their own, while every listener and plugin
 * throws. Prints what they leave behind: listeners, sockets, timers, descriptors, calls, and how the heap grew from the
 * first tenth to the end. Exit code 1 if anything is left.
 * Usage: node --expose-gc bench/load/signal.mjs [process|loopback|all] [CALLS]
 */
import { getEventListeners } from 'node:events';
import { watchHandles } from './lib/handles.mjs';

const handles = watchHandles();
const built = (entry) => import(new URL(`../../dist/${entry}/index.js`, import.meta.url).href);
const {
  createClient,
  userMessage,
  withBaseURL,
  withFirstTokenTimeout,
  withModel,
  withPlugins,
  withProvider,
  withStreamIdleTimeout,
  withTimeout,
  withTotalTimeout,
} = await built('llm');
const { createLocalServer, createScriptedProvider } = await built('testing');

/** At one time. */
const WIDTH = 100;
/** Growth of the heap, over all calls after the first tenth, that counts as flat. */
const FLAT_BYTES = 4 * 1024 * 1024;

function fail() {
  throw BROKEN;
}
const BROKEN = new Error('this sink is broken');
/** Every timer there is for a call, none of which would fire by itself before the end. */
const settings = [
  withModel('m'),
  withPlugins([{ name: 'sink', afterResponse: fail, onChunk: fail }]),
  withTotalTimeout('4h'),
  withTimeout('3h'),
  withFirstTokenTimeout('2h'),
  withStreamIdleTimeout('1h'),
];

async function run(where, calls) {
  // An answer that takes a turn of the loop, so that aborts come amid the calls.
  const provider = createScriptedProvider({ answers: 'a b c', keepCalls: 1, latency: { firstMs: 1 } });
  const server = where === 'loopback' ? await createLocalServer({ provider }) : undefined;
  const open = () =>
    server === undefined
      ? createClient(withProvider(provider), ...settings)
      : createClient(withProvider('vllm'), withBaseURL(server.baseURL), ...settings);
  // What is loaded and made once for all is there before.
  const first = open();
  await first.chat([userMessage('first')]);
  await first.close();
  await handles.begin();

  const client = open();
  for (const kind of ['call-started', 'upstream-call', 'call-ended']) client.on(kind, fail);
  const { signal } = new AbortController();
  let heapBefore = 0;
  let aborted = 0;

  async function call(index) {
    // Few prompts: the provider counts the calls of each.
    const messages = [userMessage(`question ${index % 16}`)];
    const own = index % 10 === 9 ? new AbortController() : undefined;
    const perCall = { signal: own?.signal ?? signal };
    const answer = index % 2 === 0 ? client.chat(messages, perCall) : client.stream(messages, perCall).final();
    if (own !== undefined) setImmediate(() => own.abort(LEFT));
    await answer.catch((error) => {
      if (error !== LEFT) throw error;
      aborted++;
    });
  }
  let next = 0;
  async function work() {
    while (next < calls) {
      if (next === Math.floor(calls / 10)) heapBefore = heapBytes();
      await call(next++);
    }
  }
  await Promise.all(Array.from({ length: WIDTH }, work));
  const heapGrowth = heapBytes() - heapBefore;
  const { active, containedErrors: contained } = client.metrics();
  await client.close();
  // Before the server is: it would end what the client has left open.
  const left = await handles.left();
  await server?.close();
  return {
    where,
    calls,
    listeners: getEventListeners(signal, 'abort').length,
    ...left,
    active,
    upstreamActive: provider.stats().active,
    aborted,
    contained,
    heapGrowthBytes: heapGrowth,
  };
}

const LEFT = new Error('left');

function heapBytes() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

const [where = 'all', calls = '1000000'] = process.argv.slice(2);
for (const place of where === 'all' ? ['process', 'loopback'] : [where]) {
  const result = await run(place, Number(calls));
  process.stdout.write(`${JSON.stringify(result)}\n`);
  const { listeners, sockets, timers, descriptors, active, upstreamActive, heapGrowthBytes } = result;
  const isClean = [listeners, sockets, timers, descriptors ?? 0, active, upstreamActive].every((count) => count === 0);
  // A short run is warming up all the time: only a long one tells whether the heap is flat.
  const isFlat = result.calls < 100_000 || heapGrowthBytes <= FLAT_BYTES;
  if (!isClean || !isFlat) process.exitCode = 1;
}
