/** The recorded streams as their vendors sent them, and a provider of each format that is given such bytes. */
import { expect } from 'vitest';
import { type Chunk, type ProviderAnswer, userMessage } from '../../src/protocol/chat.js';
import { flatten } from '../../src/protocol/flatten.js';
import { createAnthropicProvider } from '../../src/providers/anthropic/provider.js';
import { createCohereProvider } from '../../src/providers/cohere/provider.js';
import { createGeminiProvider } from '../../src/providers/gemini/provider.js';
import type { HttpProviderOptions } from '../../src/providers/http-provider.js';
import { createOpenAIChatProvider } from '../../src/providers/openai-chat/provider.js';
import { createOpenAIResponsesProvider } from '../../src/providers/openai-responses/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import { expectedAnswer } from '../support/expected-answer.js';
import { createPiecesTransport } from '../support/pieces-transport.js';
import { type RecordingKind, readEvents } from '../support/recordings.js';
import { assemble } from './assemble-chunks.js';

const CREATE: Readonly<Record<RecordingKind, (options: HttpProviderOptions) => Provider>> = {
  chat: createOpenAIChatProvider,
  responses: createOpenAIResponsesProvider,
  anthropic: createAnthropicProvider,
  gemini: createGeminiProvider,
  cohere: createCohereProvider,
};

/** How a vendor frames an event, and what it sends after the last. */
const DRESSES: Readonly<Record<RecordingKind, { frame: (line: string) => string; end: string }>> = {
  chat: { frame: (line) => `data: ${line}\n\n`, end: 'data: [DONE]\n\n' },
  responses: { frame: framedByName, end: '' },
  anthropic: { frame: framedByName, end: '' },
  gemini: { frame: (line) => `data: ${line}\r\n\r\n`, end: '' },
  cohere: { frame: framedByName, end: 'data: [DONE]\n\n' },
};

/** Each event named after its type. Not by parsing: one recording holds malformed JSON. */
function framedByName(line: string): string {
  return `event: ${/"type":\s*"([^"]+)"/.exec(line)?.[1]}\ndata: ${line}\n\n`;
}

export function recordedStream(name: string, kind: RecordingKind): string {
  const { frame, end } = DRESSES[kind];
  return readEvents(name).map(frame).join('') + end;
}

/** The answers in a recording: some hold a conversation, one stream after the other, of which the SDK gave the last. */
export function recordedStreams(name: string, kind: RecordingKind): string[] {
  return recordedStream(name, kind).split(/(?=event: response\.created\n)/);
}

/** Asks a provider of the format for a stream, and gives it these pieces: the whole answer, or its chunks. */
export interface Reader {
  (pieces: Iterable<Uint8Array>): Promise<ProviderAnswer>;
  chunks(pieces: Iterable<Uint8Array>): Promise<readonly Chunk[]>;
}

export function createReader(kind: RecordingKind): Reader {
  const transport = createPiecesTransport('http://recorded.test');
  const provider = CREATE[kind]({ name: 'recorded', baseURL: 'http://recorded.test/v1', transport });
  const request = { model: 'asked', messages: [userMessage('hello')] };

  async function readChunks(pieces: Iterable<Uint8Array>): Promise<Chunk[]> {
    transport.answer = { headers: { 'content-type': 'text/event-stream' }, pieces };
    const chunks: Chunk[] = [];
    const { signal } = new AbortController();
    for await (const chunk of flatten(provider.chat({ request, stream: true, signal, apiKey: 'k' })))
      chunks.push(chunk);
    return chunks;
  }
  return Object.assign(async (pieces: Iterable<Uint8Array>) => assemble(await readChunks(pieces)), {
    chunks: readChunks,
  });
}

/** The answer is what the official SDK made of the stream. */
export function expectAnswer(answer: ProviderAnswer, name: string, kind: RecordingKind): void {
  const { reasoning, toolCalls, ...expected } = expectedAnswer(name, kind);
  expect(answer).toMatchObject({ ...expected, toolCalls: answer.toolCalls });
  expect(answer.usage).toEqual(expected.usage);
  if (reasoning !== undefined) expect(answer.reasoning ?? '').toBe(reasoning);
  const hasIds = toolCalls.every(({ id }) => id !== undefined);
  const calls = answer.toolCalls.map(({ id, name: tool, arguments: text }) => ({
    ...(hasIds ? { id } : {}),
    name: tool,
    arguments: JSON.parse(text) as unknown,
  }));
  expect(calls).toEqual(toolCalls);
  expect(new Set(answer.toolCalls.map(({ id }) => id)).size).toBe(calls.length);
  expect(answer.id).not.toBe('');
  expect(answer.model).not.toBe('');
}
