/**
 * Alerts: figures held against thresholds, raised once and cleared once. It keeps which alerts stand, not the figures.
 * Invariant: an alert's level only rises between its raising and its clearing, so an episode tells at most three times.
 */
import { formatBytes, formatDuration } from '../core/units.js';
import { percent } from './wording.js';

export interface Alert {
  readonly name: string;
  readonly level: 'warning' | 'critical';
  readonly value: number;
  readonly threshold: number;
  readonly message: string;
}

export type FigureUnit = 'fraction' | 'milliseconds' | 'bytes' | 'dollars';

/** A row of an alert table. `Metric` names the figures of its scope. */
export interface AlertRule<Metric extends string = string> {
  /** Unique in its table; the key of a threshold of one's own. */
  readonly name: string;
  readonly metric: Metric;
  /** The side of the threshold that is bad. The threshold itself is good. */
  readonly direction: 'above' | 'below';
  /** In the unit of the figure. */
  readonly warning: number;
  /** Worse than `warning`; absent in tables of one level. */
  readonly critical?: number;
  /** Samples the figure needs to be judged at all. */
  readonly minSamples: number;
  readonly unit: FigureUnit;
  /** What the figure is called in a message: 'hit ratio'. */
  readonly subject: string;
}

/** A value, and how many samples it rests on. */
export interface Figure {
  readonly value: number;
  readonly samples: number;
}
/** Figures by name; one that cannot be told now is absent. */
export type Figures<Metric extends string = string> = { readonly [K in Metric]?: Figure | undefined };

export interface AlertListeners {
  /** Raised, or risen from warning to critical. Errors it throws are contained and counted. */
  readonly onAlert?: ((alert: Alert) => void) | undefined;
  /** Cleared: the value is the healthy one, level and threshold are those last told. */
  readonly onClear?: ((alert: Alert) => void) | undefined;
}

export interface AlertWatch<Metric extends string = string> {
  /** Judges every rule. A figure that is absent, or rests on too few samples, leaves its alert as it was. */
  evaluate(figures: Figures<Metric>): void;
  /** Alerts that stand, as last told, in the order of the table. */
  active(): readonly Alert[];
  /** Errors of listeners that were contained. */
  readonly containedErrors: number;
}

export function createAlertWatch<Metric extends string>(
  rules: readonly AlertRule<Metric>[],
  listeners: AlertListeners = {},
): AlertWatch<Metric> {
  const standing = new Map<string, Alert>();
  let containedErrors = 0;

  function tell(listener: ((alert: Alert) => void) | undefined, alert: Alert): void {
    try {
      listener?.(alert);
    } catch {
      containedErrors++;
    }
  }
  function judge(rule: AlertRule<Metric>, value: number): void {
    const old = standing.get(rule.name);
    const level = levelOf(rule, value);
    if (level === undefined) {
      if (old === undefined) return;
      standing.delete(rule.name);
      tell(listeners.onClear, Object.freeze({ ...old, value, message: clearedMessage(rule, old, value) }));
    } else if (old === undefined || (old.level === 'warning' && level === 'critical')) {
      const alert = alertOf(rule, level, value);
      standing.set(rule.name, alert);
      tell(listeners.onAlert, alert);
    }
  }

  return {
    evaluate(figures) {
      for (const rule of rules) {
        const figure: Figure | undefined = figures[rule.metric];
        if (figure === undefined || Number.isNaN(figure.value) || figure.samples < rule.minSamples) continue;
        judge(rule, figure.value);
      }
    },
    active: () => rules.flatMap((rule) => standing.get(rule.name) ?? []),
    get containedErrors() {
      return containedErrors;
    },
  };
}

function levelOf(rule: AlertRule, value: number): Alert['level'] | undefined {
  const isBeyond = (threshold: number): boolean => (rule.direction === 'above' ? value > threshold : value < threshold);
  if (rule.critical !== undefined && isBeyond(rule.critical)) return 'critical';
  return isBeyond(rule.warning) ? 'warning' : undefined;
}

function alertOf(rule: AlertRule, level: Alert['level'], value: number): Alert {
  const threshold = level === 'critical' && rule.critical !== undefined ? rule.critical : rule.warning;
  const message = `${rule.subject} is ${spell(rule, value)}, ${rule.direction} ${spell(rule, threshold)}`;
  return Object.freeze({ name: rule.name, level, value, threshold, message });
}

function clearedMessage(rule: AlertRule, old: Alert, value: number): string {
  return `${rule.subject} is ${spell(rule, value)}, no longer ${rule.direction} ${spell(rule, rule.warning)} (was ${old.level})`;
}

function spell(rule: AlertRule, value: number): string {
  switch (rule.unit) {
    case 'fraction':
      return percent(value);
    case 'milliseconds':
      return formatDuration(value);
    case 'bytes':
      return formatBytes(value);
    case 'dollars':
      return `$${value.toFixed(4)}`;
  }
}
