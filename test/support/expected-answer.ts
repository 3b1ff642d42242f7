/**
 * What expected.json says of a stream, in our words: the vendors' own counts turned into ours by the table in wire.md
 * (2.0), without a line of the code under test.
 */
import type { FinishReason, Usage } from '../../src/protocol/chat.js';
import { type RecordingKind, readExpectation } from './recordings.js';
import { STREAMED_ARGUMENTS } from './streamed-arguments.js';

export interface ExpectedAnswer {
  readonly text: string;
  /** Undefined: the SDK's decoder does not tell. */
  readonly reasoning: string | undefined;
  /** The arguments as the values they say, since not every vendor sends a text. Without ids where the vendor gives none. */
  readonly toolCalls: readonly { readonly id?: string; readonly name: string; readonly arguments: unknown }[];
  readonly finishReason: FinishReason;
  readonly usage: Usage;
}

export function expectedAnswer(name: string, kind: RecordingKind): ExpectedAnswer {
  return READERS[kind](name);
}

const READERS: Readonly<Record<RecordingKind, (name: string) => ExpectedAnswer>> = {
  chat: readChat,
  responses: readResponses,
  anthropic: readAnthropic,
  gemini: readGemini,
  cohere: readCohere,
};

type Counts = Readonly<Record<string, number | undefined>>;
type CallOfText = { readonly id: string; readonly name: string; readonly arguments: string };

interface ChatUsage {
  readonly prompt_tokens: number;
  readonly total_tokens: number;
  /** DeepSeek, and Kimi. */
  readonly prompt_cache_hit_tokens?: number;
  readonly cached_tokens?: number;
  readonly prompt_tokens_details?: Counts;
  readonly completion_tokens_details?: Counts;
}
interface ChatResult {
  readonly text: string;
  readonly refusal: string;
  readonly reasoning: string;
  readonly toolCalls: readonly CallOfText[];
  readonly finish: string;
  readonly usage: ChatUsage;
}

function readChat(name: string): ExpectedAnswer {
  const { text, refusal, reasoning, toolCalls, finish, usage } = resultOf<ChatResult>(name);
  return {
    text: text + refusal,
    reasoning,
    toolCalls: toolCalls.map(withValues),
    finishReason: wordFor(finish, { stop: 'stop', length: 'length', tool_calls: 'tool-calls' }),
    usage: chatUsage(usage),
  };
}

export function chatUsage(usage: ChatUsage): Usage {
  const { prompt_tokens: input, total_tokens: total } = usage;
  return withCounts(
    // Whatever a vendor counts beside the completion, the rest of the total was written.
    { inputTokens: input, outputTokens: total - input, totalTokens: total },
    {
      cachedInputTokens:
        usage.prompt_tokens_details?.['cached_tokens'] ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens,
      reasoningTokens: usage.completion_tokens_details?.['reasoning_tokens'],
    },
  );
}

interface ResponsesUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly input_tokens_details?: Counts;
  readonly output_tokens_details?: Counts;
}
interface ResponsesResult {
  readonly text: string;
  readonly toolCalls: readonly CallOfText[];
  readonly status: string;
  readonly usage: ResponsesUsage;
}

function readResponses(name: string): ExpectedAnswer {
  const { text, toolCalls, status, usage } = resultOf<ResponsesResult>(name);
  // Without text and calls it waits for something else, like an approval.
  const completed = toolCalls.length > 0 ? 'tool-calls' : text === '' ? 'other' : 'stop';
  return {
    text,
    reasoning: undefined,
    toolCalls: toolCalls.map(withValues),
    finishReason: wordFor(status, { completed }),
    usage: responsesUsage(usage),
  };
}

export function responsesUsage(usage: ResponsesUsage): Usage {
  const { input_tokens: input, output_tokens: output } = usage;
  return withCounts(
    { inputTokens: input, outputTokens: output, totalTokens: input + output },
    {
      cachedInputTokens: usage.input_tokens_details?.['cached_tokens'],
      cacheWriteInputTokens: usage.input_tokens_details?.['cache_write_tokens'],
      reasoningTokens: usage.output_tokens_details?.['reasoning_tokens'],
    },
  );
}

interface AnthropicResult {
  readonly text: string;
  readonly thinking: string;
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly input: object }[];
  readonly finish: string;
  readonly usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly cache_read_input_tokens?: number;
    readonly cache_creation_input_tokens?: number;
    readonly output_tokens_details?: Counts;
  };
}

