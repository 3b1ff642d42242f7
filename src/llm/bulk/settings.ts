/** Settings of the verbs that work in bulk: checked as options are, all problems in one ConfigError. */
import type { Clock } from '../../core/clock.js';
import { ConfigError } from '../../core/errors.js';
import { custom, duration, integer, type ValueType } from '../../options/value-type.js';
import { printKind } from '../call.js';
import { isRecord } from '../setting-types.js';

const DAY_MS = 86_400_000;
/** Where nobody says how many at once. */
export const DEFAULT_CONCURRENCY = 10;

/** How many at once. */
export const concurrencyType: ValueType<number> = integer({ min: 1, max: 10_000 });
/** A time to wait or to run: at least a millisecond, as timers go, and at most a year. */
export const spanType: ValueType<number> = duration({ min: 1, max: 365 * DAY_MS });
/** An AbortSignal of the platform. */
export const signalType: ValueType<AbortSignal> = custom(
  'an AbortSignal',
  (value): value is AbortSignal => value instanceof AbortSignal,
);
export const clockType: ValueType<Clock> = custom(
  'a clock with nowMs(), wallMs() and setTimer()',
  (value): value is Clock =>
    isRecord(value) && ['nowMs', 'wallMs', 'setTimer'].every((verb) => typeof value[verb] === 'function'),
);

/** Throws a ConfigError that lists every problem of `given`. */
export function parseSettings<T>(subject: string, type: ValueType<T>, given: unknown): T {
  const parsed = type.parse(given);
  if (parsed.ok) return parsed.value;
  const issues = parsed.nested ?? [
    { path: 'options', expected: type.expected, received: printKind(given), setBy: 'the call' },
  ];
  throw new ConfigError(
    subject,
    issues.map((issue) => ({ ...issue, setBy: 'the call' })),
  );
}
