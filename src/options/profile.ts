/**
 * A profile is JSON: named settings of one scope with the evidence for them. It becomes the same data as every option,
 * in the preset layer, so that whatever is written in code wins over it.
 */
import type { Expansion } from './field.js';
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

export function profileTable(profiles: readonly Profile[]): ProfileTable {
  return new Map(profiles.map((profile) => [profile.name, Object.freeze(profile)]));
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
    if (typeof value === 'string' && value.trimStart().startsWith('{')) return parse(parseJson(value));
    if (typeof value === 'string') {
      const name = byName.parse(value);
      return name.ok ? { ok: true, value: table.get(name.value) as Profile } : name;
    }
    return isProfile(value, scope) ? { ok: true, value } : { ok: false };
  }
  return { expected, parse, schema: byName.schema };
}

/** Settings of a profile, those it extends first. An unknown `extends` comes back as the setting `profile`, to be refused by name. */
export function expandProfile(profile: Profile): Expansion {
  const settings = profile.extends === undefined ? {} : { profile: profile.extends };
  return { settings: { ...settings, ...profile.settings } };
}

function isProfile(value: unknown, scope: string): value is Profile {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { name, settings, scope: own, extends: base } = value as Partial<Record<keyof Profile, unknown>>;
  return (
    typeof name === 'string' &&
    typeof settings === 'object' &&
    settings !== null &&
    (own === undefined || own === scope) &&
    (base === undefined || typeof base === 'string')
  );
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
