/**
 * An option is a frozen record, never a closure: it can be compared, printed, serialised and explained.
 * Checking its values is not its job: resolve() does that, for all options at once.
 */

export interface Option<out S extends string, out P extends object> {
  /** The factory family that accepts it: 'cache', 'llm'. */
  readonly scope: S;
  /** How the caller spelled it; quoted by errors and by explain(). */
  readonly label: string;
  /** The keys it sets. Empty for a bundle. */
  readonly patch: P;
  /** Set for bundles only. */
  readonly parts?: readonly Option<S, object>[];
}

export type AnyOption = Option<string, object>;
type PatchOf<O> = O extends Option<string, infer P> ? P : never;
type ScopeOf<O> = O extends Option<infer S, object> ? S : never;

/** One option of one scope. Takes a copy of `patch`, which stays its owner's; what is no object is left to be refused. */
export function option<const S extends string, P extends object>(scope: S, label: string, patch: P): Option<S, P> {
  return Object.freeze({ scope, label, patch: Object.freeze(isObject(patch) ? { ...patch } : patch) });
}

/** True for what option() and compose() make, or a record of the same shape. */
export function isOption(value: unknown): value is AnyOption {
  if (!isObject(value)) return false;
  const { scope, label, patch, parts } = value as Partial<Record<keyof AnyOption, unknown>>;
  const isBundle = parts === undefined || Array.isArray(parts);
  return typeof scope === 'string' && typeof label === 'string' && isObject(patch) && isBundle;
}

/** Bundles options under a name. The parts count as explicit, at the place of the bundle; later wins. */
export function compose<const T extends readonly AnyOption[]>(
  label: string,
  ...parts: T
): Option<ScopeOf<T[number]>, PatchOf<T[number]>> {
  const scope = (parts[0]?.scope ?? 'none') as ScopeOf<T[number]>;
  // The patch of a bundle is empty; its type stands for what the parts set together.
  return Object.freeze({ scope, label, patch: {} as PatchOf<T[number]>, parts: Object.freeze([...parts]) as never });
}

/** `withTTL('5m')`: the label of an option from its name and what it was given. Long or opaque values are cut. */
export function labelOf(name: string, ...values: readonly unknown[]): string {
  return `${name}(${values.map(printValue).join(', ')})`;
}

/** A value as a person would write it, at most 60 characters; functions and instances by their kind. */
export function printValue(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `'${value.slice(0, 57)}...'` : `'${value}'`;
  if (typeof value === 'function') return 'fn';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.length} items]`;
  return Object.getPrototypeOf(value) === Object.prototype ? '{...}' : 'instance';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
