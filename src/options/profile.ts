/**
 * A profile is JSON: named settings of one scope with the evidence for them. It becomes the same data as every option,
 * in the preset layer, so that whatever is written in code wins over it.
 */
import type { ConfigIssue } from '../core/errors.js';
import type { Expansion } from './field.js';
import { printValue } from './option.js';
import { closest } from './suggest.js';
import type { Parsed, ValueType } from './value-type.js';

export interface Profile {
  readonly $schema?: string;
  readonly name: string;
  readonly scope: string;
  readonly description: string;
  /** Where the numbers come from: a guide section, a bench, a paper. */
  readonly evidence: string;
  /** A profile of the same scope whose settings come first. */
  readonly extends?: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

export type ProfileTable = ReadonlyMap<string, Profile>;

/** Profiles by name, frozen. */
export function profileTable(profiles: readonly Profile[]): ProfileTable {
  return new Map(
    profiles.map((profile) => {
      Object.freeze(profile.settings);
      return [profile.name, Object.freeze(profile)];
    }),
  );
}

/** The name of a known profile, in any case. */
export function profileName<N extends string>(table: ProfileTable): ValueType<N> {
  const names = [...table.keys()];
  return {
    expected: `one of ${names.map((name) => `'${name}'`).join(', ')}`,
    parse(value): Parsed<N> {
      if (typeof value !== 'string') return { ok: false };
      const name = value.toLowerCase();
      return table.has(name) ? { ok: true, value: name as N } : { ok: false, suggestion: closest(name, names) };
    },
    schema: { enum: names },
  };
}

/** The name of a known profile, a profile object, or its JSON text. */
export function profileReference(scope: string, table: ProfileTable): ValueType<Profile> {
  const byName = profileName<string>(table);
  const expected = `a profile of ${scope}: its name (${[...table.keys()].join(', ')}), its object or its JSON text`;
  function parse(value: unknown): Parsed<Profile> {
    if (isJsonText(value)) return parseText(value);
    if (typeof value === 'string') {
      const name = byName.parse(value);
      return name.ok ? { ok: true, value: table.get(name.value) as Profile } : name;
    }
    if (!isRecord(value)) return { ok: false };
    const nested = problemsOf(value, scope);
    // problemsOf() has looked at every key.
    return nested.length > 0 ? { ok: false, nested } : { ok: true, value: value as unknown as Profile };
  }
  function parseText(json: string): Parsed<Profile> {
    const value = parseJson(json);
    if (value !== undefined) return parse(value);
    const issue = { path: 'json', expected: 'JSON text', received: 'text that is not JSON', setBy: 'profile' };
    return { ok: false, nested: [issue] };
  }
  return { expected, parse, schema: byName.schema };
}

/** What a label may say of a profile: its name. Its text may hold a key, and stays out. */
export function profileLabel(profile: unknown): unknown {
  if (isJsonText(profile)) return profileLabel(parseJson(profile) ?? {});
  return isRecord(profile) && typeof profile['name'] === 'string' ? profile['name'] : profile;
}

/** Settings of a profile, those it extends first. An unknown `extends` comes back as the setting `profile`, to be refused by name. */
export function expandProfile(profile: Profile): Expansion {
  const settings = profile.extends === undefined ? {} : { profile: profile.extends };
  return { settings: { ...settings, ...profile.settings } };
}

type Check = readonly [expected: string, isRight: (value: unknown) => boolean];
const OPTIONAL_TEXT: Check = ['a string', (value) => value === undefined || typeof value === 'string'];

/** Everything wrong with a profile but its settings, which their own fields judge. */
function problemsOf(profile: Readonly<Record<string, unknown>>, scope: string): ConfigIssue[] {
  const setBy = typeof profile['name'] === 'string' ? `profile ${profile['name']}` : 'profile';
  const checks: Readonly<Record<keyof Profile, Check>> = {
    $schema: OPTIONAL_TEXT,
    name: ['the name of the profile, a string', (value) => typeof value === 'string' && value !== ''],
    scope: [`'${scope}'`, (value) => value === undefined || value === scope],
    description: OPTIONAL_TEXT,
    evidence: OPTIONAL_TEXT,
    extends: ['the name of a profile', (value) => value === undefined || typeof value === 'string'],
    settings: ['an object of settings', isRecord],
  };
  const wrong = Object.entries(checks).flatMap(([path, [expected, isRight]]) =>
    isRight(profile[path]) ? [] : [{ path, expected, received: printValue(profile[path]), setBy }],
  );
  const unknown = Object.keys(profile).filter((key) => !Object.hasOwn(checks, key));
  const strays = unknown.map((path) => {
    return {
      path,
      expected: 'a known key',
      received: 'an unknown one',
      setBy,
      suggestion: closest(path, Object.keys(checks)),
    };
  });
  const isTwofold =
    profile['extends'] !== undefined && isRecord(profile['settings']) && Object.hasOwn(profile['settings'], 'profile');
  const twofold = {
    path: 'settings.profile',
    expected: 'absent, since `extends` names the base',
    received: 'both',
    setBy,
  };
  return isTwofold ? [...wrong, ...strays, twofold] : [...wrong, ...strays];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isJsonText(value: unknown): value is string {
  return typeof value === 'string' && value.trimStart().startsWith('{');
}

/** Undefined for text that is no JSON. */
function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
