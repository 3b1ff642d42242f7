/** One answer in the responses format, whole and as the events of a stream, and a provider in front of it. */
import { transportSettings } from '../../../src/profiles/transport.js';
import type { OpenAIOptions } from '../../../src/providers/openai-common.js';
import { createOpenAIResponsesProvider } from '../../../src/providers/openai-responses/provider.js';
import type { Provider } from '../../../src/providers/provider.js';
import { createTransport } from '../../../src/transport/undici-transport.js';

export const TEXT: string = 'It is made of red stone – and of old iron. 🌉';
const ITEM = { type: 'message', id: 'msg_1', status: 'completed', role: 'assistant' };
export const ANSWER: { readonly output: readonly object[]; readonly [field: string]: unknown } = {
  id: 'resp_1',
  object: 'response',
  model: 'm-2026',
  status: 'completed',
  error: null,
  incomplete_details: null,
  output: [{ ...ITEM, content: [{ type: 'output_text', text: TEXT, annotations: [] }] }],
  usage: {
    input_tokens: 30,
    input_tokens_details: { cached_tokens: 10 },
    output_tokens: 12,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 42,
  },
};
const BEGUN = { ...ANSWER, status: 'in_progress', output: [], usage: null };

export const EVENTS: readonly { readonly type: string; readonly [field: string]: unknown }[] = [
  { type: 'response.created', response: BEGUN },
  { type: 'response.in_progress', response: BEGUN },
  {
    type: 'response.output_item.added',
    output_index: 0,
    item: { ...ITEM, status: 'in_progress', content: [] },
  },
  {
    type: 'response.content_part.added',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    part: { type: 'output_text', text: '', annotations: [] },
  },
  ...(TEXT.match(/\s*\S+/gu) ?? []).map((delta) => ({
    type: 'response.output_text.delta',
    item_id: 'msg_1',
    output_index: 0,
    content_index: 0,
    delta,
  })),
  { type: 'response.output_item.done', output_index: 0, item: ANSWER.output[0] },
  { type: 'response.completed', response: ANSWER },
];

export function frame(events: readonly { readonly type: string }[]): string {
  return events
    .map((event, i) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: i })}\n\n`)
    .join('');
}

export function responsesProvider(origin: string, options: Partial<OpenAIOptions> = {}): Provider {
  const transport = createTransport({ origin, settings: transportSettings() });
  return createOpenAIResponsesProvider({ name: 'acme', baseURL: `${origin}/v1`, transport, ...options });
}
