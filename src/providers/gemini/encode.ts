/**
 * ChatRequest to the body of generateContent: plain JSON data, the same for the same request.
 *
 * Left out with a warning, since the format has no word for it: `user`, `metadata`, `strict` of a tool, an effort or a
 * number of thoughts that the model's generation cannot be told. Silently: `name` and `strict` of a response format, a
 * mere label and what the API does anyway, and the `name` of a message. All system messages become the one instruction, wherever they stand.
 *
 * `vendor` is merged verbatim, its fields replace ours; only `generationConfig` is merged member by member, one deep, so
 * `{ generationConfig: { topK: 5 } }` adds, and a `thinkingConfig` in it, such as one with `includeThoughts` for summaries
 * of what the model thought, replaces ours whole.
 */
import { ConfigError, type ConfigIssue } from '../../core/errors.js';
import type { ChatRequest, ContentPart, Message, ToolCall } from '../../protocol/chat.js';
import type { EmbedRequest } from '../../protocol/embedding.js';
import { isDataURL, parseDataURL } from '../data-url.js';
import { assertSayable } from '../request-check.js';
import { type ToolResult, toolResultsFrom } from '../tool-results.js';
import type { EncodedRequest } from '../wire-format.js';
import { dropUndefined, isObject, parseJson } from '../wire-values.js';
import { ECHO_FORMAT, type EchoPart } from './wire.js';

type Part = Readonly<Record<string, unknown>>;
interface Content {
  readonly role: 'user' | 'model';
  readonly parts: readonly Part[];
}
type Refuse = (path: string, expected: string, received: string) => void;

/** Models that are told a number of thoughts; later ones are told a level. */
const BUDGET_MODELS = /gemini-[12][.-]/;
/** The vendor's own table for these models. */
const BUDGET_OF_EFFORT: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 24576,
};
const LEVELS: ReadonlySet<string> = new Set(['minimal', 'low', 'medium', 'high']);
const IMAGE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
};

/** Throws one ConfigError for all that this format cannot say. O(request). */
export function encodeRequest(request: ChatRequest): EncodedRequest {
  const issues: ConfigIssue[] = [];
  const warnings: string[] = [];
  const refuse: Refuse = (path, expected, received) => issues.push({ path, expected, received, setBy: 'the request' });
  for (const field of ['user', 'metadata'] as const) {
    if (request[field] !== undefined) warnings.push(`'${field}' was left out: the Gemini API has no word for it`);
  }
  const config = dropUndefined({
    maxOutputTokens: request.maxTokens,
    temperature: request.temperature,
    topP: request.topP,
    stopSequences: request.stop?.length === 0 ? undefined : request.stop,
    seed: request.seed,
    ...encodeFormat(request),
    thinkingConfig: encodeThinking(request, warnings),
    ...(isObject(request.vendor?.['generationConfig']) ? request.vendor['generationConfig'] : {}),
  });
  const body = {
    ...encodeMessages(request.messages, refuse),
    ...encodeTools(request, warnings),
    ...request.vendor,
    generationConfig: Object.keys(config).length === 0 ? undefined : config,
  };
  assertSayable(request, issues);
  return { body: dropUndefined(body), warnings };
}

/** `vendor` goes into each of the requests of the batch, which are the upstream's unit. */
export function encodeEmbedding({ model, texts, dimensions, vendor }: EmbedRequest): Record<string, unknown> {
  const settings = dropUndefined({ outputDimensionality: dimensions, ...vendor });
  const name = modelPath(model).slice(1);
  return { requests: texts.map((text) => ({ model: name, content: { parts: [{ text }] }, ...settings })) };
}

/** `/models/NAME`; a name with a slash stands for itself, as in `tunedModels/NAME`. Throws a ConfigError for a way out. */
export function modelPath(model: string): string {
  if (model.split('/').some((segment) => ['', '.', '..'].includes(segment))) {
    const expected = 'a name that can stand in a path';
    throw new ConfigError('request', [{ path: 'model', expected, received: 'another', setBy: 'the request' }]);
  }
  const segments = (model.includes('/') ? model : `models/${model}`).split('/');
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

function encodeMessages(messages: readonly Message[], refuse: Refuse): Record<string, unknown> {
  const instructions: Part[] = [];
  const contents: Content[] = [];
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at] as Message;
    const path = `messages[${at}]`;
    switch (message.role) {
      case 'system':
        instructions.push(...encodeTexts(message, path, refuse));
        break;
      case 'user':
        contents.push({ role: 'user', parts: encodeContent(message.content, path, refuse) });
        break;
      case 'assistant':
        contents.push({ role: 'model', parts: encodeAnswer(message, path, refuse) });
        break;
      case 'tool': {
        // Results of parallel calls belong into one turn.
        const results = toolResultsFrom(messages, at);
        contents.push({ role: 'user', parts: results.map((result) => encodeResult(result, refuse)) });
        at += results.length - 1;
      }
    }
  }
  return { contents, systemInstruction: instructions.length === 0 ? undefined : { parts: instructions } };
}

function encodeContent(content: string | readonly ContentPart[], path: string, refuse: Refuse): Part[] {
  if (typeof content === 'string') return [{ text: content }];
  return content.map((part, i) =>
    part.kind === 'text' ? { text: part.text } : encodeImage(part.url, `${path}.content[${i}].url`, refuse),
  );
}

