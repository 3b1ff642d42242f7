/** Thresholds of one's own over an alert table: checked by name and range, then laid over it. */
import type { ConfigIssue } from '../core/errors.js';
import { printValue } from '../options/option.js';
import { closest } from '../options/suggest.js';
import type { AlertRule } from './alerts.js';

/** By rule name, in the unit of its figure: a fraction, milliseconds, bytes or dollars. */
export type AlertThresholds = Readonly<Record<string, number>>;

/** Every problem of `thresholds`, empty when there is none; paths are the names, without a prefix. */
export function checkThresholds(
  rules: readonly AlertRule[],
  thresholds: Readonly<Record<string, unknown>>,
  setBy: string,
): ConfigIssue[] {
  return Object.entries(thresholds).flatMap(([name, value]): ConfigIssue[] => {
    const rule = rules.find((candidate) => candidate.name === name);
    if (rule === undefined) return [unknownName(rules, name, setBy)];
    const most = rule.unit === 'fraction' && rule.direction === 'below' ? 1 : Number.MAX_VALUE;
    if (typeof value === 'number' && value >= 0 && value <= most) return [];
    const expected = most === 1 ? 'a fraction from 0 to 1' : `a finite number, 0 or more (${rule.unit})`;
    return [{ path: name, expected, received: printValue(value), setBy }];
  });
}

/** The table with these thresholds as its warning levels; for tables of one level, such as the guide's. */
export function overrideThresholds<Metric extends string>(
  rules: readonly AlertRule<Metric>[],
  thresholds: AlertThresholds,
): readonly AlertRule<Metric>[] {
  return rules.map((rule) => {
    const warning = Object.hasOwn(thresholds, rule.name) ? thresholds[rule.name] : undefined;
    return warning === undefined ? rule : Object.freeze({ ...rule, warning });
  });
}

function unknownName(rules: readonly AlertRule[], name: string, setBy: string): ConfigIssue {
  const names = rules.map((rule) => rule.name);
  const suggestion = closest(name, names);
  const issue = { path: name, expected: `one of ${names.join(', ')}`, received: 'an unknown name', setBy };
  return suggestion === undefined ? issue : { ...issue, suggestion };
}
