/** A provider in front of a scripted server, one answer in both forms, and what the tests of the provider share. */
import { afterEach } from 'vitest';
import { transportSettings } from '../../../src/profiles/transport.js';
import { type ChatRequest, type Chunk, userMessage } from '../../../src/protocol/chat.js';
import { flatten } from '../../../src/protocol/flatten.js';
import { createOpenAIChatProvider } from '../../../src/providers/openai-chat/provider.js';
import type { OpenAIOptions } from '../../../src/providers/openai-common.js';
import type { Provider } from '../../../src/providers/provider.js';
import {
  createScriptedServer,
  type Script,
  type ScriptedReply,
  type ScriptedServer,
} from '../../../src/testing/scripted-server.js';
import { createTransport } from '../../../src/transport/undici-transport.js';

export const KEY: string = 'sk-canary-5b1d9c';
export const request: ChatRequest = { model: 'm', messages: [userMessage('Why do cats purr at night, of all times?')] };
export const ANSWER: object = {
  id: 'chatcmpl-1',
  model: 'm-2026',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Because.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  system_fingerprint: 'fp_1',
};
export const EVENTS: readonly object[] = [
  { id: 'chatcmpl-1', model: 'm-2026', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] },
  { id: 'chatcmpl-1', choices: [{ index: 0, delta: { content: 'Bec' } }] },
  { id: 'chatcmpl-1', choices: [{ index: 0, delta: { content: 'ause – 🐈' } }] },
  { id: 'chatcmpl-1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  { id: 'chatcmpl-1', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
];
export const TEXT: string = 'Because – 🐈';

export function frame(...events: readonly unknown[]): string {
  return events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
}
export const STREAM: string = frame(...EVENTS, '[DONE]');
export function streamReply(body: string, changes: Partial<ScriptedReply> = {}): ScriptedReply {
  return {
    headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req-9' },
    framing: 'chunked',
    body,
    ...changes,
  };
}

/** Run after each test, last one first. */
export const closers: (() => Promise<void> | undefined)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
export async function start(
  script: Script,
  options: Partial<OpenAIOptions> = {},
): Promise<{ server: ScriptedServer; provider: Provider }> {
  const server = await createScriptedServer(script);
  const transport = createTransport({ origin: server.url, settings: transportSettings() });
  const provider = createOpenAIChatProvider({ name: 'acme', baseURL: `${server.url}/v1`, transport, ...options });
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
