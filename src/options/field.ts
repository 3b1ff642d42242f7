/**
 * A field is the single source for one setting: default, check, unit, documentation, secrecy, rivals, whether it is live.
 * From the tables of fields come validation, explain(), the JSON Schema, the option reference and the CLI flags.
 */
import type { ConfigIssue } from '../core/errors.js';
import type { ValueType } from './value-type.js';

export interface Field<T> {
  readonly type: ValueType<T>;
  /** Value when nobody sets the field. */
  readonly fallback: T;
  /** One sentence for people, with the unit. */
  readonly doc: string;
  /** The option that sets it, and its aliases: `withTTL`, `withDefaultTTL`. */
  readonly options: readonly string[];
  /** Never printed: keys, prompts. */
  readonly secret?: boolean;
  /** Two fields of one group exclude each other when both are explicit. */
  readonly group?: string;
  /** Can change through tune() while running. */
  readonly live?: boolean;
  /** A word that stands for other settings of the same scope (a profile): they join the preset layer. */
  readonly expand?: (value: NonNullable<T>) => Expansion;
}

export interface Expansion {
  readonly settings: Readonly<Record<string, unknown>>;
}

export type Fields<C extends object> = { readonly [K in keyof C]-?: Field<C[K]> };

/** Reports a problem that concerns several fields. `setBy` is looked up from `path`. */
export type ReportRule = (issue: Omit<ConfigIssue, 'setBy'>) => void;

export interface SettleContext<C> {
  /** True when somebody, in any layer, set the key. */
  isSet(key: keyof C): boolean;
  /** True when it was set explicitly, per call or by tune(): not by a preset. */
  isExplicit(key: keyof C): boolean;
  readonly report: ReportRule;
}

/** A value computed from others, and why. */
export interface Settled<T> {
  readonly value: T;
  readonly note: string;
}

export interface OptionScope<S extends string, C extends object> {
  readonly name: S;
  readonly fields: Fields<C>;
  /** Derived values and rules across fields. Pure: runs again after tune(). */
  readonly settle?: (draft: Readonly<C>, context: SettleContext<C>) => { readonly [K in keyof C]?: Settled<C[K]> };
}
