/**
 * What a field accepts: parsing, the words for an error, and the JSON Schema, kept together so they cannot drift.
 * Parsing never throws and never corrects: it normalises spellings ('LRU', '5m') or refuses.
 */
import type { ConfigIssue } from '../core/errors.js';
import { parseByteSize, parseDuration } from '../core/units.js';
import { closest } from './suggest.js';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | {
      readonly ok: false;
      readonly suggestion?: string | undefined;
      /** Problems inside a nested value, their paths relative to it; they replace the plain message. */
      readonly nested?: readonly ConfigIssue[];
    };

export interface ValueType<T> {
  /** Completes "expected ...". */
  readonly expected: string;
  parse(value: unknown): Parsed<T>;
  /** JSON Schema of the JSON spelling; undefined when JSON cannot say it (functions, instances). */
  readonly schema: object | undefined;
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

const REFUSED: Parsed<never> = Object.freeze({ ok: false });
const accept = <T>(value: T): Parsed<T> => ({ ok: true, value });

/** A whole number within bounds, both included. */
export function integer(range: Range): ValueType<number> {
  return {
    expected: `a whole number from ${range.min} to ${range.max}`,
    parse: (value) => (Number.isSafeInteger(value) && isWithin(value, range) ? accept(value as number) : REFUSED),
    schema: { type: 'integer', minimum: range.min, maximum: range.max },
  };
}

/** A finite number within bounds, both included. */
export function decimal(range: Range): ValueType<number> {
  return {
    expected: `a number from ${range.min} to ${range.max}`,
    parse: (value) => (typeof value === 'number' && isWithin(value, range) ? accept(value) : REFUSED),
    schema: { type: 'number', minimum: range.min, maximum: range.max },
  };
}

/** Milliseconds, or a string with a unit; within bounds, both included. */
export function duration(range: Range): ValueType<number> {
  return {
    expected: `a duration from ${range.min} ms to ${range.max} ms (a number of milliseconds, or like '250ms' '30s' '5m' '1h' '7d')`,
    parse: (value) => within(parseDuration(value), range),
    schema: quantitySchema(range, '^\\d+(\\.\\d+)?(ms|s|m|h|d)$'),
  };
}

/** Bytes, or a string with a unit; within bounds, both included. */
export function byteSize(range: Range): ValueType<number> {
  return {
    expected: `a size from ${range.min} to ${range.max} bytes (a number of bytes, or like '64KiB' '100MiB' '1GiB')`,
    parse: (value) => within(parseByteSize(value), range),
    schema: quantitySchema(range, '^\\d+(\\.\\d+)?(B|[KMGT]iB|[kKMGT]B)$'),
  };
}

export const boolean: ValueType<boolean> = {
  expected: 'true or false',
  parse: (value) => (typeof value === 'boolean' ? accept(value) : REFUSED),
  schema: { type: 'boolean' },
};

/** One of a closed list of words, in any case. */
export function word<const W extends string>(...words: readonly W[]): ValueType<W> {
  return {
    expected: `one of ${words.map((name) => `'${name}'`).join(', ')}`,
    parse: (value) => {
      if (typeof value !== 'string') return REFUSED;
      const found = words.find((name) => name === value.toLowerCase());
      return found === undefined ? { ok: false, suggestion: closest(value, words) } : accept(found);
    },
    schema: { enum: [...words] },
  };
}

/** A string of at least one character. */
export const text: ValueType<string> = {
  expected: 'a string that is not empty',
  parse: (value) => (typeof value === 'string' && value !== '' ? accept(value) : REFUSED),
  schema: { type: 'string', minLength: 1 },
};

/** A function. Its value cannot come from JSON. */
export function callback<F extends (...values: never[]) => unknown>(signature: string): ValueType<F> {
  return custom<F>(`a function ${signature}`, (value): value is F => typeof value === 'function');
}

/** Anything a guard recognises. Its value cannot come from JSON. */
export function custom<T>(expected: string, guard: (value: unknown) => value is T): ValueType<T> {
  return { expected, parse: (value) => (guard(value) ? accept(value) : REFUSED), schema: undefined };
}

/** Parsed by a function of its own, which returns undefined to refuse. */
export function parsed<T>(expected: string, parse: (value: unknown) => T | undefined, schema?: object): ValueType<T> {
  return {
    expected,
    parse: (value) => {
      const result = parse(value);
      return result === undefined ? REFUSED : accept(result);
    },
    schema,
  };
}

function isWithin(value: unknown, range: Range): boolean {
  return (value as number) >= range.min && (value as number) <= range.max;
}
function within(value: number | undefined, range: Range): Parsed<number> {
  return value !== undefined && isWithin(value, range) ? accept(value) : REFUSED;
}
function quantitySchema(range: Range, pattern: string): object {
  return {
    oneOf: [
      { type: 'number', minimum: range.min, maximum: range.max },
      { type: 'string', pattern },
    ],
  };
}
