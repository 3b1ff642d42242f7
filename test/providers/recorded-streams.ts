/** The recorded streams as their vendors sent them, and a provider of each format that is given such bytes. */
import { expect } from 'vitest';
import type { ProviderAnswer } from '../../src/protocol/chat.js';
import { createAnthropicProvider } from '../../src/providers/anthropic/provider.js';
import { createCohereProvider } from '../../src/providers/cohere/provider.js';
import { createGeminiProvider } from '../../src/providers/gemini/provider.js';
import type { HttpProviderOptions } from '../../src/providers/http-provider.js';
import { createOpenAIChatProvider } from '../../src/providers/openai-chat/provider.js';
import { createOpenAIResponsesProvider } from '../../src/providers/openai-responses/provider.js';
import type { Provider } from '../../src/providers/provider.js';
import type { Transport } from '../../src/transport/transport.js';
import { expectedAnswer } from '../support/expected-answer.js';
import { type RecordingKind, readEvents } from '../support/recordings.js';
import { createPiecesReader, type Reader } from './pieces-reader.js';

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

export function createReader(kind: RecordingKind): Reader {
  const create = (transport: Transport): Provider =>
    CREATE[kind]({ name: 'recorded', baseURL: `${transport.origin}/v1`, transport });
  return createPiecesReader(create, 'text/event-stream');
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
