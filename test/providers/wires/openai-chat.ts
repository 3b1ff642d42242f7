/** The OpenAI chat format as its many vendors speak it (wire.md 2.1 and 2.7). */
import type { SceneAnswer } from '../../../src/testing/provider-scene.js';
import type { ScriptedRequest } from '../../../src/testing/scripted-server.js';
import { bodyOf, faultOfDress, MODEL, NO_TOKENS, piecesOf, refusal, sse, vectorOf, type Wire, wordOf } from './wire.js';

/** How a vendor differs from OpenAI. */
export interface Dialect {
  /** Below the server's URL, with the version. */
  readonly base: string;
  /** Default: a bearer. */
  readonly keyHeader?: 'api-key';
  /** Where thoughts stand. Default: nowhere. */
  readonly reasoning?: 'reasoning_content' | 'reasoning' | 'parts';
  /** Where the usage of a stream stands. Default: an event of its own, if it was asked for. */
  readonly usage?: 'with-finish' | 'x_groq';
  /** Where cached tokens stand. Default: in `prompt_tokens_details`. */
  readonly cached?: 'prompt_cache_hit_tokens' | 'cached_tokens';
  /** Calls come whole, with the finish reason and without an index. */
  readonly wholeCalls?: boolean;
  /** What stands before the first event. */
  readonly opening?: string;
  /** How an error is told amid a stream. Default: an event of the error alone. */
  readonly brokenBy?: 'error-event' | 'choice';
  /** The stream ends without `[DONE]`. */
  readonly isUnended?: boolean;
  /** Fields, or values of `tool_choice`, that the vendor refuses. */
  readonly refuses?: readonly string[];
  readonly hasEmbeddings?: boolean;
}

const FINISH = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
} as const;

