/** What withAlerts() takes, in every scope: which table, or thresholds over the guide's, and who is told. */
import type { Parsed, ValueType } from '../options/value-type.js';
import { type AlertThresholds, checkThresholds, overrideThresholds } from './alert-thresholds.js';
import type { Alert, AlertRule } from './alerts.js';

export interface AlertSettings {
  /** 'guide' (004), 'hub' (002, two levels), or thresholds of one's own over the guide's, by rule name. */
  readonly thresholds: 'guide' | 'hub' | AlertThresholds;
  readonly onAlert?: ((alert: Alert) => void) | undefined;
}

export interface AlertTables<Metric extends string> {
  readonly guide: readonly AlertRule<Metric>[];
  readonly hub: readonly AlertRule<Metric>[];
}

/** Accepts AlertSettings, and from JSON the bare thresholds. */
export function alertSettingsType<Metric extends string>(tables: AlertTables<Metric>): ValueType<AlertSettings> {
  const names = tables.guide.map((rule) => rule.name);
  return {
    expected: `'guide', 'hub', or thresholds by name (${names.join(', ')}), and an optional listener`,
    parse: (value) => (isSettings(value) ? parseSettings(value, tables) : parseSettings({ thresholds: value }, tables)),
    schema: {
      oneOf: [
        { enum: ['guide', 'hub'] },
        {
          type: 'object',
          additionalProperties: false,
          properties: Object.fromEntries(names.map((name) => [name, { type: 'number', minimum: 0 }])),
        },
      ],
    },
  };
}

/** The rules that the settings ask for. */
export function alertRules<Metric extends string>(
  settings: AlertSettings,
  tables: AlertTables<Metric>,
): readonly AlertRule<Metric>[] {
  if (settings.thresholds === 'guide') return tables.guide;
  if (settings.thresholds === 'hub') return tables.hub;
  return overrideThresholds(tables.guide, settings.thresholds);
}

function isSettings(value: unknown): value is Record<keyof AlertSettings, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'thresholds');
}

function parseSettings<Metric extends string>(
  value: { readonly thresholds: unknown; readonly onAlert?: unknown },
  tables: AlertTables<Metric>,
): Parsed<AlertSettings> {
  const { onAlert } = value;
  const thresholds = typeof value.thresholds === 'string' ? value.thresholds.toLowerCase() : value.thresholds;
  if (onAlert !== undefined && typeof onAlert !== 'function') return { ok: false };
  const settings = { thresholds, onAlert } as AlertSettings;
  if (thresholds === 'guide' || thresholds === 'hub') return { ok: true, value: settings };
  if (typeof thresholds !== 'object' || thresholds === null || Array.isArray(thresholds)) return { ok: false };
  const nested = checkThresholds(tables.guide, thresholds as Record<string, unknown>, 'thresholds');
  return nested.length === 0 ? { ok: true, value: settings } : { ok: false, nested };
}
