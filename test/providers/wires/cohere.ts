/** Cohere's chat, version 2 (wire.md 2.5). */
import type { SceneAnswer } from '../../../src/testing/provider-scene.js';
import type { ScriptedRequest } from '../../../src/testing/scripted-server.js';
import {
  bodyOf,
  faultOfDress,
  NO_TOKENS,
  namedSse,
  piecesOf,
  refusal,
  sse,
  vectorOf,
  type Wire,
  wordOf,
} from './wire.js';

const FINISH = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  'tool-calls': 'TOOL_CALL',
  'content-filter': 'ERROR_TOXIC',
} as const;

export const cohereWire: Wire = {
  contentType: 'text/event-stream',
  faultOf(asked) {
    const fault = faultOfDress(asked, ['/v2/chat', '/v2/embed'], 'authorization', 'Bearer ');
    const choice = bodyOf(asked)['tool_choice'];
    return fault ?? (choice === undefined || choice === 'REQUIRED' || choice === 'NONE' ? undefined : 'tool_choice');
  },
  isStream: (asked) => bodyOf(asked)['stream'] === true,
  whole: (answer) => ({
    id: 'answer-1',
    message: {
      role: 'assistant',
      content: blocksOf(answer),
      ...(answer.toolCalls.length === 0 ? {} : { tool_calls: answer.toolCalls.map(callOf) }),
    },
    finish_reason: wordOf(FINISH, answer.finishReason),
    usage: usageOf(answer),
  }),
  stream: (answer) =>
    `${namedSse(...begin(answer), end({ finish_reason: wordOf(FINISH, answer.finishReason), usage: usageOf(answer) }))}${sse('[DONE]')}`,
  brokenStream(text, message) {
    const answer: SceneAnswer = { text, toolCalls: [], finishReason: 'stop', usage: NO_TOKENS };
    return namedSse(...begin(answer), end({ finish_reason: 'ERROR', error: message }));
  },
  error: (status, message, wait) => refusal(status, { id: 'error-1', message }, wait),
  embeddings(asked: ScriptedRequest) {
    if (asked.path !== '/v2/embed') return undefined;
    const { texts } = bodyOf(asked) as { texts: readonly string[] };
    return {
      id: 'e-1',
      embeddings: { float: texts.map(vectorOf) },
      texts,
      meta: { billed_units: { input_tokens: 1 } },
    };
  },
};

interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

function usageOf({ usage }: SceneAnswer): object {
  const tokens = { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens };
  const cached = usage.cachedInputTokens;
  return { billed_units: tokens, tokens, ...(cached === undefined ? {} : { cached_tokens: cached }) };
}

function callOf({ id, name, arguments: text }: SceneAnswer['toolCalls'][number]): object {
  return { id, type: 'function', function: { name, arguments: text } };
}

function blocksOf({ text, reasoning }: SceneAnswer): { readonly type: string; readonly [field: string]: string }[] {
  return [
    ...(reasoning === undefined ? [] : [{ type: 'thinking', thinking: reasoning }]),
    ...(text === '' ? [] : [{ type: 'text', text }]),
  ];
}

function begin(answer: SceneAnswer): Event[] {
  const blocks = blocksOf(answer).flatMap(({ type, ...said }, index): Event[] => {
    const [[field = '', text = ''] = []] = Object.entries(said);
    const content = (piece: string, more: object = {}): object => ({
      message: { content: { ...more, [field]: piece } },
    });
    return [
      { type: 'content-start', index, delta: content('', { type }) },
      ...piecesOf(text).map((piece) => ({ type: 'content-delta', index, delta: content(piece) })),
      { type: 'content-end', index },
    ];
  });
  const calls = answer.toolCalls.flatMap((call, index): Event[] => {
    const grown = piecesOf(call.arguments).map((piece) => ({
      message: { tool_calls: { function: { arguments: piece } } },
    }));
    return [
      { type: 'tool-call-start', index, delta: { message: { tool_calls: callOf({ ...call, arguments: '' }) } } },
      ...grown.map((delta) => ({ type: 'tool-call-delta', index, delta })),
      { type: 'tool-call-end', index },
    ];
  });
  return [{ type: 'message-start', id: 'answer-1', delta: { message: { role: 'assistant' } } }, ...blocks, ...calls];
}

function end(delta: object): Event {
  return { type: 'message-end', delta };
}
