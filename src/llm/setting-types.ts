/** What the fields of the client accept beyond plain numbers and words: secrets, groups of values, caches, targets. */
import { cacheScope } from '../cache/scope.js';
import { type ConfigIssue, isConfigError } from '../core/errors.js';
import { Secret } from '../core/secret.js';
import { profileSchema } from '../options/json-schema.js';
import { type AnyOption, type Option, option, printValue } from '../options/option.js';
import { resolve } from '../options/resolve.js';
import { closest } from '../options/suggest.js';
import type { Parsed, ValueType } from '../options/value-type.js';
import { headerIssues } from '../transport/header-check.js';
import { isAnswerCache } from './answer-cache.js';
import type { CacheSetting } from './config.js';

const REFUSED: Parsed<never> = Object.freeze({ ok: false });

/** A string that never prints. `schema` is for secrets that may stand in a file: a prompt may, a key may not. */
export function secretText(expected: string, schema?: object): ValueType<Secret> {
  return {
    expected,
    parse(value) {
      if (value instanceof Secret) return { ok: true, value };
      return typeof value === 'string' && value !== '' ? { ok: true, value: new Secret(value) } : REFUSED;
    },
    schema,
  };
}

/** One member of a group: its own check, and the value when it is left out (undefined: it must be given). */
export interface Member<T> {
  readonly type: ValueType<T>;
  readonly fallback?: T;
}

export type Members<T extends object> = { readonly [K in keyof T]-?: Member<T[K]> };

/** A plain object of checked members; every problem inside is reported with its path. */
export function groupOf<T extends object>(expected: string, members: Members<T>): ValueType<Readonly<T>> {
  const names = Object.keys(members);
  const memberOf = (name: string): Member<unknown> => members[name as keyof T] as Member<unknown>;
  function parse(value: unknown): Parsed<Readonly<T>> {
    if (!isRecord(value)) return REFUSED;
    const issues: ConfigIssue[] = Object.keys(value)
      .filter((name) => !names.includes(name))
      .map((name) => ({
        path: name,
        expected: `one of ${names.join(', ')}`,
        received: 'an unknown name',
        setBy: name,
        suggestion: closest(name, names),
      }));
    const result: Record<string, unknown> = {};
    for (const name of names) {
      const { type, fallback } = memberOf(name);
      if (value[name] === undefined && 'fallback' in memberOf(name)) {
        result[name] = fallback;
        continue;
      }
      const parsed = type.parse(value[name]);
      if (parsed.ok) result[name] = parsed.value;
      else issues.push(...refusals(name, type, value[name], parsed));
    }
    // Every member was just checked or given its fallback.
    return issues.length > 0
      ? { ok: false, nested: issues }
      : { ok: true, value: Object.freeze(result) as unknown as T };
  }
  return { expected, parse, schema: groupSchema(names, memberOf) };
}

/** Header names to values; values are not quoted in problems, since they are often keys. */
export const headersType: ValueType<Readonly<Record<string, string>>> = {
  expected: 'an object of header names and values',
  parse(value) {
    if (!isRecord(value)) return REFUSED;
    const nested = headerIssues(value as Record<string, string>, 'headers', 'headers').map((issue) => ({
      ...issue,
      path: issue.path.slice('headers'.length),
    }));
    if (nested.length > 0) return { ok: false, nested };
    return { ok: true, value: Object.freeze({ ...(value as Record<string, string>) }) };
  },
  // A header is often a key, and keys do not stand in files.
  schema: undefined,
};

/** `false`, `true`, a cache, a list of cache options, or an object of cache settings. */
export const cacheSettingType: ValueType<CacheSetting> = {
  expected: 'true, false, a cache, options of createShardedCache, or an object of its settings',
  parse(value) {
    if (value === false) return { ok: true, value: false };
    if (value === true) return { ok: true, value: Object.freeze([]) };
    if (isAnswerCache(value)) return { ok: true, value };
    if (Array.isArray(value)) return parseCacheOptions(value as readonly unknown[]);
    return isRecord(value) ? parseCacheOptions([option('cache', 'settings', value)]) : REFUSED;
  },
  schema: { oneOf: [{ type: 'boolean' }, settingsSchema(profileSchema(cacheScope))] },
};

function refusals(
  name: string,
  type: ValueType<unknown>,
  received: unknown,
  refusal: Extract<Parsed<unknown>, { ok: false }>,
): readonly ConfigIssue[] {
  if (refusal.nested !== undefined) {
    return refusal.nested.map((issue) => ({ ...issue, path: `${name}.${issue.path}` }));
  }
  const { suggestion } = refusal;
  return [{ path: name, expected: type.expected, received: printValue(received), setBy: name, suggestion }];
}

function parseCacheOptions(list: readonly unknown[]): Parsed<CacheSetting> {
  if (!list.every(isOption)) return REFUSED;
  try {
    // Their scope is among what resolve() checks.
    resolve(cacheScope, list as readonly Option<'cache', object>[]);
    return { ok: true, value: Object.freeze([...list]) };
  } catch (error) {
    if (isConfigError(error)) return { ok: false, nested: error.issues };
    throw error;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOption(value: unknown): value is AnyOption {
  return (
    isRecord(value) &&
    typeof value['scope'] === 'string' &&
    typeof value['label'] === 'string' &&
    isRecord(value['patch'])
  );
}

/** What a profile of the scope may hold under `settings`. */
function settingsSchema(profile: object): object {
  return (profile as { readonly properties: { readonly settings: object } }).properties.settings;
}

function groupSchema(names: readonly string[], memberOf: (name: string) => Member<unknown>): object {
  const schemas = names.map((name) => [name, memberOf(name).type.schema ?? {}] as const);
  const required = names.filter((name) => !('fallback' in memberOf(name)));
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(schemas), required };
}