function encodeImage(url: string, path: string, refuse: Refuse): Part {
  if (!isDataURL(url)) {
    const ending = /\.([a-z]{3,4})(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? '';
    return { fileData: dropUndefined({ fileUri: url, mimeType: IMAGE_TYPES[ending] }) };
  }
  const data = parseDataURL(url);
  if (data === undefined) refuse(path, 'a data: URL with a type and base64 data', 'a malformed one');
  return { inlineData: { mimeType: data?.mediaType, data: data?.base64 } };
}

function encodeTexts({ role, content }: Message, path: string, refuse: Refuse): Part[] {
  if (typeof content === 'string') return [{ text: content }];
  return content.map((part, i) => {
    if (part.kind !== 'text') refuse(`${path}.content[${i}]`, `text in a '${role}' message`, 'an image');
    return { text: part.kind === 'text' ? part.text : '' };
  });
}

/** As the model said it, when the message holds what it signed; a part that is empty is not sent. */
function encodeAnswer(message: Message, path: string, refuse: Refuse): Part[] {
  const calls = (message.toolCalls ?? []).map((call, i) => encodeCall(call, `${path}.toolCalls[${i}]`, refuse));
  const echo = readEcho(message);
  if (echo === undefined || typeof message.content !== 'string') {
    const texts = message.content === '' && calls.length > 0 ? [] : encodeContent(message.content, path, refuse);
    return [...texts, ...calls.map((functionCall) => ({ functionCall }))];
  }
  let from = 0;
  return echo.map((part) => {
    const { thoughtSignature } = part;
    const signed = thoughtSignature === undefined ? {} : { thoughtSignature };
    if ('call' in part) {
      const id = part.id === undefined ? {} : { id: part.id };
      return { functionCall: { ...id, ...calls[part.call] }, ...signed };
    }
    const text = (message.content as string).slice(from, from + part.textLength);
    from += part.textLength;
    return { text, ...signed };
  });
}

/** Undefined without an echo of this format, or when the message was changed since: then its signatures fit no more. */
function readEcho({ content, toolCalls = [], echo }: Message): readonly EchoPart[] | undefined {
  if (echo?.format !== ECHO_FORMAT || !Array.isArray(echo.data) || !echo.data.every(isObject)) return undefined;
  const parts = echo.data as readonly EchoPart[];
  const calls = parts.flatMap((part) => ('call' in part ? [part.call] : []));
  const length = parts.reduce((sum, part) => sum + ('textLength' in part ? part.textLength : 0), 0);
  const fits = length === content.length && calls.length === toolCalls.length && calls.every((call, i) => call === i);
  return fits ? parts : undefined;
}

function encodeCall({ name, arguments: text }: ToolCall, path: string, refuse: Refuse): Record<string, unknown> {
  const args = text.trim() === '' ? {} : parseJson(text);
  if (!isObject(args) || Array.isArray(args)) refuse(`${path}.arguments`, 'the JSON text of an object', 'another text');
  return { name, args };
}

function encodeResult({ message, at, name, caller, index }: ToolResult, refuse: Refuse): Part {
  const path = `messages[${at}]`;
  if (name === undefined && message.toolCallId !== undefined)
    refuse(`${path}.toolCallId`, 'the id of a call made before', 'another, and no name of a function');
  const text = encodeTexts(message, path, refuse)
    .map((part) => part['text'])
    .join('\n');
  const value = parseJson(text);
  const response = isObject(value) && !Array.isArray(value) ? value : { output: text };
  const call =
    caller === undefined ? undefined : readEcho(caller)?.find((part) => 'call' in part && part.call === index);
  return { functionResponse: { ...(call !== undefined && 'id' in call ? { id: call.id } : {}), name, response } };
}

function encodeTools({ tools = [], toolChoice }: ChatRequest, warnings: string[]): Record<string, unknown> {
  if (tools.length === 0) return {};
  if (tools.some(({ strict }) => strict === true))
    warnings.push("'strict' of a tool was left out: the Gemini API has no word for it");
  const functionDeclarations = tools.map(({ name, description, parameters }) =>
    dropUndefined({ name, description, parametersJsonSchema: parameters }),
  );
  const encoded = { tools: [{ functionDeclarations }] };
  if (toolChoice === undefined) return encoded;
  const functionCallingConfig =
    typeof toolChoice === 'object'
      ? { mode: 'ANY', allowedFunctionNames: [toolChoice.name] }
      : { mode: { auto: 'AUTO', none: 'NONE', required: 'ANY' }[toolChoice] };
  return { ...encoded, toolConfig: { functionCallingConfig } };
}

function encodeFormat({ responseFormat: format }: ChatRequest): Record<string, unknown> {
  if (format === undefined) return {};
  if (format.kind === 'text') return { responseMimeType: 'text/plain' };
  if (format.kind === 'json') return { responseMimeType: 'application/json' };
  return { responseMimeType: 'application/json', responseJsonSchema: format.schema };
}

function encodeThinking({ model, reasoning }: ChatRequest, warnings: string[]): object | undefined {
  if (reasoning === undefined) return undefined;
  const { effort, maxTokens } = reasoning;
  const takesBudget = BUDGET_MODELS.test(model);
  const word = effort !== undefined && (takesBudget ? effort in BUDGET_OF_EFFORT : LEVELS.has(effort));
  if (effort !== undefined && !word && !(takesBudget && maxTokens !== undefined))
    warnings.push(`'reasoning.effort' was left out: ${model} has no word for '${effort}'`);
  if (maxTokens !== undefined && !takesBudget)
    warnings.push(`'reasoning.maxTokens' was left out: ${model} takes an effort`);
  if (!takesBudget) return word ? { thinkingLevel: effort } : undefined;
  const thinkingBudget = maxTokens ?? (word ? BUDGET_OF_EFFORT[effort] : undefined);
  return thinkingBudget === undefined ? undefined : { thinkingBudget };
}
