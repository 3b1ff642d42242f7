/** Checks of what callers hand to set() and its like: a CacheError that says what was expected. */
import { CacheError } from '../core/errors.js';
import { parseDuration } from '../core/units.js';
import { printValue } from '../options/option.js';
import type { LoadOptions, SetOptions } from './types.js';

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

export function checkedTags(tags: unknown): readonly string[] {
  if (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')) return tags as string[];
  throw new CacheError('tags are an array of strings', { code: 'ERR_CACHE_TAGS_INVALID' });
}

/** A copy of what getOrLoad() will need once the value is there: a caller may change its object meanwhile. Throws CacheError. */
export function checkedLoadOptions(options: LoadOptions | undefined): SetOptions {
  const { ttl, tags, weight } = options ?? {};
  return {
    ...(ttl === undefined ? {} : { ttl: checkedTtl(ttl) }),
    ...(tags === undefined ? {} : { tags: [...checkedTags(tags)] }),
    ...(weight === undefined ? {} : { weight: checkedWeight(weight) }),
  };
}
