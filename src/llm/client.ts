/**
 * The client: turns what callers say into calls, sends them through the pipeline, and gives back answers with where they
 * came from. It decides nothing about retries, caching or fallback: the stages do.
 */
import { diagnoseLlm } from '../adaptive/diagnose-llm.js';
import type { Finding } from '../adaptive/finding.js';
import { assert } from '../core/assert.js';
import { Canceller } from '../core/cancel.js';
import { holdProcess, type Stopwatch } from '../core/clock.js';
import { parseDuration } from '../core/units.js';
import type { Explained } from '../options/explain.js';
import type { Resolved } from '../options/resolve.js';
import { embeddingModelOf, modelOfTier } from '../profiles/models.js';
import type { Message, ProviderAnswer } from '../protocol/chat.js';
import { NO_TIME_LIMIT } from '../resilience/deadline.js';
import type { Emitter } from '../telemetry/emitter.js';
import type { ClientAlerts } from './alert-timer.js';
import { invalidAnswer } from './answer-check.js';
import { wantedOf } from './answer-schema.js';
import { AttemptNotes } from './attempt-notes.js';
import type { Breakers } from './breakers.js';
import { batchChat } from './bulk/batch-chat.js';
import { createChatBatch } from './bulk/chat-batch.js';
import type { CacheScopes } from './cache-scopes.js';
import {
  type Caching,
  type Call,
  checkCall,
  extrasOf,
  type Handler,
  messagesOf,
  newTrace,
  settingsOf,
} from './call.js';
import { LiveChatStream } from './chat-stream.js';
import type { LlmConfig } from './config.js';
import { costOf } from './cost.js';
import { checkEmbed, messagesOfTexts, noEmbeddingModel, noEmbeddings, settingsForTexts } from './embed/embed-call.js';
import type { Embedder, EmbedJob } from './embed/embedder.js';
import type { ClientEvents } from './event-types.js';
import { forTarget } from './for-target.js';
import { keyOf } from './key-of.js';
import type { LlmMetrics, PerformanceMetrics } from './metric-types.js';
import type { ClientLog } from './metrics.js';
import { performanceOf } from './performance.js';
import type { RepeatWatch } from './repeats.js';
import { assemble, wholeOf } from './reply.js';
import { providerNameOf } from './resolve-target.js';
import type { Run, Runs } from './runs.js';
import type { Targets } from './targets.js';
import type {
  BatchOptions,
  BatchRequest,
  BatchResult,
  ChatBatch,
  ChatResponse,
  ChatStream,
  Client,
  EmbedPerCall,
  EmbedResponse,
  PerCall,
  StructuredCall,
  StructuredResponse,
} from './types.js';
import type { UpstreamFigures } from './upstream-figures.js';

export interface ClientParts {
  readonly resolved: Resolved<LlmConfig>;
  readonly targets: Targets;
  readonly pipeline: Handler<Call>;
  readonly embedder: Embedder;
  readonly stopwatch: Stopwatch;
  readonly runs: Runs;
  readonly scopes: CacheScopes;
  readonly log: ClientLog;
  readonly repeats: RepeatWatch;
  readonly breakers: Breakers;
  readonly upstream: UpstreamFigures;
  readonly alerts: ClientAlerts | undefined;
  readonly emitter: Emitter<ClientEvents>;
  /** Ends what only this client uses beside its targets: its cache, its alerts. */
  readonly dispose: () => Promise<void>;
}

/** Upstream calls of embed() at once, where nobody says. */
const EMBED_CONCURRENCY = 4;

/** What most calls say beside their messages. */
const NOTHING_SAID: PerCall = Object.freeze({});

/** A call that nothing has been sent for yet: it knows no signal. */
type Draft = Omit<Call, 'signal'>;

