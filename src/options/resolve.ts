/**
 * Turns a list of options into one frozen config, reporting every problem at once, and keeps the story of each value.
 * Invariant: `config` holds exactly the fields of the scope, each one checked.
 */
import { ConfigError, type ConfigIssue } from '../core/errors.js';
import { type Change, type Explained, explainSettings } from './explain.js';
import type { Fields, OptionScope, Settled } from './field.js';
import { dropRivals, fieldOf, flatten, rank, type Setting, type Settings } from './layers.js';
import { type Option, option } from './option.js';

export interface Resolved<C extends object> {
  /** The settings in force. Frozen; tune() replaces it. */
  readonly config: Readonly<C>;
  /** Every field with its value, who set it, what was shadowed, and later changes. */
  explain(): readonly Explained[];
  /** True when the value in force was set explicitly, not by a preset or by default; tune() counts. */
  isExplicit(key: keyof C & string): boolean;
  /** The config with one call's settings on top; checked. Throws ConfigError. */
  withCall(patch: Partial<C>, setBy: string): Readonly<C>;
  /** Changes live fields. Throws ConfigError, then nothing has changed. Returns the keys whose value is new. */
  tune(patch: Partial<C>, setBy: string, atMs: number): readonly (keyof C & string)[];
  /** Lets go of a value that has been used up: it reads undefined from now on, and explain() still names who set it. */
  release(key: keyof C & string): void;
}

/** Changes kept for explain(): an auto-tuner may run for years. */
const MAX_CHANGES = 1000;

/** Throws one ConfigError with every problem of `options`. O(options x fields). */
export function resolve<S extends string, C extends object>(
  scope: OptionScope<S, C>,
  options: readonly Option<S, object>[],
): Resolved<C> {
  const issues: ConfigIssue[] = [];
  let settings: readonly Setting[] = flatten(scope, options, 'explicit', issues);
  let state = settle(scope, settings, issues);
  throwIfAny(`${scope.name} options`, issues);
  const changes: Change[] = [];

  return {
    get config() {
      return state.config;
    },
    explain: () => explainSettings(scope, state.config, state.byKey, state.notes, changes),
    isExplicit: (key) => isExplicitly(state.byKey, key),
    withCall(patch, setBy) {
      const problems: ConfigIssue[] = [];
      const call = flatten(scope, [option(scope.name, setBy, patch)], 'call', problems);
      const merged = settle(scope, [...settings, ...call], problems);
      throwIfAny(`${scope.name} settings of this call`, problems);
      return merged.config;
    },
    tune(patch, setBy, atMs) {
      const problems: ConfigIssue[] = [];
      const tuned = flatten(scope, [option(scope.name, setBy, patch)], 'tune', problems);
      for (const setting of tuned) {
        if (fieldOf(scope, setting.key)?.live !== true) problems.push(notLive(scope.fields, setting));
      }
      const merged = [...settings.filter((old) => !replaces(tuned, old)), ...tuned];
      const next = settle(scope, merged, problems);
      throwIfAny(`${scope.name} tune()`, problems);
      const changed = (Object.keys(scope.fields) as (keyof C & string)[]).filter(
        (key) => !Object.is(next.config[key], state.config[key]),
      );
      for (const key of changed) changes.push({ key, value: next.config[key], setBy, atMs });
      changes.splice(0, changes.length - MAX_CHANGES);
      settings = merged;
      state = next;
      return changed;
    },
    release(key) {
      settings = settings.map((setting) => (setting.key === key ? { ...setting, value: undefined } : setting));
      state = settle(scope, settings, []);
    },
  };
}

interface State<C> {
  readonly config: Readonly<C>;
  readonly byKey: Settings;
  readonly notes: ReadonlyMap<string, string>;
}

function settle<C extends object>(
  scope: OptionScope<string, C>,
  settings: readonly Setting[],
  issues: ConfigIssue[],
): State<C> {
  const byKey = rank(settings);
  dropRivals(scope, byKey, issues);
  const draft: Record<string, unknown> = {};
  for (const key of Object.keys(scope.fields)) {
    const winner = byKey.get(key)?.at(-1);
    draft[key] = winner === undefined ? fieldOf(scope, key)?.fallback : winner.value;
  }
  const notes = new Map<string, string>();
  const derived = scope.settle?.(draft as C, {
    isSet: (key) => byKey.has(key as string),
    isExplicit: (key) => isExplicitly(byKey, key as string),
    report: (issue) => issues.push({ ...issue, setBy: byKey.get(issue.path)?.at(-1)?.setBy ?? 'default' }),
  });
  for (const [key, settled] of Object.entries(derived ?? {}) as [string, Settled<unknown>][]) {
    draft[key] = settled.value;
    notes.set(key, settled.note);
  }
  return { config: Object.freeze(draft) as C, byKey, notes };
}

function isExplicitly(byKey: Settings, key: string): boolean {
  return (byKey.get(key)?.at(-1)?.layer ?? 'preset') !== 'preset';
}

function replaces(tuned: readonly Setting[], old: Setting): boolean {
  return old.layer === 'tune' && tuned.some((setting) => setting.key === old.key);
}

function notLive(fields: Fields<object>, setting: Setting): ConfigIssue {
  const live = Object.entries(fields)
    .filter(([, field]) => (field as { live?: boolean }).live === true)
    .map(([key]) => key);
  return {
    path: setting.key,
    expected: `a field that can change while running (${live.join(', ')})`,
    received: 'one fixed at creation',
    setBy: setting.setBy,
  };
}

function throwIfAny(subject: string, issues: readonly ConfigIssue[]): void {
  if (issues.length > 0) throw new ConfigError(subject, issues);
}
