/** Durations and sizes as people write them. Parsing only: ranges belong to the option that takes the value. */

/** Milliseconds, or a number with a unit: `'250ms' '30s' '5m' '1h' '24h' '7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;
/** Bytes, or a number with a unit: `'512B' '64KiB' '64MiB' '1GiB'` (powers of 1024), `'1kB' '10MB' '1GB'` (powers of 1000). */
export type ByteSize = number | `${number}${'B' | 'KiB' | 'MiB' | 'GiB' | 'TiB' | 'kB' | 'KB' | 'MB' | 'GB' | 'TB'}`;

const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ['b', 1],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
  ['tib', 2 ** 40],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
]);

/** Milliseconds of a duration, or undefined when it is not one. A number passes through, also when out of any range. */
export function parseDuration(value: unknown): number | undefined {
  return parseQuantity(value, DURATION_UNITS);
}

/** Bytes of a size, rounded, or undefined when it is not one. */
export function parseByteSize(value: unknown): number | undefined {
  const bytes = parseQuantity(value, SIZE_UNITS);
  return bytes === undefined ? undefined : Math.round(bytes);
}

/** `90_000` as `'1m 30s'`, for people. */
export function formatDuration(ms: number): string {
  // Rounded before the unit is chosen, so that no part reads 60 s or 1000 ms.
  const us = Math.round(ms * 1000);
  if (us < 1000) return us === 0 ? '0ms' : `${us}us`;
  const rounded = round(ms);
  if (rounded < 1000) return `${rounded}ms`;
  const seconds = round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return join(seconds, 60, 'm', 's');
  const minutes = round(ms / 60_000);
  if (minutes < 1440) return join(minutes, 60, 'h', 'm');
  return join(round(ms / 3_600_000), 24, 'd', 'h');
}

/** `67_108_864` as `'64 MiB'`, for people. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let amount = bytes;
  while (round(amount) >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return `${round(amount)} ${units[unit]}`;
}

function parseQuantity(value: unknown, units: ReadonlyMap<string, number>): number | undefined {
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value;
  if (typeof value !== 'string') return undefined;
  const match = /^\s*(-?\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*$/.exec(value);
  const factor = units.get(match?.[2]?.toLowerCase() ?? '');
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor;
}

/** To one decimal place. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
/** `small` units of which `size` make a big one: `join(90, 60, 'm', 's')` is `'1m 30s'`. */
function join(small: number, size: number, bigUnit: string, smallUnit: string): string {
  const big = Math.floor(small / size);
  const rest = round(small - big * size);
  return rest === 0 ? `${big}${bigUnit}` : `${big}${bigUnit} ${rest}${smallUnit}`;
}
