/**
 * F14 on what real vendors sent, a recording of each wire format: cut at every byte, in order and by RST. What must have
 * come is read from the bytes that arrived by a reader of this file, which shares no code with ours.
 */
import { describe, expect, test } from 'vitest';
import {
  type Client,
  isStreamTruncatedError,
  type ProviderName,
  userMessage,
  withAPIKey,
  withBaseURL,
  withCache,
  withProvider,
  withRetryBudget,
  withRetryDelay,
} from '../../src/llm/index.js';
import { createFaultProxy, type FaultProxy } from '../../src/testing/fault-proxy.js';
import type { ScriptedServer } from '../../src/testing/scripted-server.js';
import { hasRecordings, readEvents, readExpectation } from '../support/recordings.js';
import { clientOf, closing, serve } from './harness.js';

/** Text and thoughts. */
type Words = readonly [text: string, thoughts: string];

interface Format {
  readonly provider: ProviderName;
  /** What one event says; what it leaves out is nothing. */
  read(event: never): readonly (string | undefined)[];
  /** An event as it is sent. */
  frame(event: string): string;
  /** Sent after the last event. */
  readonly last?: string;
  readonly contentType?: string;
  /** The stream has no last event: its end is the end of the body. */
  readonly endsWithBody?: boolean;
}

interface GeminiPart {
  readonly text?: string;
  readonly thought?: boolean;
}
const said = (parts: readonly GeminiPart[], isThought: boolean): string =>
  parts.map(({ text = '', thought = false }) => (thought === isThought ? text : '')).join('');

const data = (event: string): string => `data: ${event}\n\n`;
const named = (event: string): string => `event: ${JSON.parse(event).type}\n${data(event)}`;

const OPENAI_CHAT: Format = {
  provider: 'vllm',
  read: ({ choices }: { choices: { delta: { content?: string; reasoning_content?: string } }[] }) => [
    choices[0]?.delta.content,
    choices[0]?.delta.reasoning_content,
  ],
  frame: data,
  last: data('[DONE]'),
};
const OPENAI_RESPONSES: Format = {
  provider: 'openai-responses',
  read: ({ type, delta }: { type: string; delta: string }) => (type === 'response.output_text.delta' ? [delta] : []),
  frame: named,
};
const ANTHROPIC: Format = {
  provider: 'anthropic',
  read: ({ delta }: { delta?: { text?: string; thinking?: string } }) => [delta?.text, delta?.thinking],
  frame: named,
};
const GEMINI: Format = {
  provider: 'gemini',
  read: ({ candidates }: { candidates: { content: { parts: GeminiPart[] } }[] }) => {
    const parts = candidates[0]?.content.parts ?? [];
    return [said(parts, false), said(parts, true)];
  },
  frame: data,
  endsWithBody: true,
};
const COHERE: Format = {
  provider: 'cohere',
  read: ({ type, delta }: { type: string; delta: { message: { content: { text: string } } } }) =>
    type === 'content-delta' ? [delta.message.content.text] : [],
  frame: named,
};
const OLLAMA: Format = {
  provider: 'ollama',
  read: ({ message }: { message: { content: string; thinking?: string } }) => [message.content, message.thinking],
  frame: (event) => `${event}\n`,
  contentType: 'application/x-ndjson',
};

/** No recording is Ollama's: these lines are what its interface is documented to send. */
const ollamaLines = [
  { message: { role: 'assistant', content: '', thinking: 'hm 👍' }, done: false },
  { message: { role: 'assistant', content: 'naïve ' }, done: false },
  { message: { role: 'assistant', content: '日本' }, done: false },
  { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 2 },
].map((line) => JSON.stringify({ model: 'm', created_at: '2026-01-01T00:00:00Z', ...line }));

interface Recorded {
  readonly format: Format;
  readonly body: Buffer;
  /** Bytes on the wire, the chunk around the body included, without which the answer is not whole. */
  readonly wholeAt: number;
  /** What has come once so many bytes have. */
  after(bytes: number): Words;
}

function sent(format: Format, events: readonly string[]): Recorded {
  const body = Buffer.from(events.map(format.frame).join('') + (format.last ?? ''));
  // The size of the one chunk stands before it; its end and the end of all chunks behind it.
  const before = `${body.length.toString(16)}\r\n`.length;
  const behind = format.endsWithBody === true ? '\r\n0\r\n\r\n'.length : 0;
  const steps: { readonly at: number; readonly words: Words }[] = [];
  let at = before;
  let [text, thoughts]: Words = ['', ''];
  for (const event of events) {
    at += Buffer.byteLength(format.frame(event));
    const [moreText = '', moreThoughts = ''] = format.read(JSON.parse(event) as never);
    text += moreText;
    thoughts += moreThoughts;
    steps.push({ at, words: [text, thoughts] });
  }
  const after = (bytes: number): Words => steps.findLast((step) => step.at <= bytes)?.words ?? ['', ''];
  return { format, body, wholeAt: before + body.length + behind, after };
}

