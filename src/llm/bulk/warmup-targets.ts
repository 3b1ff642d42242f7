/** What a warmup fills: the client's own cache, by asking it, or a cache of the caller's, with what the client answers. */
import { systemClock } from '../../core/clock.js';
import { CacheError } from '../../core/errors.js';
import type { Duration } from '../../core/units.js';
import type { Message, ProviderAnswer } from '../../protocol/chat.js';
import { storedAnswer } from '../answer-cache.js';
import type { ChatClient, ChatResponse, Client, PerCall } from '../types.js';

/** A question as a user would ask it, or whole messages. */
export type WarmupQuestion = string | readonly Message[];

/** Under which key a cache keeps the answer to a question. */
export type KeyOf = (question: WarmupQuestion) => string;

/** What is used of a cache that is filled; a ShardedCache of whatever type has it. */
export interface WarmupCache {
  get(key: string): unknown;
  set(key: string, value: never, options?: { readonly ttl?: Duration }): boolean;
}

/** Asks one question and sees to it that its answer is kept. Rejects when it was not. */
export type Fill = (question: WarmupQuestion, messages: readonly Message[]) => Promise<'warmed' | 'skipped'>;

/** The client stores by its own rules. */
export function fillByAsking(client: ChatClient, perCall: PerCall): Fill {
  return async (_question, messages) => {
    const { cached, shared, stored } = await client.chat(messages, perCall);
    if (cached || shared) return 'skipped';
    if (!stored) throw notStored();
    return 'warmed';
  };
}

/** Stores the whole response under a key of the caller's. */
export function fillUnder(keyOf: KeyOf, cache: WarmupCache, client: ChatClient, perCall: PerCall): Fill {
  return async (question, messages) => {
    const key = keyOf(question);
    if (cache.get(key) !== undefined) return 'skipped';
    const response = await client.chat(messages, perCall);
    if (!isFinished(response) || !store(cache, key, response, perCall)) throw notStored();
    return 'warmed';
  };
}

/** Stores what the client would store, under the client's key: a client of the same scope finds it. */
export function fillAsClient(cache: WarmupCache, client: Client, perCall: PerCall): Fill {
  return async (_question, messages) => {
    const key = client.cacheKey(messages, perCall);
    if (cache.get(key) !== undefined) return 'skipped';
    const response = await client.chat(messages, perCall);
    // The client may keep its answers in this very cache.
    if (response.stored && cache.get(key) !== undefined) return 'warmed';
    // The key names the primary, so what another target has said is not to stand under it.
    const isStorable = isFinished(response) && response.target === 0;
    const value = storedAnswer(response.provider, response.model, answerIn(response), systemClock.wallMs());
    if (!isStorable || !store(cache, key, value, perCall)) throw notStored();
    return 'warmed';
  };
}

function store(cache: WarmupCache, key: string, value: object, { ttl }: PerCall): boolean {
  // Which type the cache is of, only its owner knows.
  return cache.set(key, value as never, ttl === undefined ? undefined : { ttl });
}

function isFinished({ finishReason }: ProviderAnswer): boolean {
  return finishReason === 'stop' || finishReason === 'tool-calls';
}

function answerIn(response: ChatResponse): ProviderAnswer {
  const { provider, plugin, cached, stale, ageMs, shared, stored, target, cost, durationMs, firstTokenMs, ...answer } =
    response;
  return answer;
}

function notStored(): CacheError {
  return new CacheError('the answer was not stored: not finished, refused, or no cache', {
    code: 'ERR_CACHE_NOT_STORED',
  });
}
