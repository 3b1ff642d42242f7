/**
 * Asks the questions that are expected, so that their answers are there when somebody does. It goes the client's own way:
 * the same keys, the same rules, so a later chat() with the same question is a hit. Guide, Advanced 2.
 */
import { ConfigError } from '../../core/errors.js';
import type { Duration } from '../../core/units.js';
import { callback, custom, decimal, type ValueType } from '../../options/value-type.js';
import { userMessage } from '../../protocol/chat.js';
import { eachOf } from '../../resilience/each-of.js';
import { printKind } from '../call.js';
import { groupOf, isRecord } from '../setting-types.js';
import type { ChatClient, Client, PerCall } from '../types.js';
import { concurrencyType, parseSettings } from './settings.js';
import {
  type Fill,
  fillAsClient,
  fillByAsking,
  fillUnder,
  type KeyOf,
  type WarmupCache,
  type WarmupQuestion,
} from './warmup-targets.js';

/** With a priority: the greater comes first, the default is 0, and equal ones keep their order. */
export type WarmupQuery = WarmupQuestion | { readonly query: WarmupQuestion; readonly priority?: number };

export interface WarmupOptions {
  /** Questions asked at once, 1 to 10,000. Default 4. */
  readonly concurrency?: number;
  /** Time to live of the answers, instead of the cache's default. */
  readonly ttl?: Duration;
  /** Anything else that later calls will say: it is part of the key. */
  readonly perCall?: Omit<PerCall, 'ttl'>;
  /** Told of each query that brought no stored answer; the others go on. What it throws ends the warmup. */
  readonly onError?: (error: unknown, query: WarmupQuery) => void;
  /** Told after each query. What it throws ends the warmup. */
  readonly onProgress?: (progress: WarmupProgress) => void;
  /**
   * Asks nothing more once more than this share of the answers wanted has failed, 0 to 1, judged from the tenth on. What
   * was not asked counts as skipped. Default 1: goes on in any case.
   */
  readonly maxErrorShare?: number;
  /**
   * Where a cache is given: under which key it keeps the ChatResponse, as the guide's WarmupCache keeps it under the
   * question. Default: what the client would store, under the client's cacheKey; another client with that cache and the
   * same withCacheScope finds it.
   */
  readonly keyOf?: KeyOf;
}

export interface WarmupResult {
  readonly warmed: number;
  readonly failed: number;
  /** In the cache already, asked twice, or not asked any more. */
  readonly skipped: number;
}

export interface WarmupProgress extends WarmupResult {
  readonly total: number;
}

interface Settings {
  readonly concurrency: number;
  readonly ttl: Duration | undefined;
  readonly perCall: PerCall | undefined;
  readonly onError: WarmupOptions['onError'];
  readonly onProgress: WarmupOptions['onProgress'];
  readonly maxErrorShare: number;
  readonly keyOf: KeyOf | undefined;
}

/** The client checks it with each query. */
const anyDuration: ValueType<Duration> = custom('a duration', (_value): _value is Duration => true);

/** Checks WarmupOptions. */
export const warmupOptionsType: ValueType<Settings> = groupOf<Settings>('an object of warmup options', {
  concurrency: { type: concurrencyType, fallback: 4 },
  ttl: { type: anyDuration, fallback: undefined },
  perCall: { type: custom('an object of settings of a call', isRecord), fallback: undefined },
  onError: { type: callback('(error, query) => void'), fallback: undefined },
  onProgress: { type: callback('(progress) => void'), fallback: undefined },
  maxErrorShare: { type: decimal({ min: 0, max: 1 }), fallback: 1 },
  keyOf: { type: callback('(question) => string'), fallback: undefined },
});

/** With fewer answers a share says nothing. */
const MIN_JUDGED = 10;

/**
 * Fills the client's own cache; or the cache that is given first, with what `client` answers. Never rejects for a query that
 * failed; it rejects with the reason of an abort (`perCall.signal`), and with a ConfigError for options and queries that
 * make no sense. O(queries).
 */
