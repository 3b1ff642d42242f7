/** A capacity as people write it for a replay: entries, or a share of the trace's distinct keys. */
import { ConfigError } from '../core/errors.js';
import { printValue } from '../options/option.js';

/**
 * Entries meant by `value`: `500` as it stands, `'10%'` as that share of `uniqueKeys`, rounded, at least 1.
 * Throws ConfigError for anything but a whole number from 1 or a percentage above 0 and up to 100.
 */
export function resolveCapacity(value: number | string, uniqueKeys: number, setBy: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(value).trim());
  const amount = Number(match?.[1]);
  if (match?.[2] === '%' && amount > 0 && amount <= 100) return Math.max(1, Math.round((uniqueKeys * amount) / 100));
  if (match?.[2] === '' && Number.isSafeInteger(amount) && amount > 0) return amount;
  throw new ConfigError('replay', [
    {
      path: 'capacity',
      expected: "a number of entries, or a share of the keys like '10%'",
      received: printValue(value),
      setBy,
    },
  ]);
}
