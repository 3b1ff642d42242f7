/**
 * One call on its way through the stages. Frozen, but for its trace, in which the stages note what became of it.
 * Invariant: it shares nothing with what the caller passed, so a later change there changes no request and no key.
 */
import type { CancelSignal } from '../core/cancel.js';
import { ConfigError, type ConfigIssue } from '../core/errors.js';
import { REDACTED } from '../core/secret.js';
import { parseDuration } from '../core/units.js';
import { printValue } from '../options/option.js';
import { closest } from '../options/suggest.js';
import type { ChatRequest, Message, Role } from '../protocol/chat.js';
import type { TimeLimit } from '../resilience/deadline.js';
import type { AnswerCheck } from './answer-check.js';
import type { AttemptNote, AttemptNotes } from './attempt-notes.js';
import type { LlmConfig } from './config.js';
import type { AttemptKind } from './event-types.js';
import type { Reply } from './reply.js';
import type { Target } from './target.js';
import type { PerCall } from './types.js';

/** Where an answer comes from, as the stages learn it. */
export interface Origin {
  readonly target: number;
  readonly provider: string;
  readonly model: string;
  cached: boolean;
  /** The cached answer had expired. */
  stale: boolean;
  /** Of the cached answer, since it was stored. */
  ageMs: number | undefined;
  /** Of the question that the cached answer was given to; undefined for the same one. */
  similarity: number | undefined;
  shared: boolean;
  /** The plugin that answered. */
  plugin: string | undefined;
  /** This call's answer was put into the cache. */
  stored: boolean;
  /** On the client's stopwatch, where a whole answer was asked for as a stream; undefined: it came at once. */
  firstTokenAtMs: number | undefined;
}

/** What stages learn of a call, for its response, its events and the metrics. */
export interface CallTrace {
  /** Counts the calls of a client; what is done in the background bears the number of the call that caused it. */
  readonly id: number;
  /** Undefined unless somebody wants to see them. */
  readonly attempts: AttemptNotes | undefined;
  /** Of the target that answers, or was asked last; undefined until one is asked. */
  origin: Origin | undefined;
  /** On the client's stopwatch; undefined until it happens. */
  startedAtMs: number | undefined;
  firstTokenAtMs: number | undefined;
  endedAtMs: number | undefined;
}

export function newTrace(id: number, attempts?: AttemptNotes): CallTrace {
  return { id, attempts, origin: undefined, startedAtMs: undefined, firstTokenAtMs: undefined, endedAtMs: undefined };
}

export interface Caching {
  readonly scope: readonly string[];
  /** Undefined: the cache's default. */
  readonly ttlMs: number | undefined;
}

export interface Call {
  readonly settings: Readonly<LlmConfig>;
  readonly messages: readonly Message[];
  /** Request fields that exist only per call. */
  readonly extras: RequestExtras;
  /** The caller wants one answer, and nothing before it is whole. */
  readonly isWhole: boolean;
  /** Aborts when the caller, the total timeout or close() ends the call. */
  readonly signal: CancelSignal;
  /** On the client's clock. What others have joined is theirs too: the latest of all. */
  readonly timeLimit: TimeLimit;
  /** Undefined: neither read from the cache, nor stored, nor joined with other calls. */
  readonly caching: Caching | undefined;
  /** What the caller wants of the answer beyond its being one; undefined: nothing. */
  readonly check: AnswerCheck | undefined;
  readonly trace: CallTrace;
}

/** A call of which it is decided who is asked. */
export interface TargetCall extends Call {
  readonly target: Target;
  readonly request: ChatRequest;
  /** The same for all attempts; absent for none. */
  readonly idempotencyKey?: string | undefined;
  /** Of this target's answer: it becomes the call's when that is the answer. */
  readonly origin: Origin;
  /** How many were asked before it in the same call. */
  readonly turn: number;
  /** Asks who is being asked already: it neither joins that flight nor is joined by it. */
  readonly isRepeat: boolean;
  /** What its first attempt is; those after it are retries. */
  readonly begunAs: Exclude<AttemptKind, 'retry'>;
  /** Of the attempt under way, where attempts are noted. */
  readonly note?: AttemptNote;
}

/** Answers a call: resolves with the opening of the answer, rejects when there is none. */
export type Handler<C extends Call> = (call: C) => Promise<Reply>;

const EXTRAS = [
  'stop',
  'seed',
  'tools',
  'toolChoice',
  'responseFormat',
  'reasoning',
  'user',
  'metadata',
  'vendor',
] as const;
export type RequestExtras = Pick<ChatRequest, (typeof EXTRAS)[number]>;

