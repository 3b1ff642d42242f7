/**
 * Asks the questions that are expected, so that their answers are there when somebody does. It goes the client's own way:
 * the same keys, the same rules, so a later chat() with the same question is a hit. Guide, Advanced 2.
 */
import { CacheError, ConfigError } from '../core/errors.js';
import type { Duration } from '../core/units.js';
import { printValue } from '../options/option.js';
import { type Message, userMessage } from '../protocol/chat.js';
import type { ChatClient, PerCall } from './types.js';

export interface WarmupOptions {
  /** Questions asked at once, from 1. Default 4. */
  readonly concurrency?: number;
  /** Time to live of the answers, instead of the cache's default. */
  readonly ttl?: Duration;
  /** Anything else that later calls will say: it is part of the key. */
  readonly perCall?: Omit<PerCall, 'ttl'>;
  /** Told of each query that brought no stored answer; the others go on. What it throws ends the warmup. */
  readonly onError?: (error: unknown, query: WarmupQuery) => void;
}

/** A question as a user would ask it, or whole messages. */
export type WarmupQuery = string | readonly Message[];

export interface WarmupResult {
  readonly warmed: number;
  readonly failed: number;
  /** In the cache already, or asked twice. */
  readonly skipped: number;
}

/** Never rejects for a query that failed; it rejects with the reason of an abort (`perCall.signal`). */
export async function warmupCache(
  client: ChatClient,
  queries: Iterable<WarmupQuery>,
  options: WarmupOptions = {},
): Promise<WarmupResult> {
  const { concurrency = 4, ttl, perCall, onError } = options;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    const issue = {
      path: 'concurrency',
      expected: 'a whole number from 1',
      received: printValue(concurrency),
      setBy: 'the call',
    };
    throw new ConfigError('warmupCache', [issue]);
  }
  const result = { warmed: 0, failed: 0, skipped: 0 };
  const waiting = queries[Symbol.iterator]();
  const settings: PerCall = { ...perCall, ...(ttl === undefined ? {} : { ttl }) };

  async function warm(query: WarmupQuery): Promise<keyof WarmupResult> {
    const messages = typeof query === 'string' ? [userMessage(query)] : query;
    try {
      const { cached, shared, stored } = await client.chat(messages, settings);
      if (cached || shared) return 'skipped';
      if (stored) return 'warmed';
      throw new CacheError('the answer was not stored: not finished, refused, or no cache', {
        code: 'ERR_CACHE_NOT_STORED',
      });
    } catch (error) {
      perCall?.signal?.throwIfAborted();
      onError?.(error, query);
      return 'failed';
    }
  }
  let isEnded = false;
  async function work(): Promise<void> {
    for (let next = waiting.next(); next.done !== true && !isEnded; next = waiting.next())
      result[await warm(next.value)]++;
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    // The other workers finish what they are at, and ask nothing more.
    isEnded = true;
  }
  return result;
}
