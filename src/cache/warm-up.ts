/** Fills a new cache with the entries of withWarmup(). */
import { ConfigError, type ConfigIssue, isCacheError } from '../core/errors.js';
import { printValue } from '../options/option.js';
import type { WarmupEntries } from './config.js';
import type { ShardedCache } from './types.js';

/** Throws one ConfigError that names every entry that is not a pair of a well-formed key and a value. O(entries). */
export function warmUp<V>(cache: ShardedCache<V>, entries: WarmupEntries<V>): void {
  const setBy = cache.explain().find((row) => row.key === 'warmup')?.setBy ?? 'default';
  const issues: ConfigIssue[] = [];
  let index = 0;
  for (const entry of entries) {
    const problem = isPair(entry) ? refusalOf(cache, entry) : printValue(entry);
    if (problem !== undefined) {
      issues.push({ path: `warmup[${index}]`, expected: 'a [key, value] pair', received: problem, setBy });
    }
    index++;
  }
  if (issues.length > 0) throw new ConfigError('cache options', issues);
}

function isPair<V>(entry: unknown): entry is readonly [string, V] {
  return Array.isArray(entry) && entry.length === 2;
}

/** What is wrong with a pair; undefined when it was stored, or is too heavy, which counts as a refusal. */
function refusalOf<V>(cache: ShardedCache<V>, [key, value]: readonly [string, V]): string | undefined {
  try {
    cache.set(key, value);
    return undefined;
  } catch (error) {
    if (isCacheError(error)) return error.message;
    throw error;
  }
}
