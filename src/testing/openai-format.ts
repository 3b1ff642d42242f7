/**
 * The server's side of the OpenAI chat format: request bodies in, answers, events and errors out. The reverse of
 * providers/openai-chat, written on its own so that the two check each other.
 */
import { ProviderError } from '../core/errors.js';
import type {
  ChatRequest,
  Chunk,
  ContentPart,
  FinishReason,
  Message,
  ProviderAnswer,
  ResponseFormat,
  ToolCall,
  ToolChoice,
  ToolDefinition,
  Usage,
} from '../protocol/chat.js';

export interface ParsedRequest {
  readonly request: ChatRequest;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/** Throws a ProviderError with status 400 for a body that is not a chat request. */
export function parseChatBody(text: string): ParsedRequest {
  const body = parseObject(text);
  const { model, messages } = body;
  if (typeof model !== 'string' || model === '') throw badRequest('you must provide a model parameter');
  if (!Array.isArray(messages) || messages.length === 0)
    throw badRequest("'messages' must be a list that is not empty");
  const request: Record<string, unknown> = {
    model,
    messages: messages.map(parseMessage),
    maxTokens: numberOf(body['max_completion_tokens']) ?? numberOf(body['max_tokens']),
    temperature: numberOf(body['temperature']),
    topP: numberOf(body['top_p']),
    stop: typeof body['stop'] === 'string' ? [body['stop']] : listOf(body['stop']),
    seed: numberOf(body['seed']),
    tools: listOf(body['tools'])?.map(parseTool),
    toolChoice: parseToolChoice(body['tool_choice']),
    responseFormat: parseResponseFormat(body['response_format']),
    user: body['user'],
    metadata: body['metadata'],
  };
  const present = Object.fromEntries(
    Object.entries(request).filter(([, value]) => value !== undefined && value !== null),
  );
  const options = body['stream_options'] as { include_usage?: unknown } | null | undefined;
  return {
    // Model and messages were checked, the rest is of the right type or absent.
    request: present as unknown as ChatRequest,
    stream: body['stream'] === true,
    includeUsage: options?.include_usage === true,
  };
}

/** The body of a whole answer. `createdSeconds` since the Unix epoch. */
export function formatAnswer(answer: ProviderAnswer, createdSeconds: number): object {
  const { text, reasoning, toolCalls } = answer;
  const message = {
    role: 'assistant',
    content: text === '' && toolCalls.length > 0 ? null : text,
    refusal: null,
    ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map((call) => formatToolCall(call)) }),
  };
  return {
    id: answer.id,
    object: 'chat.completion',
    created: createdSeconds,
    model: answer.model,
    system_fingerprint: null,
    choices: [{ index: 0, message, logprobs: null, finish_reason: formatFinishReason(answer.finishReason) }],
    usage: formatUsage(answer.usage),
  };
}

/** Turns the chunks of one stream into the `data:` of its events; an event or none for a chunk. */
export function createEventFormatter(
  includeUsage: boolean,
  createdSeconds: number,
): (chunk: Chunk) => object | undefined {
  let id = '';
  let model = '';

  function event(choices: readonly object[], usage: object | null | undefined): object {
    const base = {
      id,
      object: 'chat.completion.chunk',
      created: createdSeconds,
      model,
      system_fingerprint: null,
      choices,
    };
    return usage === undefined ? base : { ...base, usage };
  }
  function delta(content: object, finishReason: string | null = null): object {
    const choice = { index: 0, delta: content, logprobs: null, finish_reason: finishReason };
    return event([choice], includeUsage ? null : undefined);
  }
  return (chunk) => {
    switch (chunk.kind) {
      case 'start':
        id = chunk.id;
        model = chunk.model;
        return delta({ role: 'assistant', content: '' });
      case 'text-delta':
        return delta({ content: chunk.text });
      case 'reasoning-delta':
        return delta({ reasoning_content: chunk.text });
      case 'tool-call-start': {
        const call = {
          index: chunk.index,
          id: chunk.id,
          type: 'function',
          function: { name: chunk.name, arguments: '' },
        };
        return delta({ tool_calls: [call] });
      }
      case 'tool-call-delta':
        return delta({ tool_calls: [{ index: chunk.index, function: { arguments: chunk.arguments } }] });
      case 'finish':
        return delta({}, formatFinishReason(chunk.reason));
      case 'usage':
        return includeUsage ? event([], formatUsage(chunk.usage)) : undefined;
      default:
        return undefined;
    }
  };
}

