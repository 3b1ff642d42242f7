/**
 * What a server's headers say about trying again (RFC 9110 §10.2.3, and the two hints of the OpenAI API). Parsing
 * only: whoever waits clamps the value, and reads it on errors only, since some vendors send it with a 200.
 */

/** By lower-case name. */
type Headers = Readonly<Record<string, string>>;

// IMF-fixdate and the obsolete RFC 850 form; then the obsolete asctime form, which names no zone and means GMT.
const HTTP_DATE = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME_DATE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/**
 * Milliseconds the server asks to wait: `retry-after-ms`, else `retry-after` in seconds or as a date against `wallMs`
 * (Unix epoch). Undefined when absent, negative, past or garbage.
 */
export function parseRetryAfterMs(headers: Headers, wallMs: number): number | undefined {
  const ms = parseAmount(headers['retry-after-ms']);
  if (ms !== undefined) return ms;
  const value = headers['retry-after']?.trim();
  const seconds = parseAmount(value);
  if (seconds !== undefined) return seconds * 1000;
  const waitMs = parseHttpDate(value) - wallMs;
  return waitMs >= 0 ? waitMs : undefined;
}

/** The server's own word on whether a retry can help; it outranks the status. Undefined when it says nothing. */
export function parseShouldRetry(headers: Headers): boolean | undefined {
  const value = headers['x-should-retry']?.trim().toLowerCase();
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

function parseAmount(value: string | undefined): number | undefined {
  if (value === undefined || !/^\s*\d{1,15}(\.\d{1,15})?\s*$/.test(value)) return undefined;
  return Number(value);
}

function parseHttpDate(value: string | undefined): number {
  if (value === undefined) return Number.NaN;
  if (HTTP_DATE.test(value)) return Date.parse(value);
  return ASCTIME_DATE.test(value) ? Date.parse(`${value} GMT`) : Number.NaN;
}
