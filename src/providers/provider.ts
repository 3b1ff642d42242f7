/**
 * What a provider is: it turns one request into upstream bytes and the answer into chunks.
 * It does not retry, cache, limit or time out: those are stages around it.
 */
import type { CancelSignal } from '../core/cancel.js';
import type { ChatRequest, Chunk } from '../protocol/chat.js';
import type { EmbedAnswer, EmbedRequest } from '../protocol/embedding.js';

export interface ProviderCall {
  readonly request: ChatRequest;
  /** True: ask upstream for a stream. False: one whole answer, yielded as one `response` chunk. */
  readonly stream: boolean;
  /** Aborting it must cancel the upstream request at once. */
  readonly signal: AbortSignal;
  /** The same for those who need no AbortSignal, which costs as much as the rest of a call. Absent: `signal` alone. */
  readonly cancel?: CancelSignal;
  /** API key for this attempt; undefined where none is needed. */
  readonly apiKey: string | undefined;
  /** Sent as `idempotency-key`, the same for every attempt of a call; absent for none. */
  readonly idempotencyKey?: string | undefined;
  /**
   * For providers that know when a request leaves, to be called as a method: with false at first, with true once it is
   * being sent. What is cut before that counts as no tokens; what is cut later, as those of the question. Of a provider
   * that never calls it, what was left or timed out counts, and what failed before its first token does not.
   */
  onSent?(isSent: boolean): void;
}

export interface EmbedCall {
  readonly request: EmbedRequest;
  readonly signal: AbortSignal;
  readonly apiKey: string | undefined;
  /** As that of a chat. */
  onSent?(isSent: boolean): void;
}

export interface Provider {
  /** Stable name: part of cache keys, metrics and errors. */
  readonly name: string;
  /** Path or URL that is asked; part of cache keys. */
  readonly endpoint: string;
  /**
   * The upstream body as plain JSON data, exactly as it would be sent except for `stream` and `stream_options`.
   * Cache keys are made from it. Throws a ConfigError or ProviderError for what this wire format cannot say.
   */
  body(request: ChatRequest): Record<string, unknown>;
  /**
   * Yields chunks in the provider's order, one by one or as lists of what came at once. Returns normally only after the provider's clean terminator; a cut is a
   * StreamTruncatedError, an error inside a 200 a ProviderError. Nothing is sent before the first next().
   */
  chat(call: ProviderCall): AsyncIterable<Chunk | readonly Chunk[]>;
  /** Vectors of texts, one for each. Absent where the provider has none. */
  embed?(call: EmbedCall): Promise<EmbedAnswer>;
  /** Most texts of one embed call. Default: no bound. */
  readonly maxEmbedTexts?: number;
  /** Connections open now, those that others share included. */
  readonly connections?: number;
  /** Opens connections ahead of the first call. */
  prewarm?(): Promise<void>;
  /** Releases sockets. Idempotent. */
  close?(): Promise<void>;
}
