/**
 * ChatRequest to the body of Anthropic's Messages format. Plain JSON data, the same for the same request. What an answer
 * wants to hear again (Echo) goes back as it came.
 */
import type { ConfigIssue } from '../../core/errors.js';
import type { ChatRequest, ContentPart, Message, ToolChoice, ToolDefinition } from '../../protocol/chat.js';
import { parseDataURL } from '../data-url.js';
import { assertSayable } from '../request-check.js';
import { THINKING_BUDGETS } from '../thinking-budget.js';
import type { EncodedRequest } from '../wire-format.js';
import { dropUndefined, isObject, objectsOf, parseJson, textOf } from '../wire-values.js';
import type { WireBlock } from './wire.js';

/** Names the echoes of this format. */
export const ECHO_FORMAT = 'anthropic';

/** The format demands a bound; this is the one where a request has none. Every model can write as much. */
const DEFAULT_MAX_TOKENS = 4096;
const LEAST_THINKING_TOKENS = 1024;
/** Below it, a model that thinks refuses topP. */
const LEAST_TOP_P_OF_THOUGHT = 0.95;
/** Whether it streams is the call's choice, not the request's. */
const STREAM_FIELDS: ReadonlySet<string> = new Set(['stream', 'stream_options']);

// From 4.6 on a model weighs itself how much to think, and takes an effort; from 4.7 on it refuses sampling settings; and
// the newest cannot be told not to think. Other names, of elder models and of other vendors' servers, match nothing.
const ADAPTIVE_MODELS = /claude-(?:opus|sonnet|haiku|fable|mythos)-(?:4[-.][6-9]|[5-9])(?!\d)/;
const FIXED_SAMPLING_MODELS = /claude-(?:opus|sonnet|haiku|fable|mythos)-(?:4[-.][7-9]|[5-9])(?!\d)/;
const ALWAYS_THINKING_MODELS = /claude-(?:(?:opus|sonnet)-5[-.][5-9](?!\d)|fable|mythos)/;

type Body = Record<string, unknown>;
type Warn = (message: string) => void;

/** Everything but `stream`. Throws one ConfigError for all that this format cannot say. O(request). */
export function encodeRequest(request: ChatRequest): EncodedRequest {
  const issues: ConfigIssue[] = [];
  const turns = encodeTurns(request.messages, issues);
  assertSayable(request, issues);
  const warnings: string[] = [];
  function warn(message: string): void {
    if (!warnings.includes(message)) warnings.push(message);
  }
  const { model, stop, vendor } = request;
  const thinking = encodeThinking(request, warn);
  const body: Body = {
    model,
    max_tokens: (request.maxTokens ?? DEFAULT_MAX_TOKENS) + (thinking.budget ?? 0),
    ...turns,
    ...encodeSampling(request, isThinking(vendor?.['thinking'] ?? thinking.field), warn),
    stop_sequences: stop?.length === 0 ? undefined : stop,
    ...encodeTools(request.tools, request.toolChoice),
    thinking: thinking.field,
    output_config: encodeOutput(request, thinking.effort, warn),
    metadata: encodeMetadata(request, warn),
    ...vendor,
  };
  if (request.seed !== undefined) warn("'seed' was left out: Anthropic has none");
  if (request.messages.some(({ role, name }) => name !== undefined && role !== 'tool'))
    warn("'name' of messages was left out: Anthropic has none");
  const isSent = ([field, value]: [string, unknown]): boolean => value !== undefined && !STREAM_FIELDS.has(field);
  return { body: Object.fromEntries(Object.entries(body).filter(isSent)), warnings };
}

/**
 * The object that a call's arguments are. Text that is none, which a model cut short may write, is put into one as the
 * vendor proposes, so that the model can be told about it.
 */
export function toolInputOf(text: string): object {
  if (text.trim() === '') return {};
  const input = parseJson(text);
  return isObject(input) && !Array.isArray(input) ? input : { INVALID_JSON: text };
}

interface UserTurn {
  readonly results: object[];
  /** What is said beside them: text as it was given, or blocks. */
  said: string | readonly object[];
}