/** With a proxy and a server of its own, so that what they see is one call's. */
interface Lane {
  readonly client: Client;
  readonly proxy: FaultProxy;
  readonly server: ScriptedServer;
}

const LANES = 8;

async function openLane({ format, body }: Recorded): Promise<Lane> {
  const { provider, contentType = 'text/event-stream' } = format;
  const server = await serve([{ headers: { 'content-type': contentType }, body, framing: 'chunked' }]);
  const proxy = closing(await createFaultProxy({ target: server.url }));
  const client = clientOf(
    proxy,
    withProvider(provider),
    withBaseURL(proxy.url),
    withAPIKey('none'),
    withCache(true),
    withRetryBudget({ share: 1, minPerSecond: 1000 }),
    withRetryDelay(0),
  );
  return { client, proxy, server };
}

interface Seen {
  readonly words: Words;
  readonly isFinished: boolean;
  readonly error: unknown;
}
async function read(client: Client, retryCount: number): Promise<Seen> {
  let [text, thoughts]: Words = ['', ''];
  let isFinished = false;
  let error: unknown;
  try {
    for await (const chunk of client.stream([userMessage('why?')], { retryCount })) {
      if (chunk.kind === 'text-delta') text += chunk.text;
      if (chunk.kind === 'reasoning-delta') thoughts += chunk.text;
      isFinished ||= chunk.kind === 'finish';
    }
  } catch (caught) {
    error = caught;
  }
  return { words: [text, thoughts], isFinished, error };
}

async function cutEverywhere(recorded: Recorded, by: 'fin' | 'reset', whole: Words): Promise<void> {
  const { wholeAt, after } = recorded;
  expect(after(wholeAt)).toEqual(whole);
  let next = 0;
  async function run({ client, proxy, server }: Lane): Promise<void> {
    while (next < wholeAt) {
      const afterBytes = next++;
      proxy.setFaults({ toClient: { countFrom: 'body', cut: { afterBytes, by } } });
      const words = after(afterBytes);
      const asked = server.requests.length;
      // Before the first word a new attempt harms nobody, and is not what is looked at here.
      const { error, ...seen } = await read(client, words.join('') === '' ? 0 : 2);
      const requests = server.requests.length - asked;
      expect({ ...seen, requests, isTruncated: isStreamTruncatedError(error) }, `cut at ${afterBytes}`).toEqual({
        words,
        isFinished: false,
        // None, had the answer of before been kept.
        requests: 1,
        isTruncated: true,
      });
    }
    expect(client.metrics()).toMatchObject({ stored: 0, cacheHits: 0, active: 0 });
    // Uncut it is whole, and only then is it kept.
    proxy.setFaults({});
    for (let asked = 1; asked <= 2; asked++)
      expect(await read(client, 0)).toEqual({ words: whole, isFinished: true, error: undefined });
    expect(client.metrics()).toMatchObject({ stored: 1, cacheHits: 1 });
  }
  const lanes = await Promise.all(Array.from({ length: LANES }, () => openLane(recorded)));
  await Promise.all(lanes.map(run));
}

const RECORDINGS: readonly (readonly [string, Format])[] = [
  ['moonshot-kimi/moonshotai-stream.chunks.txt', OPENAI_CHAT],
  ['open-responses/responses__openai-pdf-input-file.1.chunks.txt', OPENAI_RESPONSES],
  ['anthropic/anthropic-message-delta-input-tokens.chunks.txt', ANTHROPIC],
  ['gemini/google-text.chunks.txt', GEMINI],
  ['cohere/cohere-text.chunks.txt', COHERE],
];

describe.skipIf(!hasRecordings).each(RECORDINGS)('F14: %s, cut at any byte', (name, format) => {
  test.each(['fin', 'reset'] as const)('is the words that came and a typed error, by %s', async (by) => {
    // What the vendor's own SDK made of it.
    const { text = '', reasoning = '' } = readExpectation<{ text: string; reasoning: string }>(name) ?? {};
    await cutEverywhere(sent(format, readEvents(name)), by, [text, reasoning]);
  });
});

describe('F14: lines as Ollama sends them, cut at any byte', () => {
  test.each(['fin', 'reset'] as const)('are the words that came and a typed error, by %s', (by) =>
    cutEverywhere(sent(OLLAMA, ollamaLines), by, ['naïve 日本', 'hm 👍']),
  );
});