interface ExtraCheck {
  readonly expected: string;
  test(value: unknown): boolean;
}
/** The shape of each extra; what a provider makes of it is the provider's. */
const EXTRA_CHECKS: { readonly [K in keyof Required<RequestExtras>]: ExtraCheck } = {
  stop: { expected: 'a list of texts', test: (value) => isListOf(value, isText) },
  seed: { expected: 'a whole number', test: Number.isSafeInteger },
  tools: { expected: 'a list of tools with names', test: (value) => isListOf(value, isNamed) },
  toolChoice: {
    expected: "'auto', 'none', 'required' or { name }",
    test: (value) => value === 'auto' || value === 'none' || value === 'required' || isNamed(value),
  },
  responseFormat: {
    expected: "{ kind } of 'text', 'json' or 'json-schema'",
    test: (value) => isRecord(value) && ['text', 'json', 'json-schema'].includes(value['kind'] as string),
  },
  reasoning: { expected: 'an object with effort or maxTokens', test: isReasoning },
  user: { expected: 'a text', test: isText },
  metadata: {
    expected: 'an object of texts',
    test: (value) => isRecord(value) && Object.values(value).every(isText),
  },
  vendor: { expected: 'an object', test: isRecord },
};

/** Names of PerCall that are settings, and which ones. */
const SETTINGS = {
  model: 'model',
  maxTokens: 'maxTokens',
  temperature: 'temperature',
  topP: 'topP',
  systemPrompt: 'systemPrompt',
  streaming: 'streaming',
  timeout: 'timeoutMs',
  totalTimeout: 'totalTimeoutMs',
  firstTokenTimeout: 'firstTokenTimeoutMs',
  streamIdleTimeout: 'streamIdleTimeoutMs',
  retryCount: 'retryCount',
  retryDelay: 'retryDelayMs',
} as const satisfies { readonly [K in keyof PerCall]?: keyof LlmConfig };
/** All that a call can say. */
const PER_CALL_NAMES: readonly string[] = [...Object.keys(SETTINGS), ...EXTRAS, 'signal', 'cache', 'ttl', 'scope'];
const ROLES: ReadonlySet<Role> = new Set(['system', 'user', 'assistant', 'tool']);
const EFFORTS: ReadonlySet<string> = new Set(['none', 'minimal', 'low', 'medium', 'high', 'max']);
/** Of a call that says none, as most. */
export const NO_EXTRAS: RequestExtras = Object.freeze({});

/** The settings among what a call says; undefined when there are none, so that the client's serve as they are. */
export function settingsOf(perCall: PerCall): Partial<LlmConfig> | undefined {
  let settings: Record<string, unknown> | undefined;
  for (const name in perCall) {
    const key = Object.hasOwn(SETTINGS, name) ? SETTINGS[name as keyof typeof SETTINGS] : undefined;
    const value = perCall[name as keyof PerCall];
    if (key === undefined || value === undefined) continue;
    settings ??= {};
    settings[key] = value;
  }
  // The fields check the values.
  return settings as Partial<LlmConfig> | undefined;
}

/** The request fields among what a call says. */
export function extrasOf(perCall: PerCall): RequestExtras {
  let extras: Record<string, unknown> | undefined;
  for (const name in perCall) {
    const value = perCall[name as keyof PerCall];
    if (value === undefined || !isExtra(name)) continue;
    extras ??= {};
    extras[name] = snapshot(value, name);
  }
  return extras === undefined ? NO_EXTRAS : Object.freeze(extras);
}

/** The same of a request. */
export function requestExtrasOf(request: ChatRequest): RequestExtras {
  return Object.fromEntries(EXTRAS.filter((name) => request[name] !== undefined).map((name) => [name, request[name]]));
}

/** A frozen copy of the messages, headed by the system prompt unless they hold a system message of their own. */
export function messagesOf(messages: readonly Message[], settings: Readonly<LlmConfig>): readonly Message[] {
  const copies = messages.map((message, i) => snapshot(message, `messages[${i}]`));
  const { systemPrompt } = settings;
  if (systemPrompt !== undefined && !copies.some((message) => message.role === 'system')) {
    copies.unshift(Object.freeze({ role: 'system', content: systemPrompt.reveal() }));
  }
  return Object.freeze(copies);
}

/** Throws one ConfigError for everything that is wrong with a call, but for its settings. Prompts are not quoted. */
export function checkCall(messages: readonly Message[], perCall: PerCall): void {
  const issues = messageIssues(messages);
  const issuesBeside = perCallIssues(perCall, PER_CALL_NAMES);
  if (issues.length + issuesBeside.length > 0) throw new ConfigError('this call', [...issues, ...issuesBeside]);
}