export function openAIChatWire(dialect: Dialect): Wire {
  const { base, keyHeader, reasoning: thoughtsAt, wholeCalls = false, opening = '', refuses = [] } = dialect;
  const end = dialect.isUnended === true ? [] : ['[DONE]'];

  function chunk(delta: object, finish: string | null = null, beside: object = {}): object {
    const choice = { index: 0, delta, logprobs: null, finish_reason: finish };
    return {
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: MODEL,
      choices: [choice],
      ...beside,
    };
  }
  function usageOf({ usage }: SceneAnswer): object {
    const { cachedInputTokens: cached, reasoningTokens: reasoning } = usage;
    const cachedField =
      cached === undefined
        ? {}
        : dialect.cached === undefined
          ? { prompt_tokens_details: { cached_tokens: cached } }
          : { [dialect.cached]: cached };
    return {
      prompt_tokens: usage.inputTokens,
      completion_tokens: usage.outputTokens,
      total_tokens: usage.totalTokens,
      ...cachedField,
      ...(reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
    };
  }
  function callsOf({ toolCalls }: SceneAnswer): object[] {
    return toolCalls.map(({ id, name, arguments: text }) => ({
      id,
      type: 'function',
      function: { name, arguments: text },
    }));
  }
  /** Of parallel calls the pieces come by turns. */
  function pieceEvents({ toolCalls }: SceneAnswer): object[] {
    const begun = toolCalls.map(({ id, name }, index) =>
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
    );
    const pieces = toolCalls.map((call) => piecesOf(call.arguments));
    const turns = Array.from({ length: Math.max(0, ...pieces.map((list) => list.length)) }, (_, turn) => turn);
    const grown = turns.flatMap((turn) =>
      pieces.flatMap((list, index) =>
        list[turn] === undefined ? [] : [chunk({ tool_calls: [{ index, function: { arguments: list[turn] } }] })],
      ),
    );
    return [...begun, ...grown];
  }
  function thoughtsOf(text: string): object {
    return thoughtsAt === 'parts'
      ? { content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] }
      : { [thoughtsAt ?? 'nowhere']: text };
  }
  function begin({ text, reasoning = '' }: Pick<SceneAnswer, 'text' | 'reasoning'>): object[] {
    return [
      chunk({ role: 'assistant', content: '' }),
      ...piecesOf(reasoning).map((piece) => chunk(thoughtsOf(piece))),
      ...piecesOf(text).map((piece) => chunk({ content: piece })),
    ];
  }
  return {
    contentType: 'text/event-stream; charset=utf-8',
    faultOf(asked) {
      const signed: readonly [string, string] =
        keyHeader === undefined ? ['authorization', 'Bearer '] : [keyHeader, ''];
      const fault = faultOfDress(asked, [`${base}/chat/completions`, `${base}/embeddings`], ...signed);
      if (fault !== undefined) return fault;
      const body = bodyOf(asked);
      return refuses.find((word) => word in body || body['tool_choice'] === word);
    },
    isStream: (asked) => bodyOf(asked)['stream'] === true,
    whole(answer) {
      const { text, reasoning, toolCalls, finishReason } = answer;
      const content = text === '' ? null : text;
      const thinking = { type: 'thinking', thinking: [{ type: 'text', text: reasoning }] };
      const said =
        reasoning === undefined
          ? { content }
          : thoughtsAt === 'parts'
            ? { content: [thinking, { type: 'text', text }] }
            : { content, [thoughtsAt ?? 'nowhere']: reasoning };
      const calls = toolCalls.length === 0 ? {} : { tool_calls: callsOf(answer) };
      const message = { role: 'assistant', ...said, ...calls };
      const choice = { index: 0, message, logprobs: null, finish_reason: FINISH[finishReason as keyof typeof FINISH] };
      return { id: 'chatcmpl-1', object: 'chat.completion', model: MODEL, choices: [choice], usage: usageOf(answer) };
    },
    stream(answer, asked: ScriptedRequest) {
      const finish = wordOf(FINISH, answer.finishReason);
      const usage = usageOf(answer);
      const last = wholeCalls && answer.toolCalls.length > 0 ? { content: '', tool_calls: callsOf(answer) } : {};
      const beside =
        dialect.usage === 'with-finish' ? { usage } : dialect.usage === 'x_groq' ? { x_groq: { usage } } : {};
      const isAsked =
        (bodyOf(asked)['stream_options'] as { include_usage?: boolean } | undefined)?.include_usage === true;
      const own = dialect.usage === undefined && isAsked ? [{ ...chunk({}), choices: [], usage }] : [];
      const calls = wholeCalls ? [] : pieceEvents(answer);
      return opening + sse(...begin(answer), ...calls, chunk(last, finish, beside), ...own, ...end);
    },
    brokenStream(text, message) {
      const error = { message, type: 'server_error', param: null, code: null };
      if (dialect.brokenBy === 'error-event')
        return `${opening}${sse(...begin({ text }))}event: error\n${sse({ error, status_code: 500 })}`;
      if (dialect.brokenBy === 'choice')
        return (
          opening +
          sse(...begin({ text }), chunk({ content: '' }, 'error', { error: { code: 502, message } }), '[DONE]')
        );
      return opening + sse(...begin({ text }), { error });
    },
    error: (status, message, wait) =>
      refusal(status, { error: { message, type: 'error', param: null, code: null } }, wait),
    ...(dialect.hasEmbeddings === false ? {} : { embeddings: (asked: ScriptedRequest) => answerEmbedding(asked) }),
  };
}

/** Of both OpenAI formats: the vectors last one first, each with its number. */
export function answerEmbedding(asked: ScriptedRequest): object | undefined {
  if (!asked.path.split('?', 1)[0]?.endsWith('/embeddings')) return undefined;
  const { input, model } = bodyOf(asked) as { input: readonly string[]; model: string };
  const data = input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })).reverse();
  return { object: 'list', data, model, usage: { prompt_tokens: NO_TOKENS.inputTokens, total_tokens: 1 } };
}
