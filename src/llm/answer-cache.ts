/**
 * What the client keeps in a cache and how it reads it back. Every read is checked, since a cache may be the caller's
 * own and may hold anything. Knows nothing of keys.
 */
import type { SetOptions, StaleUse } from '../cache/types.js';
import type { ProviderAnswer, ToolCall } from '../protocol/chat.js';

/** An answer as stored: deeply frozen, plain data. */
export interface StoredAnswer {
  readonly schema: 1;
  readonly provider: string;
  /** The model that was asked; `answer.model` is what the provider said. */
  readonly model: string;
  readonly answer: ProviderAnswer;
  /** Calendar time, in milliseconds. */
  readonly storedAtMs: number;
}

/** The vector of one text as stored: frozen, plain data. */
export interface StoredVector {
  readonly schema: 1;
  readonly kind: 'vector';
  readonly provider: string;
  /** The model that was asked. */
  readonly model: string;
  readonly vector: readonly number[];
  /** The text's share of the tokens that its request was counted at; undefined where nobody counts. */
  readonly inputTokens: number | undefined;
}

/** The part of a ShardedCache that the client uses. */
export interface AnswerCache {
  get(key: string): unknown;
  set(key: string, value: StoredAnswer | StoredVector, options?: SetOptions): boolean;
  /** What has expired and is still kept for this use. Absent: expired answers are gone. */
  getStale?(key: string, use: StaleUse): unknown;
  /** True: set() is given what the answer has cost as its worth. */
  readonly takesWorth?: boolean;
}

export function storedAnswer(
  provider: string,
  model: string,
  answer: ProviderAnswer,
  storedAtMs: number,
): StoredAnswer {
  return deepFreeze({ schema: 1, provider, model, answer, storedAtMs });
}

/** The value if it is a stored answer, frozen (a compressing cache gives fresh copies); undefined for anything else. */
export function asStoredAnswer(value: unknown): StoredAnswer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { schema, provider, model, answer, storedAtMs } = value as Partial<StoredAnswer>;
  const isNamed = schema === 1 && typeof provider === 'string' && typeof model === 'string';
  return isNamed && typeof storedAtMs === 'number' && isAnswer(answer) ? deepFreeze(value as StoredAnswer) : undefined;
}

/** The value if it is a stored vector; undefined for anything else. O(length). */
export function asStoredVector(value: unknown): StoredVector | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { schema, kind, provider, model, vector } = value as Partial<StoredVector>;
  const isStored = schema === 1 && kind === 'vector' && typeof provider === 'string' && typeof model === 'string';
  if (!isStored || !isVector(vector)) return undefined;
  Object.freeze(vector);
  return value as StoredVector;
}

/** True for a list of finite numbers, at least one. O(length). */
export function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every(Number.isFinite);
}

/** True for what can be handed out as an answer: a provider or a cache of somebody's own may give anything. */
export function isAnswer(value: unknown): value is ProviderAnswer {
  if (typeof value !== 'object' || value === null) return false;
  const { text, reasoning, finishReason, toolCalls, usage } = value as Partial<Record<keyof ProviderAnswer, unknown>>;
  return (
    typeof text === 'string' &&
    (reasoning === undefined || typeof reasoning === 'string') &&
    typeof finishReason === 'string' &&
    Array.isArray(toolCalls) &&
    toolCalls.every(isToolCall) &&
    (usage === undefined || (typeof usage === 'object' && usage !== null))
  );
}

function isToolCall(value: unknown): value is ToolCall {
  const call = value as Partial<ToolCall> | null | undefined;
  return typeof call?.id === 'string' && typeof call.name === 'string' && typeof call.arguments === 'string';
}

/** True for anything with the two verbs the client needs. */
export function isAnswerCache(value: unknown): value is AnswerCache {
  if (typeof value !== 'object' || value === null) return false;
  const { get, set } = value as { get?: unknown; set?: unknown };
  return typeof get === 'function' && typeof set === 'function';
}

/** What deepFreeze was given: that an object is frozen says nothing of its parts. */
const deeplyFrozen = new WeakSet<object>();

/** Freezes plain objects and lists, all the way down; what is of another kind (bytes, a Map) stays as it is. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || deeplyFrozen.has(value)) return value;
  freezeParts(value, new Set());
  deeplyFrozen.add(value);
  return value;
}

/** `met` are those that were frozen when they were met: only through one of them can a circle come back. */
function freezeParts(value: object, met: Set<object>): void {
  if (deeplyFrozen.has(value) || !isPlain(value)) return;
  if (Object.isFrozen(value)) {
    if (met.has(value)) return;
    met.add(value);
  } else Object.freeze(value);
  if (Array.isArray(value)) for (const part of value) freezePart(part, met);
  else for (const name in value) freezePart((value as Record<string, unknown>)[name], met);
}

function freezePart(part: unknown, met: Set<object>): void {
  if (typeof part === 'object' && part !== null) freezeParts(part, met);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
