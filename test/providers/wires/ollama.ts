/** Ollama's own API (wire.md 2.6): a line of JSON for each event; a stream unless told otherwise; calls whole, without ids. */
import type { SceneAnswer } from '../../../src/testing/provider-scene.js';
import type { ScriptedRequest } from '../../../src/testing/scripted-server.js';
import { bodyOf, piecesOf, refusal, vectorOf, type Wire, wordOf } from './wire.js';

/** Calls of tools end like any answer. */
const DONE = { stop: 'stop', length: 'length', 'tool-calls': 'stop' } as const;

export const ollamaWire: Wire = {
  contentType: 'application/x-ndjson',
  faultOf: ({ path }) => (path === '/api/chat' || path === '/api/embed' ? undefined : `no such path: ${path}`),
  isStream: (asked) => bodyOf(asked)['stream'] !== false,
  whole: (answer) => line(messageOf(answer), doneOf(answer)),
  stream(answer) {
    const { text, reasoning = '', toolCalls } = answer;
    const said = [
      ...piecesOf(reasoning).map((thinking) => ({ content: '', thinking })),
      ...piecesOf(text).map((content) => ({ content })),
      ...toolCalls.map((call) => ({ content: '', tool_calls: [callOf(call)] })),
    ];
    return lines([...said.map((message) => line(message, { done: false })), line({ content: '' }, doneOf(answer))]);
  },
  brokenStream(text, message) {
    return lines([...piecesOf(text).map((content) => line({ content }, { done: false })), { error: message }]);
  },
  error: (status, message, wait) => refusal(status, { error: message }, wait),
  embeddings(asked: ScriptedRequest) {
    if (asked.path !== '/api/embed') return undefined;
    const { input, model } = bodyOf(asked) as { input: readonly string[]; model: string };
    return { model, embeddings: input.map(vectorOf), total_duration: 1, load_duration: 1, prompt_eval_count: 1 };
  },
};

function line(message: object, rest: object): object {
  return { model: 'qwen3', created_at: '2026-01-01T00:00:00Z', message: { role: 'assistant', ...message }, ...rest };
}

function lines(all: readonly object[]): string {
  return all.map((one) => `${JSON.stringify(one)}\n`).join('');
}

function callOf({ name, arguments: text }: SceneAnswer['toolCalls'][number]): object {
  return { function: { name, arguments: JSON.parse(text) as object } };
}

function messageOf({ text, reasoning, toolCalls }: SceneAnswer): object {
  return {
    content: text,
    ...(reasoning === undefined ? {} : { thinking: reasoning }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(callOf) }),
  };
}

/** Durations are in nanoseconds. */
function doneOf({ finishReason, usage }: SceneAnswer): object {
  const counts = { prompt_eval_count: usage.inputTokens, eval_count: usage.outputTokens };
  return { done: true, done_reason: wordOf(DONE, finishReason), total_duration: 5_000_000, ...counts };
}
