/**
 * What the client keeps in a cache and how it reads it back. Every read is checked, since a cache may be the caller's
 * own and may hold anything. Knows nothing of keys.
 */
import type { SetOptions } from '../cache/types.js';
import type { ProviderAnswer } from '../protocol/chat.js';

/** An answer as stored: deeply frozen, plain data. */
export interface StoredAnswer {
  readonly schema: 1;
  readonly provider: string;
  /** The model that was asked; `answer.model` is what the provider said. */
  readonly model: string;
  readonly answer: ProviderAnswer;
}

/** The part of a ShardedCache that the client uses. */
export interface AnswerCache {
  get(key: string): unknown;
  set(key: string, value: StoredAnswer, options?: SetOptions): boolean;
}

export function storedAnswer(provider: string, model: string, answer: ProviderAnswer): StoredAnswer {
  return deepFreeze({ schema: 1, provider, model, answer });
}

/** The value if it is a stored answer, frozen (a compressing cache gives fresh copies); undefined for anything else. */
export function asStoredAnswer(value: unknown): StoredAnswer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { schema, provider, model, answer } = value as Partial<StoredAnswer>;
  const isStored =
    schema === 1 &&
    typeof provider === 'string' &&
    typeof model === 'string' &&
    typeof answer?.text === 'string' &&
    typeof answer.finishReason === 'string' &&
    Array.isArray(answer.toolCalls);
  return isStored ? deepFreeze(value as StoredAnswer) : undefined;
}

/** True for anything with the two verbs the client needs. */
export function isAnswerCache(value: unknown): value is AnswerCache {
  if (typeof value !== 'object' || value === null) return false;
  const { get, set } = value as { get?: unknown; set?: unknown };
  return typeof get === 'function' && typeof set === 'function';
}

/** Plain data only: objects and arrays without circles. What is frozen already was frozen by us, deeply. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
