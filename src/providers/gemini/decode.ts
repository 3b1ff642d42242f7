/**
 * Gemini answers to our vocabulary. A whole answer is read as a stream of one event, so both say the same. Pure; what is
 * not an answer comes back as undefined. Parts that are neither text nor a call stay in `raw`.
 */
import type { Chunk, Echo, FinishReason, ProviderAnswer, Usage } from '../../protocol/chat.js';
import type { EmbedAnswer, EmbedRequest } from '../../protocol/embedding.js';
import { createJsonTree, type JsonTree, putAt } from '../json-path.js';
import type { ErrorDetail } from '../upstream-error.js';
import { wholeAnswer } from '../whole-answer.js';
import type { StreamDecoder } from '../wire-format.js';
import {
  countOf,
  dropUndefined,
  isObject,
  isPresent,
  isVector,
  objectsOf,
  statusOf,
  textOf,
  wordOf,
} from '../wire-values.js';
import {
  ECHO_FORMAT,
  type EchoPart,
  type WireAnswer,
  type WireCandidate,
  type WireFunctionCall,
  type WirePart,
  type WirePartialArg,
  type WireUsage,
} from './wire.js';

/** A whole answer; undefined when the body has neither a candidate nor a reason why it has none. */
export function decodeAnswer(raw: unknown, requestId: string | undefined, model: string): ProviderAnswer | undefined {
  if (!isObject(raw)) return undefined;
  const wire = raw as WireAnswer;
  if (firstCandidate(wire) === undefined && blockReasonOf(wire) === '') return undefined;
  return wholeAnswer(createStreamDecoder(requestId, model), raw);
}

/** The HTTP statuses that the words of an error stand for (google.rpc.Code). */
const STATUS_OF_WORD: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  UNKNOWN: 500,
  INTERNAL: 500,
  DATA_LOSS: 500,
  UNIMPLEMENTED: 501,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

interface WireError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly details?: unknown;
}

export function findError(body: unknown): ErrorDetail | undefined {
  return errorOf(body) === undefined ? undefined : decodeError(body);
}

/** Reads `{error: {code, message, status, details}}`, also as the only item of a list. */
export function decodeError(body: unknown): ErrorDetail {
  const error = errorOf(body);
  if (typeof error === 'string') return { message: error };
  if (!isObject(error)) return {};
  const { code, message, status } = error as WireError;
  const word = wordOf(status);
  const reason = detailsOf(error).find((detail) => typeof detail['reason'] === 'string')?.['reason'];
  return dropUndefined({
    message: wordOf(message),
    type: word,
    code: wordOf(reason),
    status: statusOf(code) ?? (word === undefined ? undefined : STATUS_OF_WORD[word]),
  });
}

/** Milliseconds of a RetryInfo, like `34.4s`. */
export function retryAfterMsOf(body: unknown): number | undefined {
  for (const { retryDelay } of detailsOf(errorOf(body))) {
    const seconds = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(textOf(retryDelay))?.[1];
    if (seconds !== undefined) return Math.ceil(Number(seconds) * 1000);
  }
  return undefined;
}

function errorOf(body: unknown): unknown {
  const holder: unknown = Array.isArray(body) ? body[0] : body;
  const error = isObject(holder) ? (holder as WireAnswer).error : undefined;
  return isPresent(error) ? error : undefined;
}

function detailsOf(error: unknown): readonly Readonly<Record<string, unknown>>[] {
  return isObject(error) ? objectsOf((error as { details?: readonly Record<string, unknown>[] }).details) : [];
}

