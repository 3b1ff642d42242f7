/** How figures and settings are spelled in findings, alerts and decisions. Text only; no thresholds. */

const UNITS: readonly (readonly [suffix: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** `0.4213` as `'42.1 %'`. */
export function percent(fraction: number): string {
  return `${Math.round(fraction * 1000) / 10} %`;
}

/** A duration as it is pasted into an option: `'10m'` with its quotes, or the plain number of milliseconds. */
export function durationLiteral(ms: number): string {
  const unit = UNITS.find(([, unitMs]) => ms >= unitMs && ms % unitMs === 0);
  return unit === undefined ? String(ms) : `'${ms / unit[1]}${unit[0]}'`;
}
