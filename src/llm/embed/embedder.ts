/**
 * Vectors of texts, by way of the cache and of as few upstream calls as the provider takes. Every upstream call goes the way
 * of a chat: retries, breaker, limits, timeouts, counts. Invariant: what a call of several has brought is in the cache before
 * the failure of another is told.
 */
import { assert } from '../../core/assert.js';
import type { CancelSignal } from '../../core/cancel.js';
import type { Clock, Stopwatch } from '../../core/clock.js';
import type { EmbedAnswer } from '../../protocol/embedding.js';
import { NO_TIME_LIMIT, type TimeLimit } from '../../resilience/deadline.js';
import { eachOf } from '../../resilience/each-of.js';
import { SingleFlight } from '../../resilience/single-flight.js';
import { type AnswerCache, asStoredVector, type StoredVector } from '../answer-cache.js';
import { AnswerStore } from '../answer-store.js';
import type { Call, Handler, TargetCall } from '../call.js';
import { costOf } from '../cost.js';
import { forTarget } from '../for-target.js';
import { assemble, type Reply } from '../reply.js';
import type { CachedParts } from '../stages/cached.js';
import { deadline } from '../stages/deadline.js';
import { type GuardedParts, guarded } from '../stages/guarded.js';
import { type ObserveParts, observe } from '../stages/observe.js';
import type { Target } from '../target.js';
import type { EmbedResponse } from '../types.js';
import { embedAsChat, embeddingIn, usageOfTexts } from './embed-as-chat.js';
import { messagesOfTexts, noEmbeddings } from './embed-call.js';
import { vectorKeys } from './vector-key.js';

export interface EmbedderParts extends ObserveParts, GuardedParts {
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
  readonly cache: AnswerCache | undefined;
  readonly onHit: CachedParts['onHit'];
}

export interface EmbedJob {
  /** Its messages are the texts (messagesOfTexts). */
  readonly call: Call;
  readonly texts: readonly string[];
  readonly target: Target;
  readonly dimensions: number | undefined;
  readonly concurrency: number;
}

export type Embedder = (job: EmbedJob) => Promise<EmbedResponse>;

/** What an embed call comes to, but for its time. */
type Outcome = Omit<EmbedResponse, 'durationMs'>;

export function createEmbedder(parts: EmbedderParts): Embedder {
  const store = parts.cache === undefined ? undefined : new AnswerStore(parts.cache, parts.counters);
  // Plugins speak of messages and answers, and would take the texts for such.
  const ask = guarded({ ...parts, plugins: [] });
  const flights = new SingleFlight<EmbedAnswer>();
  return async (job) => {
    const startMs = parts.stopwatch();
    let outcome: Outcome | undefined;
    async function embed(call: Call): Promise<Reply> {
      outcome = await new Embedding({ ...parts, store, ask, flights }, { ...job, call }).run();
      return told(outcome);
    }
    await observe(parts, deadline(parts.clock, embed))(job.call);
    assert(outcome !== undefined, 'a call that has not failed has an outcome');
    return { ...(outcome as Outcome), durationMs: parts.stopwatch() - startMs };
  };
}

/** What is told of the call: its tokens. The vectors go their own way. */
function told({ upstreamCalls, inputTokens }: Outcome): Reply {
  const usage = upstreamCalls === 0 ? undefined : usageOfTexts(inputTokens);
  return { opening: usage === undefined ? [] : [{ kind: 'usage', usage }], rest: undefined };
}

interface EmbeddingParts extends EmbedderParts {
  readonly store: AnswerStore | undefined;
  readonly ask: Handler<TargetCall>;
  readonly flights: SingleFlight<EmbedAnswer>;
}

/** One call of embed(). */
class Embedding {
  readonly #parts: EmbeddingParts;
  readonly #job: EmbedJob;
  readonly #asked: TargetCall;
  /** Undefined: neither read from the cache, nor stored, nor joined. */
  readonly #keyOf: ((text: string) => string) | undefined;
  readonly #vectors = new Map<string, readonly number[]>();
  #upstreamCalls = 0;
  #inputTokens: number | undefined = 0;

  constructor(parts: EmbeddingParts, job: EmbedJob) {
    const { call, target, dimensions } = job;
    const { provider } = target;
    if (provider.embed === undefined) throw noEmbeddings(provider.name);
    this.#parts = parts;
    this.#job = job;
    const asChat = embedAsChat(
      provider,
      (embedCall) => provider.embed?.(embedCall) as Promise<EmbedAnswer>,
      dimensions,
    );
    this.#asked = forTarget(call, { ...target, provider: asChat });
    call.trace.origin = this.#asked.origin;
    const { name, endpoint } = provider;
    const { model, vendor } = this.#asked.request;
    const { scope } = call.caching ?? {};
    const places = { provider: name, endpoint, model, ...(dimensions === undefined ? {} : { dimensions }) };
    this.#keyOf =
      scope === undefined ? undefined : vectorKeys({ ...places, scope, ...(vendor === undefined ? {} : { vendor }) });
  }

