/** ChatRequest and EmbedRequest to the bodies of Cohere's format. Plain JSON data, the same for the same request. */
import type { ConfigIssue } from '../../core/errors.js';
import type {
  ChatRequest,
  ContentPart,
  Message,
  ReasoningSettings,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../protocol/chat.js';
import type { EmbedRequest } from '../../protocol/embedding.js';
import { assertSayable } from '../request-check.js';
import { THINKING_BUDGETS } from '../thinking-budget.js';
import type { EncodedRequest } from '../wire-format.js';
import { dropUndefined, isObject, textOf } from '../wire-values.js';
import type { EchoData } from './wire.js';

/** Names the echoes of this format. */
export const ECHO_FORMAT = 'cohere';

/** Whether it streams is the call's choice, not the request's. */
const STREAM_FIELDS: ReadonlySet<string> = new Set(['stream', 'stream_options']);

/** Everything but `stream`. Throws one ConfigError for all that this format cannot say. O(request). */
export function encodeRequest(request: ChatRequest): EncodedRequest {
  const { messages, tools = [], stop } = request;
  assertSayable(request, messages.flatMap(imageIssues));
  const body: Record<string, unknown> = {
    model: request.model,
    messages: messages.map(encodeMessage),
    max_tokens: request.maxTokens,
    temperature: request.temperature,
    p: request.topP,
    stop_sequences: stop?.length === 0 ? undefined : stop,
    seed: request.seed,
    ...(tools.length === 0 ? {} : encodeTools(tools, request.toolChoice)),
    response_format: encodeResponseFormat(request.responseFormat),
    thinking: encodeThinking(request.reasoning),
    ...request.vendor,
  };
  const isSent = ([field, value]: [string, unknown]): boolean => value !== undefined && !STREAM_FIELDS.has(field);
  return { body: Object.fromEntries(Object.entries(body).filter(isSent)), warnings: warningsOf(request) };
}

/** As documents to be searched, unless `vendor.input_type` says what else the texts are ('search_query', ...). */
export function encodeEmbedRequest(request: EmbedRequest): Record<string, unknown> {
  return dropUndefined({
    model: request.model,
    texts: request.texts,
    input_type: 'search_document',
    embedding_types: ['float'],
    output_dimension: request.dimensions,
    ...request.vendor,
  });
}

function encodeMessage(message: Message): object {
  const { role, toolCalls = [], toolCallId } = message;
  const content = encodeContent(message.content);
  if (role === 'tool') return { role, tool_call_id: toolCallId, content };
  if (role !== 'assistant') return { role, content };
  const { tool_plan: plan, thinking } = echoedData(message);
  const thoughts = thinking === undefined ? [] : [{ type: 'thinking', thinking }];
  const blocks = typeof content === 'string' ? textParts(content) : content;
  if (toolCalls.length === 0) return { role, content: thoughts.length === 0 ? content : [...thoughts, ...blocks] };
  const calls = toolCalls.map((call) => ({
    id: call.id,
    type: 'function',
    function: { name: call.name, arguments: call.arguments.trim() === '' ? '{}' : call.arguments },
  }));
  // What a model of another vendor says before its calls is what this one calls the plan.
  const said = typeof message.content === 'string' ? message.content : '';
  if (plan === undefined && thoughts.length === 0 && said !== '') return { role, tool_plan: said, tool_calls: calls };
  const parts = [...thoughts, ...blocks];
  return dropUndefined({ role, content: parts.length === 0 ? undefined : parts, tool_plan: plan, tool_calls: calls });
}

function echoedData({ echo }: Message): EchoData {
  if (echo?.format !== ECHO_FORMAT || !isObject(echo.data)) return {};
  const { tool_plan: plan, thinking } = echo.data as Record<keyof EchoData, unknown>;
  return {
    ...(textOf(plan) === '' ? {} : { tool_plan: textOf(plan) }),
    ...(textOf(thinking) === '' ? {} : { thinking: textOf(thinking) }),
  };
}

function encodeContent(content: Message['content']): string | readonly object[] {
  if (typeof content === 'string') return content;
  return content.map((part) =>
    part.kind === 'text' ? { type: 'text', text: part.text } : { type: 'image_url', image_url: { url: part.url } },
  );
}

function textParts(text: string): readonly object[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

/** A certain tool is demanded by offering only that one; 'auto' is what happens unasked. */
function encodeTools(tools: readonly ToolDefinition[], choice: ToolChoice | undefined): Record<string, unknown> {
  const isNamed = typeof choice === 'object';
  const offered = isNamed ? tools.filter((tool) => tool.name === choice.name) : tools;
  return {
    tools: offered.map(encodeTool),
    tool_choice: isNamed || choice === 'required' ? 'REQUIRED' : choice === 'none' ? 'NONE' : undefined,
    strict_tools: offered.some((tool) => tool.strict === true) ? true : undefined,
  };
}

function encodeTool({ name, description, parameters = { type: 'object', properties: {} } }: ToolDefinition): object {
  return { type: 'function', function: dropUndefined({ name, description, parameters }) };
}

function encodeResponseFormat(format: ResponseFormat | undefined): object | undefined {
  if (format === undefined) return undefined;
  if (format.kind === 'text') return { type: 'text' };
  return dropUndefined({ type: 'json_object', json_schema: format.kind === 'json-schema' ? format.schema : undefined });
}

/** The format has a number of tokens, not a word for effort; the most effort is to set none. */
function encodeThinking({ effort, maxTokens }: ReasoningSettings = {}): object | undefined {
  if (effort === undefined && maxTokens === undefined) return undefined;
  if (effort === 'none' || maxTokens === 0) return { type: 'disabled' };
  const budget = maxTokens ?? (effort === undefined || effort === 'max' ? undefined : THINKING_BUDGETS[effort]);
  return dropUndefined({ type: 'enabled', token_budget: budget });
}

function warningsOf({ messages, tools = [], user, metadata }: ChatRequest): readonly string[] {
  const left: string[] = [];
  if (user !== undefined) left.push("'user'");
  if (metadata !== undefined) left.push("'metadata'");
  if (messages.some(({ role, name }) => name !== undefined && role !== 'tool')) left.push("'name' of messages");
  const warnings = left.map((field) => `${field} was left out: Cohere has none`);
  if (tools.some(({ strict }) => strict === true) && !tools.every(({ strict }) => strict === true))
    warnings.push("'strict' of a tool was taken as that of all: Cohere has one for all");
  return warnings;
}

function imageIssues({ role, content }: Message, at: number): readonly ConfigIssue[] {
  if (role === 'user' || typeof content === 'string') return [];
  return content.flatMap((part: ContentPart, i) =>
    part.kind === 'text'
      ? []
      : [{ path: `messages[${at}].content[${i}]`, expected: 'text', received: 'an image', setBy: 'the request' }],
  );
}
