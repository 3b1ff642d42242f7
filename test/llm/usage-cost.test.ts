/**
 * The golden table of gateways.md, issue 16: wherever a vendor puts its usage, and however it counts, the tokens and the
 * dollars are exact. Every row goes through a real client, decoder and socket. Prices stand here as plain numbers.
 */
import { afterEach, describe, expect, test } from 'vitest';
import {
  type ChatResponse,
  type Client,
  costOf,
  createClient,
  type ProviderName,
  userMessage,
  withAPIKey,
  withBaseURL,
  withCache,
  withModel,
  withProvider,
} from '../../src/llm/index.js';
import { createScriptedServer } from '../../src/testing/scripted-server.js';

const question = [userMessage('why?')];
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function clientOf(provider: ProviderName, model: string, body: string, contentType: string): Promise<Client> {
  const server = await createScriptedServer([{ headers: { 'content-type': contentType }, body }]);
  const client = createClient(
    withProvider(provider),
    withAPIKey('k'),
    withBaseURL(server.url),
    withModel(model),
    withCache(true),
  );
  closers.push(
    () => server.close(),
    () => client.close(),
  );
  return client;
}

type Json = Readonly<Record<string, unknown>>;
type Place = 'usage alone' | 'usage with content' | 'running totals' | 'usage at the end';
interface Row {
  readonly provider: ProviderName;
  readonly model: string;
  /** Events by where the usage stands. */
  readonly streams: Readonly<Record<Place, readonly Json[]>>;
  readonly whole: Json;
  readonly tokens: Json;
  /** Dollars. */
  readonly cost: number;
}

const text = { choices: [{ index: 0, delta: { content: 'Yes.' } }] };
const finish = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
/** The four places in the format of OpenAI; `part` is what a vendor says of the first half of the answer. */
function openAI(usage: Json, part: Json, atTheEnd: Json = { usage }): Pick<Row, 'streams' | 'whole'> {
  const events = {
    'usage alone': [text, finish, { choices: [], usage }],
    'usage with content': [text, { ...finish, usage }],
    'running totals': [
      { ...text, usage: part },
      { ...finish, usage: part },
      { choices: [], usage },
    ],
    'usage at the end': [{ ...text, usage: null }, finish, atTheEnd],
  };
  const named = Object.entries(events).map(([place, list]) => [place, list.map((event) => ({ id: 'c', ...event }))]);
  return {
    streams: Object.fromEntries(named) as Row['streams'],
    whole: { id: 'c', choices: [{ index: 0, message: { content: 'Yes.' }, finish_reason: 'stop' }], usage },
  };
}

const anthropicUsage = {
  input_tokens: 100_000,
  cache_read_input_tokens: 40_000,
  cache_creation_input_tokens: 20_000,
  output_tokens: 7_000,
};
function anthropic(opening: Json, ...deltas: readonly Json[]): readonly Json[] {
  return [
    { type: 'message_start', message: { id: 'm', type: 'message', role: 'assistant', content: [], usage: opening } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Yes.' } },
    { type: 'content_block_stop', index: 0 },
    ...deltas.map((delta) => ({ type: 'message_delta', delta: {}, ...delta })),
    { type: 'message_stop' },
  ];
}
const endTurn = { delta: { stop_reason: 'end_turn' } };

const geminiUsage = {
  promptTokenCount: 100_000,
  cachedContentTokenCount: 40_000,
  candidatesTokenCount: 5_000,
  thoughtsTokenCount: 2_000,
  totalTokenCount: 107_000,
};
const geminiText = { candidates: [{ index: 0, content: { role: 'model', parts: [{ text: 'Yes.' }] } }] };
const geminiEnd = { candidates: [{ index: 0, finishReason: 'STOP' }] };

const responsesUsage = {
  input_tokens: 100_000,
  input_tokens_details: { cached_tokens: 40_000, cache_write_tokens: 20_000 },
  output_tokens: 7_000,
  output_tokens_details: { reasoning_tokens: 2_000 },
  total_tokens: 107_000,
};
const message = {
  type: 'message',
  id: 'msg',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'Yes.', annotations: [] }],
};
const response = { id: 'r', object: 'response', status: 'completed', output: [message], usage: responsesUsage };
function responses(early: Json | null, end: Json = response): readonly Json[] {
  const begun = { id: 'r', object: 'response', status: 'in_progress', output: [], usage: early };
  const place = { item_id: 'msg', output_index: 0, content_index: 0 };
  return [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    { type: 'response.output_item.added', output_index: 0, item: { ...message, content: [] } },
    { type: 'response.output_text.delta', ...place, delta: 'Yes.' },
    { type: 'response.output_item.done', output_index: 0, item: message },
    { type: 'response.completed', response: end },
  ];
}

