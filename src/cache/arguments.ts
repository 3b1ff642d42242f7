/** Checks of what callers hand to set() and its like: a CacheError that says what was expected. */
import { CacheError } from '../core/errors.js';
import { parseDuration } from '../core/units.js';
import { takesWorth } from '../engine/create-policy.js';
import type { PolicyName } from '../engine/policy.js';
import { printValue } from '../options/option.js';
import { closest } from '../options/suggest.js';
import type { CacheEvents, LoadOptions, SetOptions } from './types.js';
import { stringBytes } from './weigh.js';

/** A key, with the bytes it weighs. Throws CacheError. */
export function checkedKeyBytes(key: unknown): number {
  if (typeof key === 'string') {
    const bytes = stringBytes(key);
    // Of one byte a character, none is a surrogate.
    if (bytes === key.length) return bytes;
  }
  return stringBytes(checkedKey(key));
}

export function checkedKey(key: unknown): string {
  if (typeof key === 'string' && key.isWellFormed()) return key;
  const received = typeof key === 'string' ? 'a string with a lone surrogate' : `a value of type ${typeof key}`;
  throw new CacheError(`a key is a well-formed string, not ${received}`, { code: 'ERR_CACHE_KEY_INVALID' });
}

/** Milliseconds, 0 for no end. Throws CacheError. */
export function checkedTtl(ttl: unknown): number {
  const ttlMs = parseDuration(ttl);
  if (ttlMs !== undefined && ttlMs >= 0) return ttlMs === Number.POSITIVE_INFINITY ? 0 : ttlMs;
  const expected = "a number of milliseconds from 0, or like '30s' '5m'; 0 never expires";
  throw new CacheError(`ttl is ${expected}, not ${printValue(ttl)}`, { code: 'ERR_CACHE_TTL_INVALID' });
}

export function checkedWeight(weight: unknown): number {
  if (Number.isSafeInteger(weight) && Number(weight) >= 0) return weight as number;
  throw new CacheError(`a weight is a whole number of bytes from 0, not ${printValue(weight)}`, {
    code: 'ERR_CACHE_WEIGHT_INVALID',
  });
}

/** Throws CacheError for what is no worth, and for any under a policy that would pass over it. */
export function checkedWorth(worth: unknown, policy: PolicyName): number {
  if (!Number.isFinite(worth) || Number(worth) < 0)
    throw new CacheError(`a worth is a finite number from 0, not ${printValue(worth)}`, {
      code: 'ERR_CACHE_WORTH_INVALID',
    });
  if (!takesWorth(policy))
    throw new CacheError(`a worth needs the eviction policy 'lru', and this cache has '${policy}'`, {
      code: 'ERR_CACHE_WORTH_UNSUPPORTED',
    });
  return worth as number;
}

export function checkedTags(tags: unknown): readonly string[] {
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return tags as string[];
  throw new CacheError('tags are an array of strings', { code: 'ERR_CACHE_TAGS_INVALID' });
}

/** A copy of what getOrLoad() will need once the value is there: a caller may change its object meanwhile. Throws CacheError. */
export function checkedLoadOptions(options: LoadOptions | undefined, policy: PolicyName): SetOptions {
  const { ttl, tags, weight, worth } = options ?? {};
  return {
    ...(ttl === undefined ? {} : { ttl: checkedTtl(ttl) }),
    ...(tags === undefined ? {} : { tags: [...checkedTags(tags)] }),
    ...(weight === undefined ? {} : { weight: checkedWeight(weight) }),
    ...(worth === undefined ? {} : { worth: checkedWorth(worth, policy) }),
  };
}

/** The window of one call, in milliseconds: at most the cache's, since entries are kept no longer. Throws CacheError. */
export function checkedWindow(window: unknown, keptMs: number): number {
  const windowMs = parseDuration(window);
  if (windowMs !== undefined && windowMs >= 0 && windowMs <= keptMs) return windowMs;
  const expected = `a duration from 0 to the cache's own, withStaleWhileRevalidate(${keptMs})`;
  throw new CacheError(`staleWhileRevalidate is ${expected}, not ${printValue(window)}`, {
    code: 'ERR_CACHE_STALE_WINDOW_INVALID',
  });
}

const EVENT_KINDS: Readonly<Record<keyof CacheEvents<unknown>, true>> = {
  'entry-evicted': true,
  'entry-expired': true,
  'shards-resized': true,
  'tuner-decided': true,
  alert: true,
  'alert-cleared': true,
  closed: true,
};

/** Throws CacheError for a kind that never comes, or a listener that cannot be called. */
export function checkListener(kind: unknown, listener: unknown): void {
  const kinds = Object.keys(EVENT_KINDS);
  if (typeof kind !== 'string' || !kinds.includes(kind)) {
    const near = typeof kind === 'string' ? closest(kind, kinds) : undefined;
    const hint = near === undefined ? '' : ` (did you mean '${near}'?)`;
    throw new CacheError(`an event is one of ${kinds.join(', ')}, not ${printValue(kind)}${hint}`, {
      code: 'ERR_CACHE_EVENT_UNKNOWN',
    });
  }
  if (typeof listener === 'function') return;
  throw new CacheError(`a listener is a function, not ${printValue(listener)}`, {
    code: 'ERR_CACHE_LISTENER_INVALID',
  });
}
