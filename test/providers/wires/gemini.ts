/** Gemini's generateContent (wire.md 2.4): every event a whole answer of its own, no end mark, lines that end with CRLF. */
import type { SceneAnswer } from '../../../src/testing/provider-scene.js';
import type { ScriptedRequest } from '../../../src/testing/scripted-server.js';
import { bodyOf, MODEL, piecesOf, vectorOf, type Wire, wordOf } from './wire.js';

/** Calls of tools have no reason of their own. */
const FINISH = { stop: 'STOP', length: 'MAX_TOKENS', 'tool-calls': 'STOP', 'content-filter': 'SAFETY' } as const;
const STATUS: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
};

export const geminiWire: Wire = {
  contentType: 'text/event-stream',
  faultOf(asked) {
    if (
      !/^\/v1beta\/models\/[^/:]+:(generateContent|streamGenerateContent\?alt=sse|batchEmbedContents)$/.test(asked.path)
    )
      return `no such path: ${asked.path}`;
    if (!asked.headers['x-goog-api-key']) return 'no key in x-goog-api-key';
    const { contents = [] } = bodyOf(asked) as { contents?: { role: string }[] };
    return contents.every(({ role }) => role === 'user' || role === 'model') ? undefined : 'unexpected role';
  },
  isStream: ({ path }) => path.includes(':streamGenerateContent'),
  whole: (answer) => eventOf(partsOf(answer), answer, wordOf(FINISH, answer.finishReason)),
  stream(answer) {
    const pieces = partsOf(answer).flatMap((part) =>
      'text' in part ? piecesOf(String(part['text'])).map((text) => ({ ...part, text })) : [part],
    );
    const last = eventOf([{ text: '' }], answer, wordOf(FINISH, answer.finishReason));
    return framed([...pieces.map((part) => eventOf([part], answer)), last]);
  },
  brokenStream(text, message) {
    const begun = piecesOf(text).map((piece) => ({
      candidates: [{ content: { role: 'model', parts: [{ text: piece }] } }],
    }));
    return framed([...begun, { error: { code: 500, message, status: 'INTERNAL' } }]);
  },
  error(status, message, wait) {
    const details =
      wait === undefined ? [] : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${wait}s` }];
    return { status, body: JSON.stringify({ error: { code: status, message, status: STATUS[status], details } }) };
  },
  embeddings(asked: ScriptedRequest) {
    if (!asked.path.endsWith(':batchEmbedContents')) return undefined;
    const { requests } = bodyOf(asked) as { requests: { content: { parts: { text: string }[] } }[] };
    return { embeddings: requests.map(({ content }) => ({ values: vectorOf(content.parts[0]?.text ?? '') })) };
  },
};

type Part = Readonly<Record<string, unknown>>;

function framed(events: readonly object[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join('');
}

function partsOf({ text, reasoning, toolCalls }: SceneAnswer): Part[] {
  return [
    ...(reasoning === undefined ? [] : [{ text: reasoning, thought: true }]),
    ...(text === '' ? [] : [{ text }]),
    ...toolCalls.map((call) => ({
      functionCall: { name: call.name, args: JSON.parse(call.arguments) as object },
      thoughtSignature: 'c2ln',
    })),
  ];
}

/** Thoughts are counted beside what was said. */
function eventOf(parts: readonly Part[], { usage }: SceneAnswer, finishReason?: string): object {
  const { reasoningTokens: thoughts, cachedInputTokens: cached } = usage;
  const candidate = { content: { role: 'model', parts }, index: 0 };
  return {
    candidates: [finishReason === undefined ? candidate : { ...candidate, finishReason }],
    usageMetadata: {
      promptTokenCount: usage.inputTokens,
      candidatesTokenCount: usage.outputTokens - (thoughts ?? 0),
      totalTokenCount: usage.totalTokens,
      ...(thoughts === undefined ? {} : { thoughtsTokenCount: thoughts }),
      ...(cached === undefined ? {} : { cachedContentTokenCount: cached }),
    },
    modelVersion: MODEL,
    responseId: 'resp-1',
  };
}
