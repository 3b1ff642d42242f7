/**
 * Refuses headers that could break a request apart or leak, when they are configured rather than when they are sent:
 * the errors of HTTP clients quote the value, and the value is often a key. Ours never does.
 */
import { ConfigError, type ConfigIssue } from '../core/errors.js';
import { REDACTED } from '../core/secret.js';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// Visible Latin-1, spaces and tabs (RFC 9110 §5.5): no line ends, no NUL, nothing that needs more than a byte.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Every header that cannot be sent, as a configuration problem below `path`; values are never quoted. O(bytes). */
export function headerIssues(headers: Readonly<Record<string, string>>, path: string, setBy: string): ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const at = `${path}[${JSON.stringify(name.slice(0, 60))}]`;
    if (!NAME.test(name)) {
      issues.push({
        path: at,
        expected: 'a header name of letters, digits and dashes',
        received: 'another name',
        setBy,
      });
    } else if (OWN_HEADERS.has(name.toLowerCase())) {
      issues.push({ path: at, expected: 'a header that the transport does not set itself', received: name, setBy });
    } else if (!isHeaderValue(value)) {
      issues.push({ path: at, expected: 'a value of Latin-1 characters without line ends', received: REDACTED, setBy });
    }
  }
  return issues;
}

/** Throws one ConfigError that lists every header which cannot be sent. */
export function assertHeaders(headers: Readonly<Record<string, string>>, path: string, setBy: string): void {
  const issues = headerIssues(headers, path, setBy);
  if (issues.length > 0) throw new ConfigError('headers', issues);
}

/** True when the value can stand in a header. */
export function isHeaderValue(value: unknown): value is string {
  return typeof value === 'string' && VALUE.test(value);
}
