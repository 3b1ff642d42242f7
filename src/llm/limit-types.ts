/** What limits may be: budgets, limits that find themselves, queues, idempotency keys. Groups with rules across members. */
import { decimal, duration, integer, type ValueType, word } from '../options/value-type.js';
import type { AdaptiveConcurrencySettings, BudgetSettings, IdempotencyKeySetting, QueueSettings } from './config.js';
import { groupOf } from './setting-types.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PERIODS = { hour: HOUR_MS, day: DAY_MS } as const;

const permits = integer({ min: 1, max: 100_000 });
const anyDuration = duration({ min: 1, max: 366 * DAY_MS });
const period = word('hour', 'day');
const periodType: ValueType<number> = {
  expected: `${period.expected}, or ${anyDuration.expected}`,
  parse(value) {
    const named = period.parse(value);
    return named.ok ? { ok: true, value: PERIODS[named.value] } : anyDuration.parse(value);
  },
  schema: { oneOf: [period.schema, anyDuration.schema] },
};

/** So much of one kind for each period. */
export const budgetType: ValueType<BudgetSettings> = ruled(
  groupOf<BudgetSettings>('an object with either money or tokens, and how long they are for', {
    money: { type: decimal({ min: 1e-6, max: 1e9 }), fallback: undefined },
    tokens: { type: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), fallback: undefined },
    perMs: { type: periodType },
  }),
  ({ money, tokens }) => (money === undefined) !== (tokens === undefined),
);

export const adaptiveConcurrencyType: ValueType<AdaptiveConcurrencySettings> = ruled(
  groupOf<AdaptiveConcurrencySettings>('an object of settings with min <= initial <= max', {
    min: { type: permits, fallback: 1 },
    max: { type: permits, fallback: 200 },
    initial: { type: permits, fallback: undefined },
    decrease: { type: decimal({ min: 0.1, max: 0.99 }), fallback: 0.5 },
    latencyTolerance: { type: decimal({ min: 1.1, max: 1000 }), fallback: 3 },
  }),
  ({ min, max, initial = min }) => min <= initial && initial <= max,
);

export const queueType: ValueType<QueueSettings> = groupOf<QueueSettings>('an object of queue settings', {
  maxSize: { type: integer({ min: 0, max: 1_000_000 }), fallback: 1000 },
  mode: { type: word('drop', 'wait'), fallback: 'drop' },
  maxWaitMs: { type: duration({ min: 0, max: DAY_MS }), fallback: undefined },
});

export const idempotencyKeyType: ValueType<IdempotencyKeySetting> = {
  expected: 'true, false, or a function (request) => string',
  parse(value) {
    const isFunction = typeof value === 'function';
    return isFunction || typeof value === 'boolean'
      ? { ok: true, value: value as IdempotencyKeySetting }
      : { ok: false };
  },
  schema: { type: 'boolean' },
};

/** A group with a rule across its members, which its words for "expected" tell. */
function ruled<T>(group: ValueType<T>, rule: (settings: T) => boolean): ValueType<T> {
  return {
    ...group,
    parse(value) {
      const parsed = group.parse(value);
      return parsed.ok && !rule(parsed.value) ? { ok: false } : parsed;
    },
  };
}
