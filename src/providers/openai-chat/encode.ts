/** ChatRequest to the OpenAI chat body, with the vendor's quirks. Plain JSON data, the same for the same request. */
import { createHash } from 'node:crypto';
import type { ChatRequest, ContentPart, Message, ResponseFormat, ToolDefinition } from '../../protocol/chat.js';
import { echoedFields } from '../reasoning-echo.js';
import { assertSayable } from '../request-check.js';
import type { EncodedRequest } from '../wire-format.js';
import type { OpenAIChatQuirks } from './wire.js';

type RefusableField = 'temperature' | 'topP' | 'seed' | 'user' | 'metadata';

/** Whether it streams is the call's choice, not the request's. */
const STREAM_FIELDS: ReadonlySet<string> = new Set(['stream', 'stream_options']);

/** Everything but `stream` and `stream_options`. Throws one ConfigError for all that this format cannot say. O(request). */
export function encodeRequest(request: ChatRequest, quirks: OpenAIChatQuirks): EncodedRequest {
  assertSayable(request);
  const warnings: string[] = [];
  const unsupported: readonly RefusableField[] = quirks.unsupported ?? [];
  const isReasoning = quirks.reasoningModels?.test(request.model) === true;
  // Told not to reason, these models take a temperature after all.
  const effort = request.vendor?.['reasoning_effort'] ?? request.reasoning?.effort;
  const reasons = isReasoning && effort !== 'none';
  const body: Record<string, unknown> = {
    model: request.model,
    messages: request.messages.map((message) => encodeMessage(message, quirks)),
  };

  function put(field: string, value: unknown): void {
    if (value !== undefined) body[field] = value;
  }
  /** The value of a field, or a warning in its place when it is known to be refused. */
  function pick<K extends RefusableField>(field: K): ChatRequest[K] | undefined {
    const value = request[field];
    if (value === undefined) return undefined;
    const isSampling = field === 'temperature' || field === 'topP';
    if (!(reasons && isSampling) && !unsupported.includes(field)) return value;
    warnings.push(`'${field}' was left out: ${request.model} does not take it here`);
    return undefined;
  }
  put(isReasoning ? 'max_completion_tokens' : 'max_tokens', request.maxTokens);
  put('temperature', pick('temperature'));
  put('top_p', pick('topP'));
  if (request.stop?.length !== 0) put('stop', request.stop);
  put(quirks.seedField ?? 'seed', pick('seed'));
  putTools(put, request, quirks);
  put('response_format', encodeResponseFormat(request.responseFormat));
  if (request.reasoning !== undefined) Object.assign(body, encodeReasoning(request, quirks, warnings));
  put('user', pick('user'));
  put('metadata', pick('metadata'));
  return { body: request.vendor === undefined ? body : withVendor(body, request.vendor), warnings };
}

/** Verbatim, also a field called __proto__; what it says to be undefined is not sent. */
function withVendor(
  body: Readonly<Record<string, unknown>>,
  vendor: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const isSent = ([field, value]: [string, unknown]): boolean => value !== undefined && !STREAM_FIELDS.has(field);
  return Object.fromEntries(Object.entries({ ...body, ...vendor }).filter(isSent));
}

function encodeMessage(message: Message, quirks: OpenAIChatQuirks): Record<string, unknown> {
  const { role, toolCalls, toolCallId, name, echo } = message;
  const encoded: Record<string, unknown> = { role, content: encodeContent(message.content) };
  if (toolCalls !== undefined && toolCalls.length > 0) {
    if (message.content === '') encoded['content'] = null;
    encoded['tool_calls'] = toolCalls.map((call) => ({
      id: callIdOf(call.id, quirks),
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    }));
  }
  if (toolCallId !== undefined) encoded['tool_call_id'] = callIdOf(toolCallId, quirks);
  if (name !== undefined) encoded['name'] = name;
  return echo === undefined ? encoded : Object.assign(encoded, echoedFields(message, quirks.echoes));
}

/** The id itself where it will do, else the beginning of its digest: the same for the call and for what answers it. */
function callIdOf(id: string, { toolCallIds }: OpenAIChatQuirks): string {
  if (toolCallIds === undefined || /^[a-zA-Z0-9]{9}$/.test(id)) return id;
  return createHash('sha256').update(id).digest('hex').slice(0, 9);
}

function encodeContent(content: string | readonly ContentPart[]): unknown {
  if (typeof content === 'string') return content;
  return content.map((part) =>
    part.kind === 'text' ? { type: 'text', text: part.text } : { type: 'image_url', image_url: { url: part.url } },
  );
}

function putTools(
  put: (field: string, value: unknown) => void,
  { tools, toolChoice: choice }: ChatRequest,
  quirks: OpenAIChatQuirks,
): void {
  if (tools === undefined || tools.length === 0) return;
  const isNamed = typeof choice === 'object';
  if (isNamed && quirks.namedToolChoice === 'only-that-tool') {
    put('tools', tools.filter((tool) => tool.name === choice.name).map(encodeTool));
    put('tool_choice', quirks.requiredToolChoice ?? 'required');
    return;
  }
  put('tools', tools.map(encodeTool));
  if (isNamed) put('tool_choice', { type: 'function', function: { name: choice.name } });
  else put('tool_choice', choice === 'required' ? (quirks.requiredToolChoice ?? choice) : choice);
}

function encodeTool(tool: ToolDefinition): object {
  const { name, description, parameters, strict } = tool;
  return {
    type: 'function',
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      ...(parameters === undefined ? {} : { parameters }),
      ...(strict === undefined ? {} : { strict }),
    },
  };
}

/** An effort or a number of tokens that the vendor has no word for is left out, with a warning. */
function encodeReasoning(
  { model, reasoning = {} }: ChatRequest,
  quirks: OpenAIChatQuirks,
  warnings: string[],
): Record<string, unknown> {
  const { effort, maxTokens } = reasoning;
  const { reasoningEfforts, reasoningTokens } = quirks;
  const fields: Record<string, unknown> = {};
  if (effort !== undefined) {
    const words = reasoningEfforts === undefined ? { reasoning_effort: effort } : reasoningEfforts[effort];
    if (words === undefined) warnings.push(`'reasoning.effort' was left out: ${model} does not take '${effort}' here`);
    Object.assign(fields, words);
  }
  if (maxTokens === undefined) return fields;
  if (reasoningTokens === undefined) {
    warnings.push(`'reasoning.maxTokens' was left out: ${model} takes an effort`);
    return fields;
  }
  const [field, inner] = reasoningTokens;
  fields[field] = inner === undefined ? maxTokens : { ...(fields[field] as object | undefined), [inner]: maxTokens };
  return fields;
}

function encodeResponseFormat(format: ResponseFormat | undefined): object | undefined {
  if (format === undefined) return undefined;
  if (format.kind === 'text') return { type: 'text' };
  if (format.kind === 'json') return { type: 'json_object' };
  const { name = 'answer', schema, strict } = format;
  return { type: 'json_schema', json_schema: { name, schema, ...(strict === undefined ? {} : { strict }) } };
}