/** `system` and `messages`. */
function encodeTurns(messages: readonly Message[], issues: ConfigIssue[]): Body {
  const system: string[] = [];
  const turns: (UserTurn | Body)[] = [];
  messages.forEach((message, i) => {
    const { role, content } = message;
    const last = turns.at(-1);
    const user = last !== undefined && isUserTurn(last) ? last : undefined;
    const path = `messages[${i}].content`;
    if (role === 'system') {
      system.push(onlyText(content, path, issues));
    } else if (role === 'assistant') {
      const said = encodeAssistant(message, onlyText(content, path, issues));
      // A turn without a word, like that of a refused answer, is refused.
      if (said.length > 0) turns.push({ role, content: said });
    } else if (role === 'tool') {
      // Results belong into the turn right after the calls, and before all else in it.
      const result = encodeResult(message, path, issues);
      if (user === undefined) turns.push({ results: [result], said: [] });
      else user.results.push(result);
    } else {
      const said = typeof content === 'string' ? content : encodeParts(content, path, issues);
      if (user === undefined || user.results.length === 0) turns.push({ results: [], said });
      else user.said = [...blocksOf(user.said), ...blocksOf(said)];
    }
  });
  return {
    system: system.length === 0 ? undefined : system.join('\n\n'),
    messages: turns.map((turn) => (isUserTurn(turn) ? { role: 'user', content: contentOf(turn) } : turn)),
  };
}

function isUserTurn(turn: UserTurn | Body): turn is UserTurn {
  return 'results' in turn;
}

function contentOf({ results, said }: UserTurn): unknown {
  return results.length === 0 ? said : [...results, ...blocksOf(said)];
}

function blocksOf(said: string | readonly object[]): readonly object[] {
  return typeof said === 'string' ? textBlocks(said) : said;
}

