/** ChatRequest to the body of the OpenAI responses format. Plain JSON data, the same for the same request. */
import type { ConfigIssue } from '../../core/errors.js';
import type {
  ChatRequest,
  ContentPart,
  Message,
  ResponseFormat,
  ToolCall,
  ToolChoice,
  ToolDefinition,
} from '../../protocol/chat.js';
import type { OpenAIChatQuirks } from '../openai-chat/wire.js';
import { assertSayable } from '../request-check.js';
import type { EncodedRequest } from '../wire-format.js';
import { dropUndefined, isPresent, objectsOf, textOf } from '../wire-values.js';
import { ECHO_FORMAT, readOutput } from './decode.js';
import type { WireItem } from './wire.js';

/** Whether it streams is the call's choice, not the request's. */
const STREAM_FIELDS: ReadonlySet<string> = new Set(['stream', 'stream_options']);

/**
 * Everything but `stream`. Nothing is stored at the vendor unless `vendor` says `store: true`; a model that reasons hands
 * its reasoning out encrypted instead, so that a conversation can go on. Throws one ConfigError for all that this format
 * cannot say, stop sequences among it; what only steers the sampling is left out with a warning. O(request).
 */
export function encodeRequest(request: ChatRequest, quirks: OpenAIChatQuirks): EncodedRequest {
  assertSayable(request, faultsOf(request));
  const { model, vendor, reasoning } = request;
  const effort = (vendor?.['reasoning'] as { effort?: unknown } | null | undefined)?.effort ?? reasoning?.effort;
  const isReasoningModel = quirks.reasoningModels?.test(model) === true;
  // Told not to reason, these models take a temperature after all.
  const reasons = isReasoningModel && effort !== 'none';
  const warnings = warningsOf(request, reasons);
  const store = vendor?.['store'] ?? false;
  const keepsThoughts = store === false && (reasons || (isPresent(effort) && effort !== 'none'));
  const { instructions, rest } = splitInstructions(request.messages);
  const body: Record<string, unknown> = {
    model,
    instructions,
    input: rest.flatMap((message) => encodeMessage(message, store === true)),
    max_output_tokens: request.maxTokens,
    temperature: reasons ? undefined : request.temperature,
    top_p: reasons ? undefined : request.topP,
    ...encodeTools(request.tools, request.toolChoice),
    text: encodeFormat(request.responseFormat),
    reasoning: reasoning?.effort === undefined ? undefined : { effort: reasoning.effort },
    include: keepsThoughts ? ['reasoning.encrypted_content'] : undefined,
    store,
    user: request.user,
    metadata: request.metadata,
    ...vendor,
  };
  const isSent = ([field, value]: [string, unknown]): boolean => value !== undefined && !STREAM_FIELDS.has(field);
  return { body: Object.fromEntries(Object.entries(body).filter(isSent)), warnings };
}

function faultsOf({ messages, stop }: ChatRequest): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const setBy = 'the request';
  if (stop !== undefined && stop.length > 0) {
    issues.push({ path: 'stop', expected: 'none: this format knows no stop sequences', received: 'some', setBy });
  }
  messages.forEach(({ role, content }, i) => {
    if (role !== 'assistant' || typeof content === 'string' || content.every(({ kind }) => kind === 'text')) return;
    const expected = 'text only: this format takes no images of an assistant';
    issues.push({ path: `messages[${i}].content`, expected, received: 'an image', setBy });
  });
  return issues;
}

function warningsOf(request: ChatRequest, reasons: boolean): string[] {
  const { model } = request;
  const warnings: string[] = [];
  for (const field of ['temperature', 'topP'] as const) {
    if (reasons && request[field] !== undefined)
      warnings.push(`'${field}' was left out: ${model} does not take it here`);
  }
  if (request.seed !== undefined) warnings.push("'seed' was left out: this format has none");
  if (request.reasoning?.maxTokens !== undefined)
    warnings.push(`'reasoning.maxTokens' was left out: ${model} takes an effort`);
  if (request.messages.some(({ name }) => name !== undefined))
    warnings.push("the 'name' of messages was left out: this format has none");
  return warnings;
}

