/**
 * What the commands take, read from the command line. Parsing is cac's; what the values may be is checked here, all
 * problems at once, with the words of the options.
 */
import { ConfigError, type ConfigIssue } from '../core/errors.js';
import { parseDuration } from '../core/units.js';
import { printValue } from '../options/option.js';

/** Flags as cac gives them: strings, numbers, true, or a list where a flag was repeated. */
export type Flags = Readonly<Record<string, unknown>>;

/** Reads flags and keeps their problems until finish(). Each reader gives undefined for a flag that is absent or wrong. */
export interface FlagReader {
  text(name: string): string | undefined;
  integer(name: string, range: { readonly min: number; readonly max: number }): number | undefined;
  decimal(name: string, range: { readonly min: number; readonly max: number }): number | undefined;
  /** Milliseconds of a duration such as '5m'. */
  duration(name: string): number | undefined;
  isSet(name: string): boolean;
  /** Says that a flag makes no sense beside the others. */
  refuse(name: string, expected: string): void;
  /** Throws one ConfigError for all problems. */
  finish(): void;
}

export function readFlags(command: string, flags: Flags): FlagReader {
  const issues: ConfigIssue[] = [];
  function refuse(name: string, expected: string): undefined {
    const setBy = `--${name}`;
    issues.push({ path: name, expected, received: printValue(flags[camelCase(name)]), setBy });
    return undefined;
  }
  function value(name: string): unknown {
    const given = flags[camelCase(name)];
    return Array.isArray(given) ? refuse(name, 'the flag once') : given;
  }
  function numeric(name: string, expected: string, isGood: (number: number) => boolean): number | undefined {
    const given = value(name);
    if (given === undefined) return undefined;
    return typeof given === 'number' && isGood(given) ? given : refuse(name, expected);
  }
  return {
    text(name) {
      const given = value(name);
      if (given === undefined) return undefined;
      // cac reads a text of digits as a number.
      return (typeof given === 'string' && given !== '') || typeof given === 'number'
        ? String(given)
        : refuse(name, 'a text');
    },
    integer: (name, { min, max }) =>
      numeric(name, `a whole number from ${min} to ${max}`, (n) => Number.isSafeInteger(n) && n >= min && n <= max),
    decimal: (name, { min, max }) => numeric(name, `a number from ${min} to ${max}`, (n) => n >= min && n <= max),
    duration(name) {
      const given = value(name);
      if (given === undefined) return undefined;
      const ms = parseDuration(given);
      return ms !== undefined && ms >= 0 ? ms : refuse(name, "a duration like '30s' or '5m', or milliseconds");
    },
    isSet: (name) => flags[camelCase(name)] === true,
    refuse,
    finish() {
      if (issues.length > 0) throw new ConfigError(`sherd ${command}`, issues);
    },
  };
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