  async run(): Promise<Outcome> {
    const { texts, target, concurrency } = this.#job;
    const { maxEmbedTexts = Number.POSITIVE_INFINITY, name: provider } = target.provider;
    const { model } = this.#asked.request;
    const missing = [...new Set(texts)].filter((text) => !this.#find(text));
    const cachedTexts = texts.filter((text) => this.#vectors.has(text)).length;
    this.#asked.origin.cached = missing.length === 0;
    await eachOf(inParts(missing, maxEmbedTexts), concurrency, (batch) => this.#fetch(batch));
    const cost = this.#upstreamCalls === 0 ? 0 : costOf(provider, model, usageOfTexts(this.#inputTokens));
    return {
      vectors: Object.freeze(texts.map((text) => this.#vectors.get(text) as readonly number[])),
      provider,
      model,
      cachedTexts,
      upstreamCalls: this.#upstreamCalls,
      inputTokens: this.#inputTokens,
      cost,
    };
  }

  /** True when the cache has the text's vector. */
  #find(text: string): boolean {
    const { store, counters, onHit } = this.#parts;
    if (store === undefined || this.#keyOf === undefined) return false;
    const stored = store.read(this.#keyOf(text), asStoredVector);
    if (stored === undefined) {
      counters.cacheMisses++;
      return false;
    }
    const { provider, model, vector, inputTokens } = stored;
    this.#vectors.set(text, vector);
    counters.cacheHits++;
    const savedCost = costOf(provider, model, usageOfTexts(inputTokens));
    counters.savedCost += savedCost ?? 0;
    onHit({ provider, model, target: this.#job.target.index, stale: false, similarity: undefined, savedCost });
    return true;
  }

  async #fetch(texts: readonly string[]): Promise<void> {
    const { signal } = this.#asked;
    // Those that wait their turn when the call ends are not begun.
    signal.throwIfAborted();
    const answer = this.#keyOf === undefined ? await this.#ask(texts, signal) : await this.#join(texts, this.#keyOf);
    texts.forEach((text, i) => {
      this.#vectors.set(text, answer.vectors[i] as readonly number[]);
    });
  }

  /** One upstream call for all who ask for the same texts at the same time, with the same patience. */
  async #join(texts: readonly string[], keyOf: (text: string) => string): Promise<EmbedAnswer> {
    const { flights, counters } = this.#parts;
    const { timeoutMs, retryCount, retryDelayMs } = this.#asked.settings;
    const name = JSON.stringify([texts.map(keyOf), timeoutMs, retryCount, retryDelayMs]);
    let isFirst = false;
    const fetch = async (signal: CancelSignal): Promise<EmbedAnswer> => {
      isFirst = true;
      // Each who waits leaves by its own time limit.
      const answer = await this.#ask(texts, signal, NO_TIME_LIMIT);
      this.#keep(texts, answer, keyOf);
      return answer;
    };
    const answer = await flights.run(name, fetch, { signal: this.#asked.signal });
    if (!isFirst) counters.joined++;
    return answer;
  }

  async #ask(
    texts: readonly string[],
    signal: CancelSignal,
    timeLimit: TimeLimit = this.#asked.timeLimit,
  ): Promise<EmbedAnswer> {
    const request = Object.freeze({ ...this.#asked.request, messages: messagesOfTexts(texts) });
    const reply = await this.#parts.ask({ ...this.#asked, request, signal, timeLimit });
    const answer = embeddingIn(await assemble(reply));
    for (const vector of answer.vectors) Object.freeze(vector);
    this.#upstreamCalls++;
    const { inputTokens } = answer;
    this.#inputTokens =
      this.#inputTokens === undefined || inputTokens === undefined ? undefined : this.#inputTokens + inputTokens;
    return answer;
  }

  /** Each text takes its share of the tokens by its length. */
  #keep(texts: readonly string[], answer: EmbedAnswer, keyOf: (text: string) => string): void {
    const { call, target } = this.#job;
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    const provider = target.provider.name;
    const { model } = this.#asked.request;
    texts.forEach((text, i) => {
      const inputTokens =
        answer.inputTokens === undefined ? undefined : (answer.inputTokens * text.length) / characters;
      const vector = answer.vectors[i] as readonly number[];
      const value: StoredVector = Object.freeze({ schema: 1, kind: 'vector', provider, model, vector, inputTokens });
      const cost = (): number | undefined => costOf(provider, model, usageOfTexts(inputTokens));
      this.#parts.store?.write(keyOf(text), value, call.caching?.ttlMs, cost);
    });
  }
}

/** The list in pieces of at most `size`. */
function inParts<T>(list: readonly T[], size: number): (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let start = 0; start < list.length; start += size) parts.push(list.slice(start, start + size));
  return parts;
}