function messageIssues(messages: readonly Message[]): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const refuse = (path: string, expected: string, received: string): void => {
    issues.push({ path, expected, received, setBy: 'the call' });
  };
  if (!Array.isArray(messages) || messages.length === 0) {
    refuse(
      'messages',
      "a list of at least one message, like [userMessage('...')]",
      Array.isArray(messages) ? 'none' : printKind(messages),
    );
    return issues;
  }
  messages.forEach((message: Partial<Message> | null, i) => {
    if (!ROLES.has(message?.role as Role))
      refuse(`messages[${i}].role`, `one of ${[...ROLES].join(', ')}`, printKind(message?.role));
    const { content } = message ?? {};
    if (typeof content !== 'string' && !isListOf(content, isPart)) {
      refuse(`messages[${i}].content`, 'a text or a list of parts', printKind(content));
    }
    const { toolCalls } = message ?? {};
    if (toolCalls !== undefined && !isListOf(toolCalls, isRecord)) {
      refuse(`messages[${i}].toolCalls`, 'a list of calls', printKind(toolCalls));
    }
  });
  return issues;
}

/** What is wrong with what a call says beside its messages; only `names` may be said. Nothing is quoted that may be secret. */
export function perCallIssues(perCall: PerCall, names: readonly string[]): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  const refuse = (path: string, expected: string, received: string, suggestion?: string): void => {
    issues.push({ path, expected, received, setBy: 'the call', suggestion });
  };
  if (!isRecord(perCall)) {
    refuse('perCall', 'an object of settings', printKind(perCall));
    return issues;
  }
  for (const name in perCall) {
    if (!names.includes(name)) refuse(name, 'a known setting of a call', 'an unknown one', closest(name, names));
    if (!isExtra(name) || perCall[name] === undefined) continue;
    const { expected, test } = EXTRA_CHECKS[name];
    // Not quoted: it may hold a prompt.
    if (!test(perCall[name])) refuse(name, expected, printKind(perCall[name]));
  }
  const { ttl, scope, cache, signal } = perCall;
  if (ttl !== undefined && !((parseDuration(ttl) ?? -1) >= 0))
    refuse('ttl', "a duration like '5m', 0 or more", printValue(ttl));
  if (scope !== undefined && (typeof scope !== 'string' || scope === ''))
    refuse('scope', 'a string that is not empty', REDACTED);
  if (cache !== undefined && typeof cache !== 'boolean') refuse('cache', 'true or false', printValue(cache));
  if (signal !== undefined && !(signal instanceof AbortSignal)) refuse('signal', 'an AbortSignal', printValue(signal));
  return issues;
}

function isExtra(name: string): name is keyof RequestExtras {
  return Object.hasOwn(EXTRA_CHECKS, name);
}

/** What a value is, for problems that must not quote it. */
export function printKind(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isNamed(value: unknown): boolean {
  return isRecord(value) && isText(value['name']);
}
function isReasoning(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { effort, maxTokens } = value;
  const isEffort = effort === undefined || EFFORTS.has(effort as string);
  return isEffort && (maxTokens === undefined || (Number.isSafeInteger(maxTokens) && Number(maxTokens) >= 0));
}
function isPart(value: unknown): boolean {
  if (!isRecord(value)) return false;
  return value['kind'] === 'text' ? isText(value['text']) : value['kind'] === 'image' && isText(value['url']);
}
function isListOf(value: unknown, test: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(test);
}

/** Deeper than any request, and far above the end of the stack. */
const MAX_DEPTH = 200;

/**
 * A deeply frozen copy of plain data; what is no plain object or list goes on as it is. Throws a ConfigError for what no
 * JSON can say.
 */
export function snapshot<T>(value: T, path: string, depth = 0): T {
  if (typeof value === 'bigint') throw notSayable(path, 'a bigint');
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw notSayable(path, 'an object in a circle, or nested too deeply');
  if (Array.isArray(value)) return Object.freeze(value.map((item) => snapshot(item, path, depth + 1))) as T;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const copy = { ...value } as Record<string, unknown>;
  for (const name of Object.keys(copy)) {
    const member = copy[name];
    if (typeof member === 'object' || typeof member === 'bigint') copy[name] = snapshot(member, path, depth + 1);
  }
  return Object.freeze(copy) as T;
}

function notSayable(path: string, received: string): ConfigError {
  return new ConfigError('this call', [{ path, expected: 'data that JSON can say', received, setBy: 'the call' }]);
}
