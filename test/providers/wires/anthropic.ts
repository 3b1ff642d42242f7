/** Anthropic's messages (wire.md 2.3). */
import type { SceneAnswer } from '../../../src/testing/provider-scene.js';
import { bodyOf, faultOfDress, MODEL, NO_TOKENS, namedSse, piecesOf, refusal, type Wire, wordOf } from './wire.js';

const STOP = { stop: 'end_turn', length: 'max_tokens', 'tool-calls': 'tool_use', 'content-filter': 'refusal' } as const;
const ERRORS: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  500: 'api_error',
};

export const anthropicWire: Wire = {
  contentType: 'text/event-stream; charset=utf-8',
  faultOf(asked) {
    const fault = faultOfDress(asked, ['/v1/messages'], 'x-api-key');
    if (fault !== undefined) return fault;
    if (asked.headers['anthropic-version'] !== '2023-06-01') return 'no anthropic-version';
    const { max_tokens: most, messages } = bodyOf(asked) as { max_tokens?: number; messages?: { role: string }[] };
    if (!Number.isInteger(most)) return 'max_tokens: field required';
    return messages?.every(({ role }) => role === 'user' || role === 'assistant') === true
      ? undefined
      : 'unexpected role';
  },
  isStream: (asked) => bodyOf(asked)['stream'] === true,
  whole: (answer) => ({
    ...HEAD,
    content: blocksOf(answer),
    stop_reason: wordOf(STOP, answer.finishReason),
    usage: { ...inputOf(answer), output_tokens: answer.usage.outputTokens, ...thoughtOf(answer) },
  }),
  stream: (answer) =>
    namedSse(
      ...begin(answer),
      ...blocksOf(answer).flatMap(blockEvents),
      {
        type: 'message_delta',
        delta: { stop_reason: wordOf(STOP, answer.finishReason), stop_sequence: null },
        usage: { output_tokens: answer.usage.outputTokens, ...thoughtOf(answer) },
      } as { type: string },
      { type: 'message_stop' },
    ),
  brokenStream(text, message) {
    const answer: SceneAnswer = { text, toolCalls: [], finishReason: 'stop', usage: NO_TOKENS };
    const [block = {}] = blocksOf(answer);
    const error = { type: 'error', error: { type: 'overloaded_error', message } };
    return namedSse(...begin(answer), ...blockEvents(block, 0).slice(0, -1), error);
  },
  error: (status, message, wait) =>
    refusal(status, { type: 'error', error: { type: ERRORS[status], message }, request_id: 'req_1' }, wait),
};

const HEAD = { id: 'msg_1', type: 'message', role: 'assistant', model: MODEL };
type Block = Readonly<Record<string, unknown>>;

/** What was cached is counted beside the rest. */
function inputOf({ usage }: SceneAnswer): object {
  const { inputTokens, cachedInputTokens: cached = 0 } = usage;
  return { input_tokens: inputTokens - cached, cache_read_input_tokens: cached, cache_creation_input_tokens: 0 };
}

function thoughtOf({ usage: { reasoningTokens } }: SceneAnswer): object {
  return reasoningTokens === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoningTokens } };
}

function begin(answer: SceneAnswer): { readonly type: string }[] {
  const message = { ...HEAD, content: [], stop_reason: null, usage: { ...inputOf(answer), output_tokens: 1 } };
  return [{ type: 'message_start', message } as { type: string }, { type: 'ping' }];
}

function blocksOf({ text, reasoning, toolCalls }: SceneAnswer): Block[] {
  return [
    ...(reasoning === undefined ? [] : [{ type: 'thinking', thinking: reasoning, signature: 'c2lnbmVk' }]),
    ...(text === '' ? [] : [{ type: 'text', text }]),
    ...toolCalls.map(({ id, name, arguments: json }) => ({
      type: 'tool_use',
      id,
      name,
      input: JSON.parse(json) as object,
    })),
  ];
}

function blockEvents(block: Block, index: number): { readonly type: string }[] {
  const { type } = block;
  const [empty, deltas] =
    type === 'tool_use'
      ? [
          { input: {} },
          piecesOf(JSON.stringify(block['input'])).map((json) => ({ type: 'input_json_delta', partial_json: json })),
        ]
      : type === 'text'
        ? [{ text: '' }, piecesOf(String(block['text'])).map((text) => ({ type: 'text_delta', text }))]
        : [
            { thinking: '', signature: '' },
            [
              ...piecesOf(String(block['thinking'])).map((thinking) => ({ type: 'thinking_delta', thinking })),
              { type: 'signature_delta', signature: block['signature'] },
            ],
          ];
  const grown = deltas.map((delta) => ({ type: 'content_block_delta', index, delta }));
  const start = { type: 'content_block_start', index, content_block: { ...block, ...empty } };
  const stop = { type: 'content_block_stop', index };
  return [start, ...grown, stop];
}
