/** The OpenAI responses format (wire.md 2.2). */
import type { SceneAnswer } from '../../../src/testing/provider-scene.js';
import { answerEmbedding } from './openai-chat.js';
import { bodyOf, faultOfDress, MODEL, NO_TOKENS, namedSse, piecesOf, refusal, type Wire } from './wire.js';

interface Event {
  readonly type: string;
  readonly [field: string]: unknown;
}

export function openAIResponsesWire(base: string, keyHeader?: 'api-key'): Wire {
  return {
    contentType: 'text/event-stream; charset=utf-8',
    faultOf(asked) {
      const signed: readonly [string, string] =
        keyHeader === undefined ? ['authorization', 'Bearer '] : [keyHeader, ''];
      return faultOfDress(asked, [`${base}/responses`, `${base}/embeddings`], ...signed);
    },
    isStream: (asked) => bodyOf(asked)['stream'] === true,
    whole: responseOf,
    stream(answer) {
      const end =
        answer.finishReason === 'length' || answer.finishReason === 'content-filter' ? 'incomplete' : 'completed';
      return numbered([
        ...begin(),
        ...itemsOf(answer).flatMap(itemEvents),
        { type: `response.${end}`, response: responseOf(answer) },
      ]);
    },
    brokenStream(text, message) {
      const error = { code: 'server_error', message };
      const [item = {}] = itemsOf({ text, toolCalls: [], finishReason: 'stop', usage: NO_TOKENS });
      const begun = itemEvents(item, 0).filter(({ type }) => !type.endsWith('.done'));
      const failed = { ...HEAD, status: 'failed', error, output: [], usage: null };
      return numbered([...begin(), ...begun, { type: 'response.failed', response: failed }]);
    },
    error: (status, message, wait) =>
      refusal(status, { error: { message, type: 'error', param: null, code: null } }, wait),
    embeddings: answerEmbedding,
  };
}

const HEAD = { id: 'resp_1', object: 'response', model: MODEL, error: null, incomplete_details: null };
type Item = Readonly<Record<string, unknown>>;

function numbered(events: readonly Event[]): string {
  return namedSse(...events.map((event, i) => ({ ...event, sequence_number: i })));
}

function begin(): Event[] {
  const response = { ...HEAD, status: 'in_progress', output: [], usage: null };
  return [
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
  ];
}

function itemsOf({ text, reasoning, toolCalls }: SceneAnswer): Item[] {
  const thought = { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: reasoning }] };
  const content = [{ type: 'output_text', text, annotations: [] }];
  const calls = toolCalls.map((call, i) => ({
    type: 'function_call',
    id: `fc_${i}`,
    call_id: call.id,
    name: call.name,
    arguments: call.arguments,
    status: 'completed',
  }));
  return [
    ...(reasoning === undefined ? [] : [thought]),
    ...(text === '' ? [] : [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content }]),
    ...calls,
  ];
}

function responseOf(answer: SceneAnswer): object {
  const { finishReason, usage } = answer;
  const reason =
    finishReason === 'length' ? 'max_output_tokens' : finishReason === 'content-filter' ? 'content_filter' : undefined;
  return {
    ...HEAD,
    status: reason === undefined ? 'completed' : 'incomplete',
    incomplete_details: reason === undefined ? null : { reason },
    output: itemsOf(answer),
    usage: {
      input_tokens: usage.inputTokens,
      input_tokens_details: { cached_tokens: usage.cachedInputTokens ?? 0 },
      output_tokens: usage.outputTokens,
      output_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
      total_tokens: usage.totalTokens,
    },
  };
}

function itemEvents(item: Item, index: number): Event[] {
  const place = { output_index: index, item_id: item['id'] };
  const empty = { ...item, status: 'in_progress', content: [], summary: [], arguments: '' };
  const deltas = (type: string, text: unknown, more: object = {}): Event[] =>
    piecesOf(String(text)).map((delta) => ({ type, ...place, ...more, delta }));
  const middle = (): Event[] => {
    if (item['type'] === 'function_call') return deltas('response.function_call_arguments.delta', item['arguments']);
    const [part] = (item['content'] ?? item['summary']) as { text: string }[];
    return item['type'] === 'message'
      ? deltas('response.output_text.delta', part?.text, { content_index: 0 })
      : deltas('response.reasoning_summary_text.delta', part?.text, { summary_index: 0 });
  };
  return [
    { type: 'response.output_item.added', output_index: index, item: empty },
    ...middle(),
    { type: 'response.output_item.done', output_index: index, item },
  ];
}
