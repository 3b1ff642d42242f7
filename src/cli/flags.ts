/**
 * The flags of a command, read and checked: all problems at once, each with the flag that has it. Which flags there are
 * is cac's business; it has refused unknown ones before.
 */
import { ConfigError, type ConfigIssue } from '../core/errors.js';
import { parseDuration } from '../core/units.js';
import { printValue } from '../options/option.js';
import { word } from '../options/value-type.js';

/** Flags as cac gives them: strings, numbers, booleans, or a list where one was repeated. */
export type Flags = Readonly<Record<string, unknown>>;

export const SEED_RANGE: Range = { min: 0, max: Number.MAX_SAFE_INTEGER };

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Each reader gives undefined (or false) for a flag that is absent, and for one that is wrong, which finish() reports. */
export interface FlagReader {
  text(name: string): string | undefined;
  /** The texts of a flag that may be repeated. */
  texts(name: string): readonly string[];
  /** One of the words, in any case. */
  word<W extends string>(name: string, words: readonly W[]): W | undefined;
  integer(name: string, range: Range): number | undefined;
  /** Milliseconds of a duration such as '5m'. */
  duration(name: string): number | undefined;
  isSet(name: string): boolean;
  /** Refuses those of the flags that were given. */
  refuse(names: readonly string[], expected: string): void;
  /** Throws one ConfigError for all problems. */
  finish(): void;
}

export function readFlags(command: string, flags: Flags): FlagReader {
  const issues: ConfigIssue[] = [];

  function report(name: string, expected: string): undefined {
    issues.push({ path: name, expected, received: printValue(flags[name]), setBy: `--${name}` });
    return undefined;
  }
  /** The value of a flag if it is good; what is absent is undefined and no problem. */
  function read<T>(name: string, expected: string, parse: (value: unknown) => T | undefined): T | undefined {
    const value = flags[name];
    if (value === undefined) return undefined;
    return (Array.isArray(value) ? undefined : parse(value)) ?? report(name, expected);
  }
  return {
    // cac reads a text of digits as a number.
    text: (name) => read(name, 'a text, once', (value) => (typeof value === 'boolean' ? undefined : String(value))),
    texts: (name) => [flags[name] ?? []].flat().map(String),
    word: <W extends string>(name: string, words: readonly W[]) => {
      const type = word(...words);
      return read(name, type.expected, (value) => {
        const parsed = type.parse(value);
        return parsed.ok ? parsed.value : undefined;
      });
    },
    integer: (name, { min, max }) =>
      read(name, `a whole number from ${min} to ${max}`, (value) =>
        Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined,
      ),
    duration: (name) =>
      read(name, "a duration from 0, in milliseconds or like '30s' '5m'", (value) => {
        const ms = parseDuration(value);
        return ms !== undefined && ms >= 0 ? ms : undefined;
      }),
    isSet: (name) =>
      read(name, 'the flag once, without a value', (value) => (typeof value === 'boolean' ? value : undefined)) ??
      false,
    refuse(names, expected) {
      for (const name of names) if (flags[name] !== undefined) report(name, expected);
    },
    finish() {
      if (issues.length > 0) throw new ConfigError(`sherd ${command}`, issues);
    },
  };
}