export async function warmupCache(
  client: ChatClient,
  queries: Iterable<WarmupQuery>,
  options?: WarmupOptions,
): Promise<WarmupResult>;
export async function warmupCache(
  cacheOrClient: WarmupCache | ChatClient,
  client: Client,
  queries: Iterable<WarmupQuery>,
  options?: WarmupOptions,
): Promise<WarmupResult>;
export async function warmupCache(...given: readonly unknown[]): Promise<WarmupResult> {
  return warmUp(...warmupArguments<Iterable<WarmupQuery>, WarmupOptions>(given));
}

/** The four arguments, also of the form that names the client alone. */
export function warmupArguments<Q, O>(
  given: readonly unknown[],
): readonly [WarmupCache | ChatClient, ChatClient, Q, O | undefined] {
  const [filled, client, queries, options] = isClient(given[1]) ? given : [given[0], ...given];
  return [filled as WarmupCache | ChatClient, client as ChatClient, queries as Q, options as O | undefined];
}

/** As warmupCache(), with all its arguments. */
export async function warmUp(
  filled: WarmupCache | ChatClient,
  client: ChatClient,
  queries: Iterable<WarmupQuery>,
  options: WarmupOptions = {},
): Promise<WarmupResult> {
  const settings = parseSettings('warmupCache', warmupOptionsType, options);
  const { concurrency, maxErrorShare, onError, onProgress, ttl } = settings;
  const perCall: PerCall = { ...settings.perCall, ...(ttl === undefined ? {} : { ttl }) };
  const fill = fillOf(filled, client, settings.keyOf, perCall);
  const ordered = inOrder(queries);
  const result = { warmed: 0, failed: 0, skipped: 0 };

  async function ask(query: WarmupQuery): Promise<keyof WarmupResult> {
    const judged = result.warmed + result.failed;
    if (judged >= MIN_JUDGED && result.failed > maxErrorShare * judged) return 'skipped';
    const question = questionOf(query);
    try {
      return await fill(question, typeof question === 'string' ? [userMessage(question)] : question);
    } catch (error) {
      perCall.signal?.throwIfAborted();
      onError?.(error, query);
      return 'failed';
    }
  }
  await eachOf(ordered, concurrency, async (query) => {
    result[await ask(query)]++;
    onProgress?.({ ...result, total: ordered.length });
  });
  return result;
}

function fillOf(
  filled: WarmupCache | ChatClient,
  client: ChatClient,
  keyOf: KeyOf | undefined,
  perCall: PerCall,
): Fill {
  if (!isClient(filled)) {
    return keyOf === undefined
      ? fillAsClient(filled, client as Client, perCall)
      : fillUnder(keyOf, filled, client, perCall);
  }
  if (keyOf === undefined) return fillByAsking(filled, perCall);
  const issue = { path: 'keyOf', expected: 'a cache to fill beside it', received: 'a client', setBy: 'the call' };
  throw new ConfigError('warmupCache', [issue]);
}

function isClient(value: unknown): value is ChatClient {
  return isRecord(value) && typeof value['chat'] === 'function';
}

/** The greater priority first. Throws a ConfigError for what are no queries; none is quoted. */
function inOrder(queries: Iterable<WarmupQuery>): readonly WarmupQuery[] {
  const list = [...queries];
  const issues = list.flatMap((query, i) =>
    isQuery(query)
      ? []
      : [
          {
            path: `queries[${i}]`,
            expected: 'a text, messages, or { query, priority? }',
            received: printKind(query),
            setBy: 'the call',
          },
        ],
  );
  if (issues.length > 0) throw new ConfigError('warmupCache', issues);
  return list.sort((a, b) => priorityOf(b) - priorityOf(a));
}

function isQuery(query: WarmupQuery): boolean {
  const question: unknown = questionOf(query);
  return (typeof question === 'string' || Array.isArray(question)) && Number.isFinite(priorityOf(query));
}

/** Only the form with a priority is a record: lists and texts are questions. */
function questionOf(query: WarmupQuery): WarmupQuestion {
  return isRecord(query) ? (query['query'] as WarmupQuestion) : query;
}
function priorityOf(query: WarmupQuery): number {
  return isRecord(query) ? ((query['priority'] as number | undefined) ?? 0) : 0;
}