/** Our usage: input includes cached tokens, output includes thoughts. Undefined when neither was counted. */
export function decodeUsage(wire: WireUsage): Usage | undefined {
  const prompt = countOf(wire.promptTokenCount);
  const candidates = countOf(wire.candidatesTokenCount);
  const thoughts = countOf(wire.thoughtsTokenCount);
  if (prompt === undefined && candidates === undefined && thoughts === undefined) return undefined;
  const input = (prompt ?? 0) + (countOf(wire.toolUsePromptTokenCount) ?? 0);
  const output = (candidates ?? 0) + (thoughts ?? 0);
  const cached = countOf(wire.cachedContentTokenCount);
  return Object.freeze({
    inputTokens: input,
    outputTokens: output,
    totalTokens: countOf(wire.totalTokenCount) ?? input + output,
    ...(cached === undefined ? {} : { cachedInputTokens: cached }),
    ...(thoughts === undefined ? {} : { reasoningTokens: thoughts }),
  });
}

/** Undefined when the body is not one list of numbers for each text. */
export function decodeEmbedding(raw: unknown, request: EmbedRequest): EmbedAnswer | undefined {
  const { embeddings, usageMetadata } = (isObject(raw) ? raw : {}) as {
    embeddings?: unknown;
    usageMetadata?: WireUsage;
  };
  if (!Array.isArray(embeddings) || embeddings.length !== request.texts.length) return undefined;
  const vectors: (readonly number[])[] = [];
  for (const embedding of embeddings as unknown[]) {
    const { values } = (isObject(embedding) ? embedding : {}) as { values?: unknown };
    if (!isVector(values)) return undefined;
    vectors.push(Object.freeze(values));
  }
  return {
    model: request.model,
    vectors: Object.freeze(vectors),
    inputTokens: countOf(usageMetadata?.promptTokenCount),
  };
}

export function createStreamDecoder(requestId: string | undefined, model: string): StreamDecoder {
  return new EventDecoder(requestId, model);
}

/** The call whose arguments are still coming. */
interface OpenCall {
  readonly index: number;
  readonly arguments: JsonTree;
}

class EventDecoder implements StreamDecoder {
  readonly #requestId: string | undefined;
  /** The one asked, where the answer names none. */
  readonly #model: string;
  #isStarted = false;
  #responseId = '';
  #finishReason = '';
  #blockReason = '';
  #usage: Usage | undefined = undefined;
  #calls = 0;
  #openCall: OpenCall | undefined = undefined;
  readonly #echo: EchoPart[] = [];

  constructor(requestId: string | undefined, model: string) {
    this.#requestId = requestId;
    this.#model = model;
  }

  /** The format has no terminator: the body's end is the end. */
  get isEnded(): boolean {
    return false;
  }

  get isWhole(): boolean {
    return this.#finishReason !== '' || this.#blockReason !== '';
  }

  decode(json: unknown): Chunk[] {
    const event = json as WireAnswer;
    const chunks: Chunk[] = [];
    if (!this.#isStarted) this.#start(event, chunks);
    const candidate = firstCandidate(event);
    for (const part of objectsOf(candidate?.content?.parts)) this.#readPart(part, chunks);
    this.#finishReason = textOf(candidate?.finishReason) || this.#finishReason;
    this.#blockReason = blockReasonOf(event) || this.#blockReason;
    // Counts are those of the whole answer so far.
    if (isObject(event.usageMetadata)) this.#usage = decodeUsage(event.usageMetadata) ?? this.#usage;
    return chunks;
  }

  finish(): Chunk[] {
    const chunks: Chunk[] = [];
    this.#closeCall(chunks);
    if (this.#usage !== undefined) chunks.push({ kind: 'usage', usage: this.#usage });
    const echo = this.#echoOf();
    const reason = finishReasonOf(this.#finishReason, this.#blockReason, this.#calls > 0);
    chunks.push({ kind: 'finish', reason, ...(echo === undefined ? {} : { echo }) });
    return chunks;
  }

  #start(event: WireAnswer, chunks: Chunk[]): void {
    this.#isStarted = true;
    this.#responseId = textOf(event.responseId);
    const requestId = this.#requestId;
    const named = { id: this.#responseId, model: textOf(event.modelVersion) || this.#model };
    chunks.push({ kind: 'start', ...named, ...(requestId === undefined ? {} : { requestId }) });
  }

  #readPart(part: WirePart, chunks: Chunk[]): void {
    if (isObject(part.functionCall)) this.#readCall(part.functionCall, textOf(part.thoughtSignature), chunks);
    const text = textOf(part.text);
    if (part.thought === true) {
      if (text !== '') chunks.push({ kind: 'reasoning-delta', text });
      return;
    }
    if (typeof part.text !== 'string') return;
    if (text !== '') chunks.push({ kind: 'text-delta', text });
    this.#noteText(text.length, textOf(part.thoughtSignature));
  }

  #readCall(call: WireFunctionCall, thoughtSignature: string, chunks: Chunk[]): void {
    const name = textOf(call.name);
    if (name !== '') {
      this.#closeCall(chunks);
      const index = this.#calls++;
      const given = textOf(call.id);
      // The same answer gives the same ids, and another answer of the conversation others.
      const id = given || ['call', this.#responseId, index].filter((word) => word !== '').join('_');
      chunks.push({ kind: 'tool-call-start', index, id, name });
      this.#echo.push({
        call: index,
        ...(given === '' ? {} : { id: given }),
        ...(thoughtSignature === '' ? {} : { thoughtSignature }),
      });
      this.#openCall = { index, arguments: createJsonTree() };
    }
    const open = this.#openCall;
    if (open === undefined) return;
    if (isObject(call.args)) Object.assign(open.arguments, call.args);
    for (const arg of objectsOf(call.partialArgs)) putAt(open.arguments, textOf(arg.jsonPath), argValue(arg));
    if (call.willContinue !== true) this.#closeCall(chunks);
  }