/** The body of an error. */
export function formatError(message: string, type: string, code: string | null): object {
  return { error: { message, type, param: null, code } };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  } catch {
    // Answered below, in the server's own words.
  }
  throw badRequest('we could not parse the JSON body of your request');
}

function parseMessage(wire: unknown): Message {
  const {
    role,
    content,
    tool_calls: toolCalls,
    tool_call_id: toolCallId,
    name,
  } = (wire ?? {}) as Record<string, unknown>;
  const known = role === 'developer' ? 'system' : role;
  if (known !== 'system' && known !== 'user' && known !== 'assistant' && known !== 'tool') {
    throw badRequest("each message must have a role of 'system', 'developer', 'user', 'assistant' or 'tool'");
  }
  const calls = listOf(toolCalls)?.map(parseToolCall);
  return {
    role: known,
    content: typeof content === 'string' ? content : (listOf(content)?.map(parsePart) ?? ''),
    ...(calls === undefined ? {} : { toolCalls: calls }),
    ...(typeof toolCallId === 'string' ? { toolCallId } : {}),
    ...(typeof name === 'string' ? { name } : {}),
  };
}

function parsePart(wire: unknown): ContentPart {
  const {
    type,
    text,
    image_url: image,
  } = (wire ?? {}) as { type?: unknown; text?: unknown; image_url?: { url?: unknown } };
  if (type === 'text' && typeof text === 'string') return { kind: 'text', text };
  if (type === 'image_url' && typeof image?.url === 'string') return { kind: 'image', url: image.url };
  throw badRequest("a content part must be of type 'text' or 'image_url'");
}

function parseToolCall(wire: unknown): ToolCall {
  const { id, function: called } = (wire ?? {}) as { id?: unknown; function?: { name?: unknown; arguments?: unknown } };
  return { id: String(id ?? ''), name: String(called?.name ?? ''), arguments: String(called?.arguments ?? '') };
}

function parseTool(wire: unknown): ToolDefinition {
  const { function: tool } = (wire ?? {}) as { function?: ToolDefinition };
  if (typeof tool?.name !== 'string') throw badRequest('a tool must be a function with a name');
  return tool;
}

function parseToolChoice(wire: unknown): ToolChoice | undefined {
  if (wire === 'auto' || wire === 'none' || wire === 'required') return wire;
  const name = (wire as { function?: { name?: unknown } } | null | undefined)?.function?.name;
  return typeof name === 'string' ? { name } : undefined;
}

function parseResponseFormat(wire: unknown): ResponseFormat | undefined {
  const { type, json_schema: schema } = (wire ?? {}) as { type?: unknown; json_schema?: Omit<ResponseFormat, 'kind'> };
  if (type === 'text') return { kind: 'text' };
  if (type === 'json_object') return { kind: 'json' };
  return type === 'json_schema' ? { kind: 'json-schema', ...schema } : undefined;
}

function formatToolCall(call: ToolCall): object {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: call.arguments } };
}

function formatUsage(usage: Usage | undefined): object | null {
  if (usage === undefined) return null;
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedInputTokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens ?? 0 },
  };
}

function formatFinishReason(reason: FinishReason): string {
  if (reason === 'tool-calls') return 'tool_calls';
  if (reason === 'content-filter') return 'content_filter';
  return reason === 'other' ? 'stop' : reason;
}

function badRequest(message: string): ProviderError {
  return new ProviderError(message, { code: 'ERR_TESTING_BAD_REQUEST', provider: 'local server', status: 400 });
}
function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
function listOf(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}
