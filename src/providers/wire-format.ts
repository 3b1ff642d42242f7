/**
 * What the HTTP provider has to know of a wire format: how it says a question and what its answers mean. Everything is
 * pure; the walk of a call is the same for all formats (http-provider.ts).
 */
import type { ChatRequest, Chunk, ProviderAnswer } from '../protocol/chat.js';
import type { EmbedAnswer, EmbedRequest } from '../protocol/embedding.js';
import type { EventDecoder } from '../protocol/event-decoder.js';
import type { ErrorDetail } from './upstream-error.js';

export interface EncodedRequest {
  /** Without what only says that it streams. */
  readonly body: Record<string, unknown>;
  /** What was left out because the model or the vendor does not take it. */
  readonly warnings: readonly string[];
}

export interface WireFormat {
  /** Below the base URL; the same for every call, part of cache keys. */
  readonly path: string;
  /** The path of a call, where it differs from call to call: the model may stand in it. */
  pathOf?(request: ChatRequest, isStream: boolean): string;
  /** Plain JSON data, the same for the same request. Throws one ConfigError for all that this format cannot say. */
  encode(request: ChatRequest): EncodedRequest;
  /** The body as it is sent when a stream is wanted, or when none is. */
  asSent(body: Record<string, unknown>, request: ChatRequest, isStream: boolean): Record<string, unknown>;
  /** Headers that carry the key. */
  keyHeaders(apiKey: string): Readonly<Record<string, string>>;
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly framing: Framing;
  /** Lower-case names of the headers that may hold the request's id, the best first. */
  readonly requestIdHeaders: readonly string[];
  /** A whole answer; undefined when the body is not one. `model` is the one asked, for answers that do not name theirs. */
  decodeAnswer(raw: unknown, requestId: string | undefined, model: string): ProviderAnswer | undefined;
  createStreamDecoder(requestId: string | undefined, model: string): StreamDecoder;
  /** True for data that only ends a stream and is no JSON, like `[DONE]`. */
  isEndMark?(data: string): boolean;
  /** True: a whole answer may end with its body, without a terminator. Default false. */
  readonly mayEndWithBody?: boolean;
  /** The error that an answer or an event holds beside or instead of its content; undefined when there is none. */
  findError(body: unknown): ErrorDetail | undefined;
  /** What the body of a failed request says. */
  decodeError(body: unknown): ErrorDetail;
  /** How long the body of a failed request asks to wait, where the headers do not say it. */
  retryAfterMsOf?(body: unknown): number | undefined;
  /** Absent: the format has no embeddings. */
  readonly embedding?: EmbeddingFormat;
}

/** How a stream is cut into events. */
export interface Framing {
  /** The content type asked for and expected; a server that answers JSON instead gives a stream of one whole answer. */
  readonly contentType: string;
  createDecoder(source: string, maxEventBytes: number): EventDecoder;
}

export interface StreamDecoder {
  /** The chunks of one event, often none or one. `name` is the event's, 'message' where it has none. */
  decode(event: unknown, name: string): Chunk[];
  /** True once the format's terminator came: what else the body holds does not matter. */
  readonly isEnded: boolean;
  /** True once the answer has all it needs, so that an end now is a clean one. */
  readonly isWhole: boolean;
  /** What is wrong when the events are not those of one answer: 'began a second message amid the first'. Nothing heals it. */
  readonly fault?: string | undefined;
  /** The chunks that close the stream: ends of tool calls, usage, finish. Asked for once, when isEnded or isWhole. */
  finish(): Chunk[];
}

/** Texts to vectors, in the same dress as chat. */
export interface EmbeddingFormat {
  /** Most texts in one request. */
  readonly maxTexts: number;
  pathOf(request: EmbedRequest): string;
  encode(request: EmbedRequest): Record<string, unknown>;
  /** Undefined when the body is not an answer with as many vectors as texts were sent. */
  decode(raw: unknown, request: EmbedRequest): EmbedAnswer | undefined;
}
