/** A provider in front of a scripted server, whatever it speaks, and what the tests of providers share. */
import { afterEach } from 'vitest';
import { transportSettings } from '../../src/profiles/transport.js';
import { type ChatRequest, type Chunk, userMessage } from '../../src/protocol/chat.js';
import { flatten } from '../../src/protocol/flatten.js';
import type { HttpProviderOptions } from '../../src/providers/http-provider.js';
import type { Provider } from '../../src/providers/provider.js';
import {
  createScriptedServer,
  type Script,
  type ScriptedReply,
  type ScriptedServer,
} from '../../src/testing/scripted-server.js';
import { createTransport } from '../../src/transport/undici-transport.js';

export const KEY: string = 'sk-canary-5b1d9c';
export const request: ChatRequest = { model: 'm', messages: [userMessage('Why do cats purr at night, of all times?')] };

export function streamReply(body: string, changes: Partial<ScriptedReply> = {}): ScriptedReply {
  return {
    headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req-9' },
    framing: 'chunked',
    body,
    ...changes,
  };
}

/** The reply in pieces that each wait some turns, so that a client can leave amid the stream. */
export function unhurried(reply: ScriptedReply): ScriptedReply {
  return {
    framing: 'chunked',
    sliceBytes: 100,
    async beforeSlice() {
      for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    },
    ...reply,
  };
}

/** Run after each test, last one first. */
export const closers: (() => Promise<void> | undefined)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

export interface Started {
  readonly server: ScriptedServer;
  readonly provider: Provider;
}

/** The provider is called acme, and asks the server below `path`. */
export async function startProvider(
  create: (options: HttpProviderOptions) => Provider,
  script: Script,
  path = '',
): Promise<Started> {
  const server = await createScriptedServer(script);
  const transport = createTransport({ origin: server.url, settings: transportSettings() });
  const provider = create({ name: 'acme', baseURL: `${server.url}${path}`, transport });
  closers.push(
    () => server.close(),
    () => provider.close?.(),
  );
  return { server, provider };
}

export function chat(
  provider: Provider,
  stream: boolean,
  signal: AbortSignal = new AbortController().signal,
): AsyncIterable<Chunk> {
  return flatten(provider.chat({ request, stream, signal, apiKey: KEY }));
}

/** The chunks up to the end or the error, and the error. */
export async function collect(
  chunks: ReturnType<Provider['chat']>,
): Promise<{ chunks: Chunk[]; text: string; error: unknown }> {
  const all: Chunk[] = [];
  let error: unknown;
  try {
    for await (const chunk of flatten(chunks)) all.push(chunk);
  } catch (reason) {
    error = reason;
  }
  return { chunks: all, text: all.map((chunk) => (chunk.kind === 'text-delta' ? chunk.text : '')).join(''), error };
}