function readAnthropic(name: string): ExpectedAnswer {
  const { text, thinking, toolCalls, finish, usage } = resultOf<AnthropicResult>(name);
  return {
    text,
    reasoning: thinking,
    toolCalls: toolCalls.map((call) => ({ id: call.id, name: call.name, arguments: call.input })),
    finishReason: wordFor(finish, { end_turn: 'stop', tool_use: 'tool-calls', refusal: 'content-filter' }),
    usage: anthropicUsage(usage),
  };
}

export function anthropicUsage(usage: AnthropicResult['usage']): Usage {
  const { cache_read_input_tokens: cached, cache_creation_input_tokens: written, output_tokens: output } = usage;
  const input = usage.input_tokens + (cached ?? 0) + (written ?? 0);
  return withCounts(
    { inputTokens: input, outputTokens: output, totalTokens: input + output },
    {
      cachedInputTokens: cached,
      cacheWriteInputTokens: written,
      reasoningTokens: usage.output_tokens_details?.['thinking_tokens'],
    },
  );
}

interface GeminiResult {
  readonly text: string;
  readonly thought: string;
  readonly toolCalls: readonly { readonly name?: string; readonly args?: object }[];
  readonly finish: string;
  readonly usage: {
    readonly promptTokenCount: number;
    readonly candidatesTokenCount: number;
    readonly thoughtsTokenCount: number;
    readonly totalTokenCount: number;
  };
}

function readGemini(name: string): ExpectedAnswer {
  const { text, thought, toolCalls, finish, usage } = resultOf<GeminiResult>(name);
  const { promptTokenCount: input, thoughtsTokenCount: thoughts, totalTokenCount: total } = usage;
  // The SDK leaves the pieces of a call as they came: those that begin one bear its name.
  const named = toolCalls.filter((call) => call.name !== undefined);
  const streamed = STREAMED_ARGUMENTS[name];
  return {
    text,
    reasoning: thought,
    toolCalls: named.map((call, i) => ({ name: call.name ?? '', arguments: streamed?.[i] ?? call.args })),
    finishReason: named.length > 0 ? 'tool-calls' : wordFor(finish, { STOP: 'stop' }),
    usage: {
      inputTokens: input,
      outputTokens: usage.candidatesTokenCount + thoughts,
      totalTokens: total,
      reasoningTokens: thoughts,
    },
  };
}

interface CohereResult {
  readonly text: string;
  readonly thinking: string;
  readonly plan: string;
  readonly toolCalls: readonly CallOfText[];
  readonly finish: string;
  readonly usage: {
    readonly tokens: { readonly inputTokens: number; readonly outputTokens: number };
    readonly billedUnits: { readonly inputTokens: number; readonly outputTokens: number };
    readonly cachedTokens: number;
  };
}

function readCohere(name: string): ExpectedAnswer {
  const { text, thinking, plan, toolCalls, finish, usage } = resultOf<CohereResult>(name);
  const { inputTokens, outputTokens } = usage.tokens;
  return {
    text,
    reasoning: thinking + plan,
    toolCalls: toolCalls.map(withValues),
    finishReason: wordFor(finish, { COMPLETE: 'stop', TOOL_CALL: 'tool-calls' }),
    usage: {
      inputTokens,
      outputTokens,
      totalTokens: inputTokens + outputTokens,
      cachedInputTokens: usage.cachedTokens,
      billedInputTokens: usage.billedUnits.inputTokens,
      billedOutputTokens: usage.billedUnits.outputTokens,
    },
  };
}

function resultOf<T extends object>(name: string): T {
  const result = readExpectation<T>(name);
  if (result === undefined) throw new Error(`nothing is expected of ${name}`);
  return result;
}

/** A call without arguments comes as no text; JSON has a word for it. */
function withValues(call: CallOfText): ExpectedAnswer['toolCalls'][number] {
  return { ...call, arguments: JSON.parse(call.arguments || '{}') as unknown };
}

function wordFor(said: string, words: Readonly<Record<string, FinishReason>>): FinishReason {
  const word = words[said];
  if (word === undefined) throw new Error(`no recording ends with ${said} so far`);
  return word;
}

/** What a vendor does not count is no count of ours. */
function withCounts(usage: Usage, counts: { readonly [K in keyof Usage]?: number | undefined }): Usage {
  return { ...usage, ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== undefined)) };
}
