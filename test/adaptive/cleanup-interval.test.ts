import { describe, expect, test } from 'vitest';
import { recommendCleanupInterval } from '../../src/adaptive/cleanup-interval.js';
import { ConfigError } from '../../src/core/errors.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

describe('recommendCleanupInterval', () => {
  test.each([
    ['below 1 % churn, three tenths of the TTL', 10 * MINUTE_MS, 0.009, 180_000],
    ['from 1 % on, a tenth of the TTL', 10 * MINUTE_MS, 0.01, 60_000],
    ['below 5 %, still a tenth', 10 * MINUTE_MS, 0.049, 60_000],
    ['from 5 % on, half of that', 10 * MINUTE_MS, 0.05, 30_000],
    ['below 10 %, still half', 100 * MINUTE_MS, 0.099, 300_000],
    ['from 10 % on, 30 s', 100 * MINUTE_MS, 0.1, 30_000],
    ['a short TTL counts as 10 s for its tenth', MINUTE_MS, 0.02, 10_000],
    ['never above 10 min', 24 * HOUR_MS, 0.02, 600_000],
    ['three tenths are capped too', HOUR_MS, 0, 600_000],
    ['a TTL of 0 never expires, so the longest', 0, 0.5, 600_000],
  ])('%s', (_name, ttlMs, churn, expected) => {
    expect(recommendCleanupInterval({ cacheSize: 10_000, ttlMs, churn })).toBe(expected);
  });

  test('an empty cache gets the longest interval', () => {
    expect(recommendCleanupInterval({ cacheSize: 0, ttlMs: MINUTE_MS, churn: 0.5 })).toBe(600_000);
  });

  test.each([{ cacheSize: -1 }, { ttlMs: Number.NaN }, { churn: Number.POSITIVE_INFINITY }])('%o is refused', (bad) => {
    const good = { cacheSize: 1, ttlMs: 1, churn: 0 };
    expect(() => recommendCleanupInterval({ ...good, ...bad })).toThrow(ConfigError);
  });
});