  /** Arguments go out whole: their pieces are values at paths, which no JSON text can be made of before the last. */
  #closeCall(chunks: Chunk[]): void {
    const open = this.#openCall;
    if (open === undefined) return;
    this.#openCall = undefined;
    chunks.push({ kind: 'tool-call-delta', index: open.index, arguments: JSON.stringify(open.arguments) });
    chunks.push({ kind: 'tool-call-end', index: open.index });
  }

  #noteText(textLength: number, thoughtSignature: string): void {
    const last = this.#echo.at(-1);
    if (thoughtSignature !== '') {
      this.#echo.push({ textLength, thoughtSignature });
    } else if (last !== undefined && 'textLength' in last && last.thoughtSignature === undefined) {
      this.#echo[this.#echo.length - 1] = { textLength: last.textLength + textLength };
    } else if (textLength > 0) {
      this.#echo.push({ textLength });
    }
  }

  /** Undefined when the message says all there is: no signature, no id of the API's own. */
  #echoOf(): Echo | undefined {
    const isWorth = this.#echo.some((part) => part.thoughtSignature !== undefined || 'id' in part);
    return isWorth ? Object.freeze({ format: ECHO_FORMAT, data: Object.freeze([...this.#echo]) }) : undefined;
  }
}

/** Candidate 0: a request may ask for more through `vendor`, and `raw` keeps them. */
function firstCandidate(wire: WireAnswer): WireCandidate | undefined {
  return objectsOf(wire.candidates).find((candidate) => (candidate.index ?? 0) === 0);
}

function blockReasonOf(wire: WireAnswer): string {
  return textOf(wire.promptFeedback?.blockReason);
}

function argValue(arg: WirePartialArg): unknown {
  return arg.stringValue ?? arg.numberValue ?? arg.boolValue ?? null;
}

function finishReasonOf(wire: string, blockReason: string, hasCalls: boolean): FinishReason {
  switch (wire) {
    case 'STOP':
      return hasCalls ? 'tool-calls' : 'stop';
    case 'MAX_TOKENS':
      return 'length';
    case 'SAFETY':
    case 'RECITATION':
    case 'BLOCKLIST':
    case 'PROHIBITED_CONTENT':
    case 'SPII':
    case 'IMAGE_SAFETY':
    case 'IMAGE_PROHIBITED_CONTENT':
    case 'IMAGE_RECITATION':
      return 'content-filter';
    case '':
      return blockReason === '' ? 'other' : 'content-filter';
    default:
      return 'other';
  }
}
