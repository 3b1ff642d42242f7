/** How the report writes numbers, for people. The same words on the terminal and on the page. */

/** 0.8731 as '87.3 %'. */
export function percent(share: number, digits = 1): string {
  return `${decimals(share * 100, digits)} %`;
}

/** 1234.567 as '1,234.6'. */
export function decimals(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** 12345 as '12,345'. */
export function count(value: number): string {
  return decimals(value, 0);
}

/** `'1 resize'`, `'2 resizes'`. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

/** Milliseconds with three significant digits where they matter: '0.042 ms', '3.14 ms', '1.2 s'. */
export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${decimals(ms / 1000, 1)} s`;
  if (ms >= 100) return `${decimals(ms, 0)} ms`;
  if (ms >= 1) return `${decimals(ms, 2)} ms`;
  return `${decimals(ms, 3)} ms`;
}

/** US dollars to a hundredth of a cent: the amounts of one run are small. */
export function dollars(usd: number): string {
  return `$${decimals(usd, 4)}`;
}

/** A quantile of so many samples; a dash without any. */
export function quantile(samples: number, ms: number): string {
  return samples === 0 ? '–' : milliseconds(ms);
}