/** The system messages at the beginning are the instructions; later ones stay in their place. */
function splitInstructions(messages: readonly Message[]): {
  readonly instructions: string | undefined;
  readonly rest: readonly Message[];
} {
  const texts: string[] = [];
  for (const { role, content } of messages) {
    const text = role === 'system' ? plainText(content) : undefined;
    if (text === undefined) break;
    texts.push(text);
  }
  return { instructions: texts.length === 0 ? undefined : texts.join('\n\n'), rest: messages.slice(texts.length) };
}

/** Undefined for content that is more than text. */
function plainText(content: Message['content']): string | undefined {
  if (typeof content === 'string') return content;
  return content.every(({ kind }) => kind === 'text') ? content.map(textOfPart).join('') : undefined;
}

function textOfPart(part: ContentPart): string {
  return part.kind === 'text' ? part.text : '';
}

function encodeMessage(message: Message, isStored: boolean): readonly object[] {
  const { role, content, toolCalls = [], toolCallId } = message;
  if (role === 'tool') return [{ type: 'function_call_output', call_id: toolCallId, output: encodeContent(content) }];
  if (role !== 'assistant') return [{ role, content: encodeContent(content) }];
  const echoed = echoedItems(message, isStored);
  if (echoed !== undefined) return echoed;
  const text = plainText(content) ?? '';
  const calls = toolCalls.map(({ id, name, arguments: args }) => ({
    type: 'function_call',
    call_id: id,
    name,
    arguments: args,
  }));
  return text === '' && calls.length > 0 ? calls : [{ role, content: text }, ...calls];
}

/**
 * The items that the answer came as, reasoning and all; undefined when there are none, or when the message was changed
 * since: reasoning belongs to what followed it. Reasoning that is neither encrypted nor stored nobody could find again.
 */
function echoedItems(message: Message, isStored: boolean): readonly object[] | undefined {
  const { content, toolCalls = [], echo } = message;
  if (echo?.format !== ECHO_FORMAT || !Array.isArray(echo.data)) return undefined;
  const items = objectsOf<WireItem>(echo.data);
  const said = readOutput(items);
  if (said.text !== plainText(content) || !areSame(said.toolCalls, toolCalls)) return undefined;
  return items.filter((item) => isStored || canStandAlone(item)).map(withoutNulls);
}

function areSame(left: readonly ToolCall[], right: readonly ToolCall[]): boolean {
  return (
    left.length === right.length &&
    left.every((call, i) => (['id', 'name', 'arguments'] as const).every((field) => call[field] === right[i]?.[field]))
  );
}

function canStandAlone({ type, encrypted_content: encrypted, content }: WireItem): boolean {
  return type !== 'reasoning' || textOf(encrypted) !== '' || objectsOf(content).length > 0;
}

function withoutNulls(item: WireItem): object {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => isPresent(value)));
}

function encodeContent(content: Message['content']): unknown {
  if (typeof content === 'string') return content;
  return content.map((part) =>
    part.kind === 'text' ? { type: 'input_text', text: part.text } : { type: 'input_image', image_url: part.url },
  );
}

function encodeTools(
  tools: readonly ToolDefinition[] | undefined,
  choice: ToolChoice | undefined,
): Record<string, unknown> {
  if (tools === undefined || tools.length === 0) return {};
  return {
    tools: tools.map(encodeTool),
    tool_choice: typeof choice === 'object' ? { type: 'function', name: choice.name } : choice,
  };
}

/** Here tools are strict unless told otherwise, elsewhere the other way round: a request means the same everywhere. */
function encodeTool({ name, description, parameters, strict }: ToolDefinition): object {
  return dropUndefined({
    type: 'function',
    name,
    description,
    parameters: parameters ?? { type: 'object', properties: {} },
    strict: strict ?? false,
  });
}

function encodeFormat(format: ResponseFormat | undefined): object | undefined {
  if (format === undefined) return undefined;
  if (format.kind === 'text') return { format: { type: 'text' } };
  if (format.kind === 'json') return { format: { type: 'json_object' } };
  const { name = 'answer', schema, strict } = format;
  return { format: dropUndefined({ type: 'json_schema', name, schema, strict }) };
}