/** The format refuses blocks without a word in them. */
function textBlocks(text: string): readonly object[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

function encodeAssistant(message: Message, text: string): string | readonly object[] {
  const echoed = echoedBlocks(message, text);
  if (echoed !== undefined) return echoed;
  const { toolCalls = [] } = message;
  if (toolCalls.length === 0) return text.trim() === '' ? '' : text;
  const calls = toolCalls.map((call) => ({
    type: 'tool_use',
    id: safeId(call.id),
    name: call.name,
    input: toolInputOf(call.arguments),
  }));
  return [...textBlocks(text), ...calls];
}

/** The blocks that came with the message, as long as they still say what it says. */
function echoedBlocks({ echo, toolCalls = [] }: Message, text: string): readonly WireBlock[] | undefined {
  if (echo?.format !== ECHO_FORMAT || !Array.isArray(echo.data)) return undefined;
  const blocks = objectsOf(echo.data as readonly WireBlock[]);
  const calls = blocks.filter(({ type }) => type === 'tool_use');
  const said = blocks.map((block) => (block.type === 'text' ? textOf(block.text) : '')).join('');
  const isSame =
    said === text &&
    calls.length === toolCalls.length &&
    calls.every(({ id, name, input }, i) => {
      const call = toolCalls[i];
      const isSameCall = call?.id === id && call?.name === name;
      return isSameCall && JSON.stringify(toolInputOf(call?.arguments ?? '')) === JSON.stringify(input);
    });
  return isSame ? blocks.filter((block) => block.type !== 'text' || textOf(block.text).trim() !== '') : undefined;
}

function encodeResult({ toolCallId = '', content }: Message, path: string, issues: ConfigIssue[]): object {
  const encoded = typeof content === 'string' ? content : encodeParts(content, path, issues);
  return { type: 'tool_result', tool_use_id: safeId(toolCallId), content: encoded };
}

/** The ids of other vendors, in conversations that began elsewhere, may hold what is refused here. */
function safeId(id: string): string {
  return id.replace(/[^\w-]/g, '_');
}

function encodeParts(parts: readonly ContentPart[], path: string, issues: ConfigIssue[]): readonly object[] {
  return parts.flatMap((part, i) => {
    if (part.kind === 'text') return textBlocks(part.text);
    const source = imageSource(part.url);
    if (source !== undefined) return [{ type: 'image', source }];
    const expected = 'an http(s) URL, or a data: URL of an image';
    issues.push({ path: `${path}[${i}].url`, expected, received: 'another', setBy: 'the request' });
    return [];
  });
}

function imageSource(url: string): object | undefined {
  if (/^https?:/i.test(url)) return { type: 'url', url };
  const data = parseDataURL(url);
  if (data?.mediaType.startsWith('image/') !== true) return undefined;
  return { type: 'base64', media_type: data.mediaType, data: data.base64 };
}

function onlyText(content: Message['content'], path: string, issues: ConfigIssue[]): string {
  if (typeof content === 'string') return content;
  return content
    .map((part, i) => {
      if (part.kind === 'text') return part.text;
      issues.push({ path: `${path}[${i}]`, expected: 'text', received: 'an image', setBy: 'the request' });
      return '';
    })
    .join('');
}

function encodeTools(tools: readonly ToolDefinition[] | undefined, choice: ToolChoice | undefined): Body {
  if (tools === undefined || tools.length === 0) return {};
  const encoded = tools.map(({ name, description, parameters = { type: 'object' }, strict }) =>
    dropUndefined({ name, description, input_schema: parameters, strict }),
  );
  return { tools: encoded, tool_choice: encodeToolChoice(choice) };
}

function encodeToolChoice(choice: ToolChoice | undefined): object | undefined {
  if (choice === undefined) return undefined;
  if (typeof choice === 'object') return { type: 'tool', name: choice.name };
  return { type: choice === 'required' ? 'any' : choice };
}

interface Thinking {
  readonly field?: object;
  readonly effort?: string;
  /** Tokens on top of those of the answer: the format counts both as one, and bounds thought below their sum. */
  readonly budget?: number;
}

function encodeThinking({ model, reasoning, toolChoice }: ChatRequest, warn: Warn): Thinking {
  const { effort, maxTokens } = reasoning ?? {};
  if (effort === undefined && maxTokens === undefined) return {};
  if (effort === 'none' || maxTokens === 0) {
    if (!ALWAYS_THINKING_MODELS.test(model)) return { field: { type: 'disabled' } };
    warn(`'reasoning' was sent as effort 'low': ${model} always thinks`);
    return { effort: 'low' };
  }
  if (typeof toolChoice === 'object' || toolChoice === 'required') {
    warn("'reasoning' was left out: Anthropic does not take it beside a tool choice that demands a call");
    return {};
  }
  if (ADAPTIVE_MODELS.test(model)) {
    if (maxTokens !== undefined) warn(`'reasoning.maxTokens' was left out: ${model} takes an effort`);
    if (effort === 'minimal') warn(`'reasoning.effort' was sent as 'low': ${model} does not take 'minimal'`);
    const word = effort === 'minimal' ? 'low' : effort;
    return { field: { type: 'adaptive' }, ...(word === undefined ? {} : { effort: word }) };
  }
  const wanted = maxTokens ?? THINKING_BUDGETS[effort ?? 'medium'];
  const budget = Math.max(wanted, LEAST_THINKING_TOKENS);
  if (budget > wanted)
    warn(`'reasoning.maxTokens' was raised to ${LEAST_THINKING_TOKENS}, the least that Anthropic takes`);
  return { field: { type: 'enabled', budget_tokens: budget }, budget };
}

function isThinking(field: unknown): boolean {
  const { type } = isObject(field) ? (field as { readonly type?: unknown }) : {};
  return type === 'enabled' || type === 'adaptive';
}

/** 1 is what both are where nothing is said: it goes without saying where they are refused. */
function encodeSampling({ model, temperature, topP }: ChatRequest, thinks: boolean, warn: Warn): Body {
  function leaveOut(field: string, value: number | undefined, why: string): void {
    if (value !== undefined && value !== 1) warn(`'${field}' was left out: ${why}`);
  }
  const isFixed = FIXED_SAMPLING_MODELS.test(model);
  if (isFixed || thinks) {
    const why = `${model} does not take it${isFixed ? '' : ' while it thinks'}`;
    leaveOut('temperature', temperature, why);
    if (!isFixed && topP !== undefined && topP >= LEAST_TOP_P_OF_THOUGHT) return { top_p: topP };
    leaveOut('topP', topP, why);
    return {};
  }
  if (temperature === undefined) return { top_p: topP };
  leaveOut('topP', topP, 'Anthropic takes it or a temperature, not both');
  if (temperature > 1) warn("'temperature' was sent as 1, the most that Anthropic takes");
  return { temperature: Math.min(temperature, 1) };
}

function encodeOutput({ responseFormat }: ChatRequest, effort: string | undefined, warn: Warn): object | undefined {
  const { kind, schema } = responseFormat ?? {};
  if (kind === 'json') warn("'responseFormat' was left out: Anthropic takes JSON with a schema only");
  const format = kind === 'json-schema' ? { type: 'json_schema', schema } : undefined;
  return effort === undefined && format === undefined ? undefined : dropUndefined({ effort, format });
}

function encodeMetadata({ user, metadata }: ChatRequest, warn: Warn): object | undefined {
  const { user_id: userId = user, ...others } = metadata ?? {};
  if (Object.keys(others).length > 0) warn("'metadata' was left out: Anthropic takes 'user_id' only");
  return userId === undefined ? undefined : { user_id: userId };
}
