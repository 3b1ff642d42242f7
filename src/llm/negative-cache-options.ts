/** The option of negative caching, and what its setting may be. */
import { milliseconds } from '../cache/storage-options.js';
import type { Duration } from '../core/units.js';
import { type Option, option } from '../options/option.js';
import { boolean, duration, integer, parsed, type ValueType } from '../options/value-type.js';
import type { NegativeCacheSettings } from './config.js';
import { groupOf } from './setting-types.js';

/** What is left out keeps its default. */
export interface NegativeCacheInput {
  /** How long a refusal is remembered, 1 ms to 1 hour. Default 30 s. */
  readonly ttl?: Duration;
  /** Statuses that say that the request itself is at fault. Default [400, 422]. */
  readonly statuses?: readonly number[];
  /** Keeps answers that ended with 'content-filter' as long, too. Default false. */
  readonly contentFilter?: boolean;
  /** Refusals remembered at once, 1 to 100,000. Default 1000. */
  readonly maxEntries?: number;
}

/**
 * Remembers what a provider refused, by the key of the answer, so that the same request fails at once, with the same
 * error and without an upstream call. Never 401, 402, 403, 407, 408, 409, 425, 429 or 5xx, never what says that it may
 * heal, and never complaints about keys. Needs withCache; `cache: false` of a call goes past it. Default: off.
 */
export function withNegativeCache(
  settings: NegativeCacheInput = {},
): Option<'llm', { negativeCache: NegativeCacheSettings }> {
  const { ttl, ...rest } = settings;
  const negativeCache = { ...rest, ...(ttl === undefined ? {} : { ttlMs: milliseconds(ttl) }) };
  // The field completes the settings.
  return option('llm', 'withNegativeCache({...})', { negativeCache: negativeCache as NegativeCacheSettings });
}

const HOUR_MS = 3_600_000;
/** About who asks, or when: another time they would say something else. */
const PASSING: ReadonlySet<number> = new Set([401, 402, 403, 407, 408, 409, 425, 429]);
const DEFAULT_STATUSES: readonly number[] = Object.freeze([400, 422]);

export const negativeCacheType: ValueType<NegativeCacheSettings> = groupOf<NegativeCacheSettings>(
  'an object with ttlMs, statuses, contentFilter, maxEntries',
  {
    ttlMs: { type: duration({ min: 1, max: HOUR_MS }), fallback: 30_000 },
    statuses: {
      type: parsed(
        `a list of statuses from 400 to 499, without ${[...PASSING].join(', ')}`,
        (value) =>
          Array.isArray(value) && value.length > 0 && value.every(isLasting)
            ? Object.freeze([...(value as number[])])
            : undefined,
        {
          type: 'array',
          minItems: 1,
          items: { type: 'integer', minimum: 400, maximum: 499, not: { enum: [...PASSING] } },
        },
      ),
      fallback: DEFAULT_STATUSES,
    },
    contentFilter: { type: boolean, fallback: false },
    maxEntries: { type: integer({ min: 1, max: 100_000 }), fallback: 1000 },
  },
);

function isLasting(status: unknown): boolean {
  return Number.isSafeInteger(status) && Number(status) >= 400 && Number(status) <= 499 && !PASSING.has(Number(status));
}