export class LlmClient implements Client {
  readonly #parts: ClientParts;
  readonly #config: Readonly<LlmConfig>;
  #calls = 0;
  #closing: Promise<void> | undefined;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.#config = parts.resolved.config;
  }

  chat(messages: readonly Message[], perCall?: PerCall): Promise<ChatResponse>;
  chat<T>(messages: readonly Message[], perCall: StructuredCall<T>): Promise<StructuredResponse<T>>;
  chat(messages: readonly Message[], perCall: PerCall | StructuredCall<unknown> = NOTHING_SAID): Promise<ChatResponse> {
    if (isStructured(perCall)) return this.#chatData(messages, perCall);
    return this.#ask(messages, perCall);
  }

  async #chatData(
    messages: readonly Message[],
    { schema, ...perCall }: StructuredCall<unknown>,
  ): Promise<StructuredResponse<unknown>> {
    // First, since the caller may change what he passed while zod is loaded.
    const draft = this.#draft(messages, perCall, true);
    const { check, format } = await wantedOf(schema, perCall.responseFormat);
    const extras = Object.freeze({ ...draft.extras, responseFormat: format });
    const response = await this.#ask(messages, perCall, { ...draft, extras, check });
    const verdict = check.judge(response);
    // Only what came from beyond the stages that check has not been judged: a plugin may answer.
    if (!verdict.ok) throw invalidAnswer(response.provider, verdict.problem, verdict.cause);
    return { ...response, data: verdict.data };
  }

  async #ask(messages: readonly Message[], perCall: PerCall, drafted?: Draft): Promise<ChatResponse> {
    const draft = drafted ?? this.#draft(messages, perCall, true);
    const run = this.#parts.runs.begin(perCall.signal);
    const release = holdProcess();
    try {
      const call: Call = { ...draft, signal: run.signal };
      const reply = await this.#parts.pipeline(call);
      return this.#respond(call, wholeOf(reply) ?? (await assemble(reply)));
    } finally {
      release();
      run.end();
    }
  }

  stream(messages: readonly Message[], perCall: PerCall = NOTHING_SAID): ChatStream {
    const draft = this.#draft(messages, perCall, false);
    return new LiveChatStream(() => {
      const run: Run = this.#parts.runs.begin(perCall.signal);
      const call: Call = { ...draft, signal: run.signal };
      return {
        reply: this.#parts.pipeline(call),
        respond: (answer) => this.#respond(call, answer),
        signal: run.signal,
        abort: run.abort,
        end: run.end,
      };
    });
  }

  batchChat(requests: readonly BatchRequest[], options?: BatchOptions): Promise<readonly BatchResult[]> {
    return batchChat(this, requests, options);
  }

  batch(): ChatBatch {
    return createChatBatch(this);
  }

  async embed(texts: readonly string[], perCall: EmbedPerCall = {}): Promise<EmbedResponse> {
    const { draft, ...job } = this.#embedDraft(texts, perCall);
    const run = this.#parts.runs.begin(perCall.signal);
    const release = holdProcess();
    try {
      return await this.#parts.embedder({ ...job, call: { ...draft, signal: run.signal } });
    } finally {
      release();
      run.end();
    }
  }

  cacheKey(messages: readonly Message[], perCall: PerCall = {}): string {
    const draft = this.#draft(messages, perCall, true);
    const primary = this.#parts.targets.list[0];
    const scope = draft.caching?.scope ?? this.#parts.scopes.resolve(perCall.scope);
    const call = { ...draft, signal: new Canceller().signal };
    return keyOf(forTarget(call, primary), scope);
  }

  metrics(): LlmMetrics {
    const { log, runs, breakers, alerts, emitter, targets } = this.#parts;
    const late = runs.lag?.summary();
    return log.read({
      p99EventLoopLag: late?.p99Ms ?? 0,
      maxEventLoopLag: late?.maxMs ?? 0,
      active: runs.size,
      breakers: breakers.status(),
      alerts: alerts?.active() ?? [],
      concurrencyLimit: targets.list[0].gate.concurrencyLimit,
      containedErrors: emitter.containedErrors + (alerts?.containedErrors ?? 0),
    });
  }

  performance(): PerformanceMetrics {
    const { log, targets } = this.#parts;
    return performanceOf(this.metrics(), targets.list, log.allocatedBytes);
  }

  prometheus(labels?: Readonly<Record<string, string>>): string {
    const { log, upstream } = this.#parts;
    return log.prometheus(this.metrics(), upstream, labels);
  }

  diagnose(): readonly Finding[] {
    const metrics = this.metrics();
    const { provider, model, requestsPerMinute, timeoutMs, maxTokens, temperature, cache } = this.#config;
    const { repeatedAnswers, differingAnswers } = this.#parts.repeats;
    const fastest = modelOfTier(providerNameOf(provider), 'fast');
    const { avgTokens } = this.#parts.log;
    return diagnoseLlm(
      {
        ...metrics,
        attempts: metrics.upstreamCalls,
        avgInputTokens: avgTokens.input,
        avgOutputTokens: avgTokens.output,
        repeatedAnswers,
        differingAnswers,
      },
      {
        model: model ?? '',
        fasterModel: fastest === model ? undefined : fastest,
        requestsPerMinute,
        timeoutMs,
        maxTokens,
        hasCache: cache !== false,
        temperature: temperature ?? 0,
      },
    );
  }

  explain(): readonly Explained[] {
    return this.#parts.resolved.explain();
  }

  async prewarm(): Promise<void> {
    await Promise.allSettled(this.#parts.targets.list.map(async ({ provider }) => provider.prewarm?.()));
  }

  on<K extends keyof ClientEvents>(kind: K, listener: (event: ClientEvents[K]) => void): () => void {
    return this.#parts.emitter.on(kind, listener);
  }

  off<K extends keyof ClientEvents>(kind: K, listener: (event: ClientEvents[K]) => void): void {
    this.#parts.emitter.off(kind, listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #shutDown(): Promise<void> {
    const { runs, targets, dispose, emitter } = this.#parts;
    await runs.close();
    await targets.close();
    await dispose();
    emitter.emit('closed', { reason: 'closed' });
  }

  #draft(messages: readonly Message[], perCall: PerCall, isWhole: boolean): Draft {
    checkCall(messages, perCall);
    const overlay = settingsOf(perCall);
    const settings = overlay === undefined ? this.#config : this.#parts.resolved.withCall(overlay, 'the call');
    return {
      settings,
      messages: messagesOf(messages, settings),
      extras: extrasOf(perCall),
      isWhole,
      timeLimit: NO_TIME_LIMIT,
      caching: this.#cachingOf(perCall),
      check: undefined,
      trace: newTrace(++this.#calls, settings.attemptTrace ? new AttemptNotes() : undefined),
    };
  }

  /** All but the signal. Throws a ConfigError before anything is sent. */
  #embedDraft(texts: readonly string[], perCall: EmbedPerCall): Omit<EmbedJob, 'call'> & { readonly draft: Draft } {
    checkEmbed(texts, perCall);
    const [target] = this.#parts.targets.list;
    const { name, embed } = target.provider;
    if (embed === undefined) throw noEmbeddings(name);
    const { dimensions, concurrency = EMBED_CONCURRENCY, ...common } = perCall;
    const model = perCall.model ?? embeddingModelOf(name);
    if (model === undefined) throw noEmbeddingModel(name);
    const overlay = settingsOf({ ...common, model }) ?? {};
    const draft: Draft = {
      settings: settingsForTexts(this.#parts.resolved.withCall(overlay, 'the call')),
      messages: messagesOfTexts(texts),
      extras: extrasOf(common),
      isWhole: true,
      timeLimit: NO_TIME_LIMIT,
      caching: this.#cachingOf(common),
      check: undefined,
      trace: newTrace(++this.#calls, this.#config.attemptTrace ? new AttemptNotes() : undefined),
    };
    return { draft, texts: Object.freeze([...texts]), target, dimensions, concurrency };
  }

  #cachingOf(perCall: PerCall): Caching | undefined {
    if (this.#config.cache === false || perCall.cache === false) return undefined;
    const ttlMs = perCall.ttl === undefined ? undefined : parseDuration(perCall.ttl);
    return { scope: this.#parts.scopes.resolve(perCall.scope), ttlMs };
  }

  #respond({ trace, messages }: Call, answer: ProviderAnswer): ChatResponse {
    const { startedAtMs = 0, origin } = trace;
    assert(origin !== undefined, 'somebody has answered');
    const { cached, stale, ageMs, similarity, shared, plugin, stored, target, provider, model } = origin;
    const isFresh = !cached && !shared && plugin === undefined;
    if (isFresh && this.#config.metrics) this.#parts.repeats.note(model, messages, answer);
    const endedAtMs = trace.endedAtMs ?? this.#parts.stopwatch();
    const response: ChatResponse = {
      ...answer,
      provider,
      cached,
      stale,
      ageMs,
      semantic: similarity !== undefined,
      similarity,
      shared,
      plugin,
      stored,
      target,
      cost: isFresh ? costOf(provider, model, answer.usage) : 0,
      durationMs: endedAtMs - startedAtMs,
      firstTokenMs: (trace.firstTokenAtMs ?? endedAtMs) - startedAtMs,
    };
    return trace.attempts === undefined
      ? response
      : { ...response, attempts: trace.attempts.list(startedAtMs, endedAtMs) };
  }
}

function isStructured(perCall: PerCall | StructuredCall<unknown>): perCall is StructuredCall<unknown> {
  return (perCall as Partial<StructuredCall<unknown>> | null)?.schema !== undefined;
}
