/**
 * getOrLoad: the value that is there; or else an expired one, while a load that nobody waits for replaces it; or else
 * the outcome of a load; or else, when that failed, an expired value. One load a key is the affair of `loads`.
 */
import type { Clock } from '../core/clock.js';
import { CacheError } from '../core/errors.js';
import type { PolicyName } from '../engine/policy.js';
import { checkedKey, checkedLoadOptions, checkedWindow } from './arguments.js';
import type { Loads } from './loads.js';
import type { StaleReads } from './stale-reads.js';
import type { Loader, LoadOptions } from './types.js';

export interface ReadThroughParts<V> {
  readonly loads: Loads<V>;
  readonly stale: StaleReads;
  readonly clock: Clock;
  readonly policy: PolicyName;
  /** Throws ClosedError. */
  assertOpen(): void;
  /** Counted; never an expired value. */
  get(key: string): V | undefined;
  /** Undefined when what is stored cannot be read back. */
  decode(key: string, stored: unknown): V | undefined;
}

/** Rejects with a CacheError for a malformed key, loader or option, with a ClosedError, with what the loader threw, or with the abort's reason. */
export async function readThrough<V>(
  parts: ReadThroughParts<V>,
  key: string,
  loader: Loader<V>,
  options: LoadOptions | undefined,
): Promise<V> {
  parts.assertOpen();
  checkedKey(key);
  if (typeof loader !== 'function')
    throw new CacheError('getOrLoad needs a loader function', { code: 'ERR_CACHE_LOADER_INVALID' });
  const kept = checkedLoadOptions(options, parts.policy);
  const mostMs = parts.stale.windowMs('while-revalidate');
  const { signal, staleWhileRevalidate } = options ?? {};
  const windowMs = staleWhileRevalidate === undefined ? mostMs : checkedWindow(staleWhileRevalidate, mostMs);
  signal?.throwIfAborted();
  const value = parts.get(key);
  if (value !== undefined) return value;
  const stale = readStale(parts, key, windowMs);
  if (stale !== undefined) {
    parts.loads.refresh(key, loader, kept);
    return stale;
  }
  try {
    return await parts.loads.run(key, loader, kept, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const last = readStale(parts, key, parts.stale.windowMs('if-error'));
    if (last === undefined) throw error;
    return last;
  }
}

/** A value that expired less than `windowMs` ago. Counted. */
export function readStale<V>(
  { stale, clock, decode }: Pick<ReadThroughParts<V>, 'stale' | 'clock' | 'decode'>,
  key: string,
  windowMs: number,
): V | undefined {
  const stored = stale.stale(key, clock.nowMs(), windowMs);
  const value = stored === undefined ? undefined : decode(key, stored);
  if (value !== undefined) stale.hits++;
  return value;
}