function cohere(end: Json): readonly Json[] {
  return [
    { type: 'message-start', id: 'c', delta: { message: { role: 'assistant' } } },
    { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
    { type: 'content-delta', index: 0, delta: { message: { content: { text: 'Yes.' } } } },
    { type: 'content-end', index: 0 },
    { type: 'message-end', delta: { finish_reason: 'COMPLETE', ...end } },
  ];
}
const billed = { input_tokens: 100_000, output_tokens: 7_000 };
const cohereUsage = {
  billed_units: billed,
  tokens: { input_tokens: 101_400, output_tokens: 7_010 },
  cached_tokens: 900,
};

/** 100,000 tokens in, 40,000 of them from the vendor's cache; 7,000 out, 2,000 of them thoughts. */
const usual = {
  prompt_tokens: 100_000,
  completion_tokens: 7_000,
  total_tokens: 107_000,
  prompt_tokens_details: { cached_tokens: 40_000 },
  completion_tokens_details: { reasoning_tokens: 2_000 },
};
const half = { ...usual, completion_tokens: 3_000, total_tokens: 103_000 };
const written = { ...usual, prompt_tokens_details: { cached_tokens: 40_000, cache_write_tokens: 20_000 } };
const deepseek = {
  prompt_tokens: 100_000,
  prompt_cache_hit_tokens: 40_000,
  prompt_cache_miss_tokens: 60_000,
  completion_tokens: 7_000,
  total_tokens: 107_000,
};
const kimi = { prompt_tokens: 100_000, cached_tokens: 40_000, completion_tokens: 7_000, total_tokens: 107_000 };
const TOKENS = { inputTokens: 100_000, outputTokens: 7_000, cachedInputTokens: 40_000 };

const ROWS: readonly Row[] = [
  {
    provider: 'openai',
    model: 'gpt-6-sol',
    ...openAI(written, half),
    tokens: { ...TOKENS, cacheWriteInputTokens: 20_000, reasoningTokens: 2_000 },
    cost: (40_000 * 2 + 40_000 * 0.2 + 20_000 * 2.5 + 7_000 * 10) / 1e6,
  },
  {
    provider: 'openai-responses',
    model: 'gpt-6.1-terra',
    streams: {
      'usage alone': responses(null, { ...response, output: [] }),
      'usage with content': responses(null),
      'running totals': responses({ ...responsesUsage, output_tokens: 0 }),
      'usage at the end': responses({}),
    },
    whole: response,
    tokens: { ...TOKENS, cacheWriteInputTokens: 20_000, reasoningTokens: 2_000 },
    cost: (40_000 * 1 + 40_000 * 0.05 + 20_000 * 1.25 + 7_000 * 5) / 1e6,
  },
  {
    provider: 'anthropic',
    model: 'claude-haiku-4-5',
    streams: {
      'usage alone': anthropic({}, endTurn, { usage: anthropicUsage }),
      'usage with content': anthropic(
        { ...anthropicUsage, output_tokens: 1 },
        { ...endTurn, usage: { output_tokens: 7_000 } },
      ),
      'running totals': anthropic(
        { ...anthropicUsage, output_tokens: 1 },
        { usage: { output_tokens: 3_000 } },
        { ...endTurn, usage: anthropicUsage },
      ),
      'usage at the end': anthropic({}, { ...endTurn, usage: anthropicUsage }),
    },
    whole: {
      id: 'm',
      type: 'message',
      content: [{ type: 'text', text: 'Yes.' }],
      stop_reason: 'end_turn',
      usage: anthropicUsage,
    },
    // Input tokens of Anthropic do not hold those of the cache.
    tokens: { inputTokens: 160_000, outputTokens: 7_000, cachedInputTokens: 40_000, cacheWriteInputTokens: 20_000 },
    cost: (100_000 * 1 + 40_000 * 0.1 + 20_000 * 1.25 + 7_000 * 5) / 1e6,
  },
  {
    provider: 'gemini',
    model: 'gemini-3.8-flash',
    streams: {
      'usage alone': [geminiText, geminiEnd, { usageMetadata: geminiUsage }],
      'usage with content': [
        {
          ...geminiText,
          ...{ candidates: [{ ...geminiText.candidates[0], finishReason: 'STOP' }] },
          usageMetadata: geminiUsage,
        },
      ],
      'running totals': [
        {
          ...geminiText,
          usageMetadata: { promptTokenCount: 100_000, cachedContentTokenCount: 40_000, totalTokenCount: 100_000 },
        },
        { ...geminiEnd, usageMetadata: geminiUsage },
      ],
      'usage at the end': [geminiText, { ...geminiEnd, usageMetadata: geminiUsage }],
    },
    whole: { candidates: [{ ...geminiText.candidates[0], finishReason: 'STOP' }], usageMetadata: geminiUsage },
    // Thoughts are no part of the candidates.
    tokens: { ...TOKENS, reasoningTokens: 2_000 },
    cost: (60_000 * 0.75 + 40_000 * 0.075 + 7_000 * 3.75) / 1e6,
  },
  {
    provider: 'cohere',
    model: 'command-a-03-2025',
    // Its usage has one place, the end; what differs is which counts are there.
    streams: {
      'usage alone': cohere({ usage: { billed_units: billed } }),
      'usage with content': cohere({ usage: cohereUsage }),
      'running totals': cohere({ usage: { ...cohereUsage, cached_tokens: 101_000 } }),
      'usage at the end': cohere({ usage: { tokens: billed } }),
    },
    whole: {
      id: 'c',
      message: { role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] },
      finish_reason: 'COMPLETE',
      usage: cohereUsage,
    },
    tokens: {},
    cost: (100_000 * 2.5 + 7_000 * 10) / 1e6,
  },
  {
    provider: 'deepseek',
    model: 'deepseek-v4-flash',
    ...openAI(deepseek, { ...deepseek, completion_tokens: 3_000 }),
    tokens: TOKENS,
    cost: (60_000 * 0.22 + 40_000 * 0.007 + 7_000 * 0.66) / 1e6,
  },
  {
    provider: 'groq',
    model: 'openai/gpt-oss-120b',
    ...openAI(usual, half, { choices: [], x_groq: { id: 'g', usage: usual } }),
    tokens: { ...TOKENS, reasoningTokens: 2_000 },
    cost: (60_000 * 0.15 + 40_000 * 0.075 + 7_000 * 0.6) / 1e6,
  },
  {
    provider: 'openrouter',
    model: 'openai/gpt-6-sol',
    ...openAI(written, half, { choices: [{ index: 0, delta: { content: '' }, finish_reason: null }], usage: written }),
    tokens: { ...TOKENS, cacheWriteInputTokens: 20_000, reasoningTokens: 2_000 },
    cost: (40_000 * 2 + 40_000 * 0.2 + 20_000 * 2.5 + 7_000 * 10) / 1e6,
  },
  {
    provider: 'kimi',
    model: 'kimi-k3',
    ...openAI(kimi, { ...kimi, completion_tokens: 3_000 }, { choices: [{ index: 0, delta: {}, usage: kimi }] }),
    tokens: TOKENS,
    cost: (60_000 * 3 + 40_000 * 0.3 + 7_000 * 15) / 1e6,
  },
  {
    provider: 'mistral',
    model: 'mistral-large-2512',
    ...openAI(usual, half),
    tokens: { ...TOKENS, reasoningTokens: 2_000 },
    cost: (60_000 * 0.5 + 40_000 * 0.05 + 7_000 * 1.5) / 1e6,
  },
];

