/** The story of every setting: its value, who set it, what that shadowed, what changed later. Secrets stay hidden. */
import { REDACTED } from '../core/secret.js';
import type { OptionScope } from './field.js';
import { fieldOf, type Settings } from './layers.js';
import { printValue } from './option.js';

/** One change made while running, by a person or by the auto-tuner. */
export interface Change {
  readonly key: string;
  readonly value: unknown;
  readonly setBy: string;
  /** Milliseconds since the Unix epoch. */
  readonly atMs: number;
}

export interface Explained {
  readonly key: string;
  /** The value in force; `'***'` for secrets, the name for a profile. */
  readonly value: unknown;
  /** The option in force, or 'default'. */
  readonly setBy: string;
  /** What the value in force replaced, weakest first. */
  readonly shadowed: readonly { readonly value: unknown; readonly setBy: string }[];
  /** Changes by tune() and the auto-tuner, oldest first, at most 1,000. */
  readonly changes: readonly Omit<Change, 'key'>[];
  /** Why the value differs from what was set, when it does: "rounded up to a power of two". */
  readonly note: string | undefined;
}

export function explainSettings<C extends object>(
  scope: OptionScope<string, C>,
  config: Readonly<C>,
  byKey: Settings,
  notes: ReadonlyMap<string, string>,
  changes: readonly Change[],
): readonly Explained[] {
  return Object.keys(scope.fields).map((key) => {
    const secret = fieldOf(scope, key)?.secret === true;
    // What stands for other settings is shown by its name: each of them has its own row, and may be a secret.
    const isExpanded = fieldOf(scope, key)?.expand !== undefined;
    const hide = (value: unknown): unknown =>
      secret && value !== undefined ? REDACTED : isExpanded ? (nameOf(value) ?? value) : value;
    const history = byKey.get(key) ?? [];
    return {
      key,
      value: hide(config[key as keyof C]),
      setBy: history.at(-1)?.setBy ?? 'default',
      shadowed: history.slice(0, -1).map((setting) => ({ value: hide(setting.value), setBy: setting.setBy })),
      changes: changes
        .filter((change) => change.key === key)
        .map(({ value, setBy, atMs }) => ({ value: hide(value), setBy, atMs })),
      note: notes.get(key),
    };
  });
}

function nameOf(value: unknown): unknown {
  return (value as { readonly name?: unknown } | null | undefined)?.name;
}

/** explain() as lines for a terminal; by default only what is not a default. */
export function formatExplanation(
  rows: readonly Explained[],
  { all = false }: { readonly all?: boolean } = {},
): string {
  return rows
    .filter((row) => all || row.setBy !== 'default' || row.changes.length > 0)
    .map((row) => {
      const shadowed = row.shadowed.length === 0 ? '' : `, over ${row.shadowed.map((old) => old.setBy).join(', ')}`;
      const note = row.note === undefined ? '' : ` (${row.note})`;
      return `${row.key} = ${printValue(row.value)}${note}  [${row.setBy}${shadowed}]`;
    })
    .join('\n');
}
