/**
 * Flattens options into settings, each with its layer, its place and who set it, and collects every problem.
 * Order of layers: preset < explicit < call < tune; inside a layer the later place wins.
 */
import type { ConfigIssue } from '../core/errors.js';
import { REDACTED } from '../core/secret.js';
import type { Field, OptionScope } from './field.js';
import { type AnyOption, isOption, printValue } from './option.js';
import { closest } from './suggest.js';

export type Layer = 'preset' | 'explicit' | 'call' | 'tune';
const LAYER_RANK: Readonly<Record<Layer, number>> = { preset: 0, explicit: 1, call: 2, tune: 3 };
/** A profile may extend a profile; deeper than this is a circle. */
const MAX_EXPANSIONS = 8;

export interface Setting {
  readonly key: string;
  readonly value: unknown;
  readonly setBy: string;
  readonly layer: Layer;
}

/** Settings of each key, weakest first: the last one wins, the others are shadowed. */
export type Settings = ReadonlyMap<string, readonly Setting[]>;

export function flatten<C extends object>(
  scope: OptionScope<string, C>,
  options: readonly AnyOption[],
  layer: Layer,
  issues: ConfigIssue[],
): Setting[] {
  const settings: Setting[] = [];

  function walk(list: readonly AnyOption[], trail: string): void {
    for (const [index, entry] of list.entries()) {
      const name = labelOf(entry) ?? `option ${index + 1}`;
      const setBy = trail === '' ? name : `${trail} > ${name}`;
      if (!isOption(entry)) {
        const expected = `an option of ${scope.name}, made by a withX() function (plain settings go through withSettings)`;
        issues.push(issueOf(setBy, expected, printValue(entry), setBy));
        continue;
      }
      if (entry.scope !== scope.name && entry.scope !== 'none') {
        issues.push(issueOf(setBy, `an option of ${scope.name}`, `an option of ${entry.scope}`, setBy));
        continue;
      }
      if (entry.parts !== undefined) walk(entry.parts, setBy);
      apply(entry.patch, setBy, layer, 0);
    }
  }

  function apply(patch: object, setBy: string, into: Layer, depth: number): void {
    for (const [key, raw] of inOrder(patch, scope)) {
      const field = fieldOf(scope, key);
      if (field === undefined) {
        issues.push({ ...issueOf(key, 'a known setting', 'an unknown one', setBy), ...suggestion(key, scope) });
        continue;
      }
      const result = field.type.parse(raw);
      if (!result.ok) {
        issues.push(...refusal(key, field, raw, setBy, result.suggestion, result.nested));
        continue;
      }
      if (field.expand !== undefined && result.value !== undefined && result.value !== null) {
        if (depth >= MAX_EXPANSIONS) {
          issues.push(issueOf(key, 'profiles that do not extend each other in a circle', printValue(raw), setBy));
          continue;
        }
        apply(field.expand(result.value).settings, setBy, 'preset', depth + 1);
      }
      settings.push({ key, value: result.value, setBy, layer: into });
    }
  }

  walk(options, '');
  return settings;
}

/** Groups settings by key, weakest first; the keys stand in the order of their winners. Equal layers keep their order. */
export function rank(settings: readonly Setting[]): Map<string, Setting[]> {
  const byKey = new Map<string, Setting[]>();
  const ordered = settings.toSorted((a, b) => LAYER_RANK[a.layer] - LAYER_RANK[b.layer]);
  for (const setting of ordered) {
    const list = byKey.get(setting.key) ?? [];
    list.push(setting);
    byKey.delete(setting.key);
    byKey.set(setting.key, list);
  }
  return byKey;
}

/**
 * Rivals of one group: in one layer they are a problem, across layers the higher one replaces the lower,
 * in the preset layer the later one does.
 */
export function dropRivals<C extends object>(
  scope: OptionScope<string, C>,
  byKey: Map<string, Setting[]>,
  issues: ConfigIssue[],
): void {
  const groups = new Map<string, Setting[]>();
  for (const [key, list] of byKey) {
    const group = fieldOf(scope, key)?.group;
    const winner = list.at(-1);
    if (group === undefined || winner === undefined) continue;
    groups.set(group, [...(groups.get(group) ?? []), winner]);
  }
  for (const rivals of groups.values()) {
    const strongest = rivals.reduce((best, rival) =>
      LAYER_RANK[rival.layer] >= LAYER_RANK[best.layer] ? rival : best,
    );
    for (const rival of rivals) {
      if (rival === strongest) continue;
      if (rival.layer === strongest.layer && rival.layer !== 'preset') {
        const setBy = `${strongest.setBy} and ${rival.setBy}`;
        issues.push(issueOf(strongest.key, `either ${strongest.key} or ${rival.key}`, 'both', setBy));
      } else {
        byKey.delete(rival.key);
      }
    }
  }
}

export function fieldOf<C extends object>(scope: OptionScope<string, C>, key: string): Field<unknown> | undefined {
  // Own keys only: 'constructor' is not a setting.
  return Object.hasOwn(scope.fields, key) ? (scope.fields[key as keyof C] as Field<unknown>) : undefined;
}

/** What stands for other settings comes first, so that inside one profile its own settings win over those, in any order. */
function inOrder<C extends object>(patch: object, scope: OptionScope<string, C>): [string, unknown][] {
  const isExpanded = ([key]: [string, unknown]): boolean => fieldOf(scope, key)?.expand !== undefined;
  const entries = Object.entries(patch);
  return [...entries.filter(isExpanded), ...entries.filter((entry) => !isExpanded(entry))];
}

/** The label of an option, also of a malformed one. */
function labelOf(entry: unknown): string | undefined {
  const label = (entry as { readonly label?: unknown } | null | undefined)?.label;
  return typeof label === 'string' ? label : undefined;
}

function refusal(
  key: string,
  field: Field<unknown>,
  raw: unknown,
  setBy: string,
  hint: string | undefined,
  nested: readonly ConfigIssue[] | undefined,
): ConfigIssue[] {
  if (nested !== undefined) {
    return nested.map((issue) => ({
      ...issue,
      path: `${key}.${issue.path}`,
      received: field.secret === true ? REDACTED : issue.received,
      setBy: `${setBy} > ${issue.setBy}`,
    }));
  }
  const received = field.secret === true && raw !== undefined ? REDACTED : printValue(raw);
  const issue = issueOf(key, field.type.expected, received, setBy);
  return [hint === undefined || field.secret === true ? issue : { ...issue, suggestion: `'${hint}'` }];
}

function suggestion<C extends object>(key: string, scope: OptionScope<string, C>): { suggestion?: string } {
  const near = closest(key, Object.keys(scope.fields));
  return near === undefined ? {} : { suggestion: near };
}

function issueOf(path: string, expected: string, received: string, setBy: string): ConfigIssue {
  return { path, expected, received, setBy };
}