function expectExact(client: Client, answer: ChatResponse, { tokens, cost }: Row): void {
  expect(answer).toMatchObject({ text: 'Yes.', finishReason: 'stop', usage: tokens });
  expect(Math.abs((answer.cost ?? Number.NaN) - cost)).toBeLessThan(1e-9);
  expect(client.metrics().cost).toBe(answer.cost);
}
/** What a call that joined, and one that came later, would have cost. */
async function expectSaved(client: Client, cost: number): Promise<void> {
  expect((await client.chat(question)).cost).toBe(0);
  expect(Math.abs(client.metrics().savedCost - 2 * cost)).toBeLessThan(1e-9);
}

const OPENAI_FORMAT = new Set<ProviderName>(['openai', 'deepseek', 'groq', 'openrouter', 'kimi', 'mistral']);
const sse = (events: readonly Json[], hasMark: boolean): string =>
  events
    .map((event) => `event: ${String(event['type'] ?? 'message')}\ndata: ${JSON.stringify(event)}\n\n`)
    .concat(hasMark ? ['data: [DONE]\n\n'] : [])
    .join('');

describe.each(ROWS.map((row) => [row.provider, row] as const))('issue 16, usage and cost of %s', (provider, row) => {
  test.each(Object.keys(row.streams) as Place[])('a stream, %s', async (place) => {
    const body = sse(row.streams[place], OPENAI_FORMAT.has(provider));
    const client = await clientOf(provider, row.model, body, 'text/event-stream');
    const [answer] = await Promise.all([client.stream(question).final(), client.stream(question).final()]);
    expectExact(client, answer, row);
    await expectSaved(client, row.cost);
  });

  test('a whole answer', async () => {
    const client = await clientOf(provider, row.model, JSON.stringify(row.whole), 'application/json');
    const perCall = { streaming: false };
    const [answer] = await Promise.all([client.chat(question, perCall), client.chat(question, perCall)]);
    expectExact(client, answer, row);
    await expectSaved(client, row.cost);
  });
});

describe('a cost', () => {
  const usage = { inputTokens: 10, outputTokens: 5, totalTokens: 15 };

  test('is unknown without usage, or for a model without a price', () => {
    expect([costOf('openai', 'gpt-4', undefined), costOf('openai', 'unheard-of', usage)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('counts no token twice where the parts are more than the whole', () => {
    const parts = { ...usage, cachedInputTokens: 8, cacheWriteInputTokens: 7 };
    expect(costOf('anthropic', 'claude-haiku-4-5', parts)).toBeCloseTo((8 * 0.1 + 2 * 1.25 + 5 * 5) / 1e6, 12);
    expect(costOf('anthropic', 'claude-haiku-4-5', { ...usage, cachedInputTokens: 90 })).toBeCloseTo(
      (10 * 0.1 + 25) / 1e6,
      12,
    );
  });

  test('takes the price of input where a vendor has none for its cache', () => {
    const cached = { ...usage, cachedInputTokens: 4, cacheWriteInputTokens: 3 };
    expect(costOf('openai', 'gpt-4', cached)).toBe(costOf('openai', 'gpt-4', usage));
  });
});
