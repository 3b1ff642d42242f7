/// <reference lib="esnext.disposable" preserve="true" />
/** The public face of the client: what createClient() gives and what its verbs take and return. Types only. */
import type { Finding } from '../adaptive/finding.js';
import type { Duration } from '../core/units.js';
import type { Explained } from '../options/explain.js';
import type { ChatRequest, Chunk, Message, ProviderAnswer } from '../protocol/chat.js';
import type { AttemptTrace, ClientEvents } from './event-types.js';
import type { LlmMetrics, PerformanceMetrics } from './metric-types.js';

/** Settings of one call, over those of the client. Absent means the client's. */
export interface PerCall {
  /** Aborting it rejects the call with the signal's reason; upstream is cancelled unless other callers wait. */
  readonly signal?: AbortSignal;
  readonly model?: string;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly systemPrompt?: string;
  readonly streaming?: boolean;
  readonly timeout?: Duration;
  readonly totalTimeout?: Duration;
  readonly firstTokenTimeout?: Duration;
  readonly streamIdleTimeout?: Duration;
  readonly retryCount?: number;
  readonly retryDelay?: Duration;
  /** False: neither read from the cache nor stored nor joined with other calls. */
  readonly cache?: boolean;
  /** Time to live of the stored answer, instead of the cache's default; 0 never expires. */
  readonly ttl?: Duration;
  /** Who may share the answer, below the client's own scope. Once given, every cached call must give one. */
  readonly scope?: string;
  readonly stop?: ChatRequest['stop'];
  readonly seed?: number;
  readonly tools?: ChatRequest['tools'];
  readonly toolChoice?: ChatRequest['toolChoice'];
  readonly responseFormat?: ChatRequest['responseFormat'];
  /** How much the model thinks before it answers. */
  readonly reasoning?: ChatRequest['reasoning'];
  readonly user?: string;
  readonly metadata?: ChatRequest['metadata'];
  /** Merged verbatim into the upstream body; part of the cache key. */
  readonly vendor?: ChatRequest['vendor'];
}

/** An answer and where it came from. The answer inside is frozen and may be shared; this object is the caller's. */
export interface ChatResponse extends ProviderAnswer {
  /** Who answered, now or when it was stored. */
  readonly provider: string;
  /** True: from the cache, without an upstream call. */
  readonly cached: boolean;
  /** True: the cached answer had expired; a fresh one is being made, or could not be (withStaleIfError). */
  readonly stale: boolean;
  /** Milliseconds since a cached answer was stored; undefined for one that was not cached. */
  readonly ageMs: number | undefined;
  /** True: the cached answer was given to another question, that means the same (withSemanticCache). */
  readonly semantic: boolean;
  /** How near that question is: a cosine; undefined when the question is the same. */
  readonly similarity: number | undefined;
  /** True: from an upstream call that another caller had begun. */
  readonly shared: boolean;
  /** The plugin that answered in the provider's place. */
  readonly plugin: string | undefined;
  /** True: this call put its answer into the cache. */
  readonly stored: boolean;
  /** 0 for the primary, 1 and up for the candidates of withRouter and then the targets of withFallback. */
  readonly target: number;
  /** US dollars this call cost at list price: 0 when cached or shared; undefined when usage or price is unknown. */
  readonly cost: number | undefined;
  /** Milliseconds from the call to the whole answer, and to the first content; of chat(), too, where it asks for a stream. */
  readonly durationMs: number;
  readonly firstTokenMs: number;
  /** With withAttemptTrace, in the order they began. None for an answer from the cache or of another's call. */
  readonly attempts?: readonly AttemptTrace[];
}

/** What a zod 4 schema is to the client; one of your own needs to say itself as JSON Schema, too. */
export interface AnswerSchema<T> {
  safeParse(
    value: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false; readonly error?: unknown };
  /** JSON Schema of what is parsed. Default: what zod says of its schema. */
  readonly jsonSchema?: object;
}

/** A call whose answer is data. `responseFormat` may name the schema and say how strict the provider is to be. */
export interface StructuredCall<T> extends PerCall {
  readonly schema: AnswerSchema<T>;
}

export interface StructuredResponse<T> extends ChatResponse {
  /** What the schema made of the text, which stays as it came. */
  readonly data: T;
}

/**
 * A stream of chunks; single use. Nothing is sent before the first next(); leaving the loop early cancels.
 * Yields every kind of chunk but `response`.
 */
export interface ChatStream extends AsyncIterable<Chunk> {
  /** The whole answer once the stream has ended; reads the stream itself if nobody does. Rejects as the stream does. */
  final(): Promise<ChatResponse>;
}

/** What can be asked: clients, and what wraps them. */
export interface ChatClient {
  chat(messages: readonly Message[], perCall?: PerCall): Promise<ChatResponse>;
  stream(messages: readonly Message[], perCall?: PerCall): ChatStream;
  /** Refuses new calls, waits for those under way up to 5 s, then ends them with a ClosedError. Idempotent. */
  close(): Promise<void>;
}

/** One of many questions. */
export interface BatchRequest {
  readonly messages: readonly Message[];
  readonly perCall?: PerCall;
}

/** What became of one of many questions. */
export type BatchResult =
  | { readonly ok: true; readonly response: ChatResponse }
  | { readonly ok: false; readonly error: unknown };

export interface BatchProgress {
  /** Answered or failed. */
  readonly done: number;
  readonly failed: number;
  readonly total: number;
}

