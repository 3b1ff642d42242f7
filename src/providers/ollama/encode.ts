/**
 * ChatRequest to the body of /api/chat: plain JSON data, the same for the same request.
 *
 * Refused with a ConfigError: images that are not data: URLs, since the server fetches none; the tool choices 'required'
 * and a named tool, since nothing makes a model obey them here. 'none' sends no tools, 'auto' is what the server does.
 * Left out with a warning: `user`, `metadata`, `strict` of a tool, `reasoning.maxTokens`. Silently: `name` and `strict`
 * of a response format, a mere label and what the server does anyway, and the `name` of a message that is no result.
 *
 * `vendor` is merged verbatim, its fields replace ours; only `options` is merged member by member, one deep. A `stream`
 * in it is ignored: that is the call's choice.
 */
import type { ConfigIssue } from '../../core/errors.js';
import type { ChatRequest, Message, ReasoningSettings, ToolCall } from '../../protocol/chat.js';
import type { EmbedRequest } from '../../protocol/embedding.js';
import { parseDataURL } from '../data-url.js';
import { assertSayable } from '../request-check.js';
import { type ToolResult, toolResultsFrom } from '../tool-results.js';
import type { EncodedRequest } from '../wire-format.js';
import { dropUndefined, isObject, parseJson } from '../wire-values.js';
import { ECHO_FORMAT, type EchoData } from './wire.js';

type Refuse = (path: string, expected: string, received: string) => void;

/** Throws one ConfigError for all that this format cannot say. O(request). */
export function encodeRequest(request: ChatRequest): EncodedRequest {
  const issues: ConfigIssue[] = [];
  const warnings: string[] = [];
  const refuse: Refuse = (path, expected, received) => issues.push({ path, expected, received, setBy: 'the request' });
  const { reasoning, vendor } = request;
  const options = dropUndefined({
    num_predict: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    stop: request.stop?.length === 0 ? undefined : request.stop,
    seed: request.seed,
    ...(isObject(vendor?.['options']) ? vendor['options'] : {}),
  });
  const body = {
    model: request.model,
    messages: encodeMessages(request.messages, refuse),
    tools: encodeTools(request, refuse, warnings),
    format: encodeFormat(request),
    think: encodeThink(reasoning),
    ...vendor,
    options: Object.keys(options).length === 0 ? undefined : options,
    stream: undefined,
  };
  for (const field of ['user', 'metadata'] as const) {
    if (request[field] !== undefined) warnings.push(`'${field}' was left out: Ollama has no word for it`);
  }
  if (reasoning?.maxTokens !== undefined) warnings.push("'reasoning.maxTokens' was left out: Ollama takes an effort");
  assertSayable(request, issues);
  return { body: dropUndefined(body), warnings };
}

export function encodeEmbedding({ model, texts, dimensions, vendor }: EmbedRequest): Record<string, unknown> {
  return dropUndefined({ model, input: texts, dimensions, ...vendor });
}

function encodeMessages(messages: readonly Message[], refuse: Refuse): object[] {
  const encoded: object[] = [];
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at] as Message;
    if (message.role === 'tool') {
      const results = toolResultsFrom(messages, at);
      encoded.push(...results.map((result) => encodeResult(result, refuse)));
      at += results.length - 1;
    } else {
      encoded.push(encodeMessage(message, `messages[${at}]`, refuse));
    }
  }
  return encoded;
}

function encodeMessage(message: Message, path: string, refuse: Refuse): object {
  const { role, toolCalls } = message;
  const calls = toolCalls?.map((call, i) => encodeCall(call, `${path}.toolCalls[${i}]`, refuse));
  return dropUndefined({
    role,
    ...encodeContent(message, path, refuse),
    thinking: thinkingOf(message),
    tool_calls: calls?.length === 0 ? undefined : calls,
  });
}

/** A message has one text; its parts are joined by line ends. */
function encodeContent({ content }: Message, path: string, refuse: Refuse): object {
  if (typeof content === 'string') return { content };
  const images: string[] = [];
  const texts: string[] = [];
  content.forEach((part, i) => {
    if (part.kind === 'text') texts.push(part.text);
    else images.push(encodeImage(part.url, `${path}.content[${i}].url`, refuse));
  });
  return dropUndefined({ content: texts.join('\n'), images: images.length === 0 ? undefined : images });
}

function encodeImage(url: string, path: string, refuse: Refuse): string {
  const data = parseDataURL(url);
  if (data === undefined) refuse(path, 'a data: URL, since Ollama fetches no images', 'another URL');
  return data?.base64 ?? '';
}

function encodeCall({ name, arguments: text }: ToolCall, path: string, refuse: Refuse): object {
  const args = text.trim() === '' ? {} : parseJson(text);
  if (!isObject(args) || Array.isArray(args)) refuse(`${path}.arguments`, 'the JSON text of an object', 'another text');
  return { function: { name, arguments: args } };
}

function encodeResult({ message, at, name }: ToolResult, refuse: Refuse): object {
  const path = `messages[${at}]`;
  if (name === undefined && message.toolCallId !== undefined)
    refuse(`${path}.toolCallId`, 'the id of a call made before', 'another, and no name of a function');
  return { role: 'tool', tool_name: name, ...encodeContent(message, path, refuse) };
}

function thinkingOf({ echo }: Message): string | undefined {
  if (echo?.format !== ECHO_FORMAT || !isObject(echo.data)) return undefined;
  const { thinking } = echo.data as Partial<EchoData>;
  return typeof thinking === 'string' ? thinking : undefined;
}

function encodeTools(request: ChatRequest, refuse: Refuse, warnings: string[]): object[] | undefined {
  const { tools = [], toolChoice } = request;
  if (toolChoice === 'required' || typeof toolChoice === 'object')
    refuse('toolChoice', "'auto' or 'none', since Ollama cannot make a model call a tool", 'another choice');
  if (tools.length === 0 || toolChoice === 'none') return undefined;
  if (tools.some(({ strict }) => strict === true))
    warnings.push("'strict' of a tool was left out: Ollama has no word for it");
  return tools.map(({ name, description, parameters }) => ({
    type: 'function',
    // The server wants a schema of each.
    function: dropUndefined({ name, description, parameters: parameters ?? { type: 'object', properties: {} } }),
  }));
}

function encodeFormat({ responseFormat: format }: ChatRequest): unknown {
  if (format === undefined || format.kind === 'text') return undefined;
  return format.kind === 'json' ? 'json' : format.schema;
}

/** A model without levels takes any of the words for yes. */
function encodeThink(reasoning: ReasoningSettings | undefined): string | false | undefined {
  if (reasoning?.effort === 'none') return false;
  return reasoning?.effort === 'minimal' ? 'low' : reasoning?.effort;
}