export interface BatchOptions {
  /** Questions asked at once, 1 to 10,000. Default 10. */
  readonly concurrency?: number;
  /** After a failure: go on with the others, or abort them and reject with it. Default 'continue'. */
  readonly errorPolicy?: 'continue' | 'fail-fast';
  /** Aborts the whole batch, which rejects with the signal's reason. A request's own signal aborts that request. */
  readonly signal?: AbortSignal;
  /** Told after each request. What it throws ends the batch. */
  readonly onProgress?: (progress: BatchProgress) => void;
}

/** A batch that is put together first. Its verbs give back the batch itself. */
export interface ChatBatch {
  readonly size: number;
  add(messages: readonly Message[], perCall?: PerCall): this;
  addAll(requests: Iterable<BatchRequest>): this;
  /** As in BatchOptions. Throws a ConfigError. */
  concurrency(concurrency: number): this;
  /** As batchChat() with these requests. */
  execute(options?: Omit<BatchOptions, 'concurrency'>): Promise<readonly BatchResult[]>;
  /**
   * The first answer; all other requests are aborted. When there is none it rejects with a ProviderError
   * (ERR_BATCH_ALL_FAILED) whose cause is the list of their errors; with a ConfigError when the batch is empty.
   */
  executeFirst(options?: Pick<BatchOptions, 'signal'>): Promise<ChatResponse>;
}

/** Settings of embed(), over those of the client. Absent means the client's. */
export interface EmbedPerCall
  extends Pick<
    PerCall,
    'signal' | 'timeout' | 'totalTimeout' | 'retryCount' | 'retryDelay' | 'cache' | 'ttl' | 'scope' | 'vendor'
  > {
  /** Default: the provider's embedding model in profiles/models.json, if it has one there. */
  readonly model?: string;
  /** Length of the vectors, for models that can choose it; from 1. Default: the model's. */
  readonly dimensions?: number;
  /** Upstream calls at once, where the texts need several: 1 to 10,000. Default 4. */
  readonly concurrency?: number;
}

export interface EmbedResponse {
  /** One for each text, in their order. Frozen, and shared with others who asked for the same text. */
  readonly vectors: readonly (readonly number[])[];
  readonly provider: string;
  /** The model that was asked. */
  readonly model: string;
  /** Texts whose vector came from the cache. */
  readonly cachedTexts: number;
  /** Upstream calls that this call has paid for. */
  readonly upstreamCalls: number;
  /** Tokens of those calls; undefined where the vendor does not count. */
  readonly inputTokens: number | undefined;
  /** US dollars at list price: 0 without upstream calls; undefined when tokens or price are unknown. */
  readonly cost: number | undefined;
  readonly durationMs: number;
}

export interface Client extends ChatClient {
  chat(messages: readonly Message[], perCall?: PerCall): Promise<ChatResponse>;
  /** As below; an answer that calls tools has no data yet. */
  chat<T>(
    messages: readonly Message[],
    perCall: StructuredCall<T> & { readonly tools: NonNullable<PerCall['tools']> },
  ): Promise<StructuredResponse<T | undefined>>;
  /**
   * Asks for JSON that fits `schema`, and parses it. An answer that does not fit is a ProviderError
   * (ERR_PROVIDER_INVALID_ANSWER) that may be retried, is not stored, and is not repaired; a cached answer that does not
   * fit is asked for anew. Needs the package zod, unless the schema has a `jsonSchema`.
   */
  chat<T>(messages: readonly Message[], perCall: StructuredCall<T>): Promise<StructuredResponse<T>>;
  /**
   * Asks many questions, so many at once; the results stand in the order of the requests. Equal requests cost one upstream
   * call where the client has a cache. Rejects only as BatchOptions say, or with a ConfigError for options or a list that
   * make no sense. O(requests).
   */
  batchChat(requests: readonly BatchRequest[], options?: BatchOptions): Promise<readonly BatchResult[]>;
  /** An empty batch: `client.batch().add(messages).concurrency(5).execute()`. */
  batch(): ChatBatch;
  /**
   * Texts as vectors, asked of the primary: vectors of two models have nothing in common, so there is no fallback. Equal
   * texts are asked once, cached ones not at all, the others in as few calls as the provider takes. When one of these fails,
   * no more are begun, and what the others brought is in the cache: asking again costs only the rest. Throws a ConfigError
   * for a provider without embeddings, and for empty texts.
   */
  embed(texts: readonly string[], perCall?: EmbedPerCall): Promise<EmbedResponse>;
  /** The name under which the primary's answer is stored: 64 hex digits. */
  cacheKey(messages: readonly Message[], perCall?: PerCall): string;
  metrics(): LlmMetrics;
  /** The figures of source document 000 with the percentiles it asks for. */
  performance(): PerformanceMetrics;
  /**
   * The metrics as Prometheus text, each sample with `labels` added: name the client there where several are scraped.
   * Throws a ConfigError for a label with a bad name, or one that is in use.
   */
  prometheus(labels?: Readonly<Record<string, string>>): string;
  /** What the figures say is wrong, and which option would change it. */
  diagnose(): readonly Finding[];
  /** Every setting with its value, who set it, and what that shadowed. Secrets stay hidden. */
  explain(): readonly Explained[];
  /** Opens connections ahead of the first call, to every target. Failures are left for the calls to report. */
  prewarm(): Promise<void>;
  on<K extends keyof ClientEvents>(kind: K, listener: (event: ClientEvents[K]) => void): () => void;
  off<K extends keyof ClientEvents>(kind: K, listener: (event: ClientEvents[K]) => void): void;
  [Symbol.asyncDispose](): Promise<void>;
}
