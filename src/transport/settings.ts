/**
 * The settings of a transport: what they are, which values are legal, and a fingerprint that says when two clients may
 * share connections. The named sets (profiles/transport/*.json) are data; they are read in profiles/.
 */
import { createHash } from 'node:crypto';
import { ConfigError, type ConfigIssue } from '../core/errors.js';
import { parseDuration } from '../core/units.js';

export interface TransportSettings {
  /** Opening a TCP connection. 1 ms..10 min. */
  readonly connectTimeoutMs: number;
  /** Added to the above for https: connection and handshake together must fit the sum. 1 ms..10 min. */
  readonly tlsTimeoutMs: number;
  /** Calls that carry no answer: prewarm, and the wait for running requests in close(). 1 ms..10 min. */
  readonly controlTimeoutMs: number;
  /** Connections that work at once for one origin; further requests wait their turn. 1..10,000. */
  readonly maxConnectionsPerOrigin: number;
  /** The same over all origins that share these settings. 1..100,000. */
  readonly maxConnections: number;
  /** An idle connection is kept this long, unless the server asks for less. 1 ms..10 min. */
  readonly keepAliveTimeoutMs: number;
  /** Quiet time before the first TCP keep-alive probe. 1 ms..1 day. */
  readonly tcpKeepAliveDelayMs: number;
  readonly minTlsVersion: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL names, separated by colons, as `tls.connect` takes them. Absent: Node's own list. */
  readonly ciphers?: string;
  /** Certificates (PEM) to trust instead of the built-in ones, for servers behind a private authority. */
  readonly ca?: string;
  /** Speaks HTTP/2 to https servers that can: requests then share connections. Default: false, HTTP/1.1. */
  readonly http2?: boolean;
  /** Connections that are held open ahead of need, from the start. 0..1,000. Default: 0. */
  readonly prewarm?: number;
  /** How long connections wait for another client after the last one was closed. 0..10 min. Default: 0, they close. */
  readonly lingerMs?: number;
}

interface Check {
  readonly expected: string;
  parse(value: unknown): unknown;
  /** JSON Schema. */
  readonly schema: object;
}

const TEN_MINUTES = 600_000;
const CHECKS: Readonly<Record<keyof TransportSettings, Check>> = {
  connectTimeoutMs: duration(TEN_MINUTES, 1),
  tlsTimeoutMs: duration(TEN_MINUTES, 1),
  controlTimeoutMs: duration(TEN_MINUTES, 1),
  maxConnectionsPerOrigin: integer(10_000, 1),
  maxConnections: integer(100_000, 1),
  keepAliveTimeoutMs: duration(TEN_MINUTES, 1),
  tcpKeepAliveDelayMs: duration(86_400_000, 1),
  minTlsVersion: {
    expected: "'TLSv1.2' or 'TLSv1.3'",
    parse: (value) => (value === 'TLSv1.2' || value === 'TLSv1.3' ? value : undefined),
    schema: { enum: ['TLSv1.2', 'TLSv1.3'] },
  },
  ciphers: text('a list of cipher names'),
  ca: text('certificates in PEM'),
  http2: {
    expected: 'true or false',
    parse: (value) => (typeof value === 'boolean' ? value : undefined),
    schema: { type: 'boolean' },
  },
  prewarm: integer(1000, 0),
  lingerMs: duration(TEN_MINUTES, 0),
};
const OPTIONAL: ReadonlySet<string> = new Set(['ciphers', 'ca', 'http2', 'prewarm', 'lingerMs']);

/** JSON Schema of each setting, by name. */
export const transportSchemas: Readonly<Record<string, object>> = Object.freeze(
  Object.fromEntries(Object.entries(CHECKS).map(([name, { schema }]) => [name, schema])),
);

/**
 * Checked, frozen settings from data; durations may be strings like '30s'. Throws one ConfigError that lists every
 * missing, unknown or illegal field.
 */
export function parseTransportSettings(value: unknown, path: string, setBy: string): TransportSettings {
  const settings: Record<string, unknown> = {};
  const issues: ConfigIssue[] = [];
  const given: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  for (const [name, check] of Object.entries(CHECKS)) {
    const received = Object.hasOwn(given, name) ? given[name] : undefined;
    if (received === undefined && OPTIONAL.has(name)) continue;
    const parsed = check.parse(received);
    if (parsed !== undefined) settings[name] = parsed;
    else issues.push({ path: `${path}.${name}`, expected: check.expected, received: print(received), setBy });
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(CHECKS, name)) {
      issues.push({ path: `${path}.${name}`, expected: 'a known transport setting', received: print(name), setBy });
    }
  }
  if (issues.length > 0) throw new ConfigError('transport settings', issues);
  // Every field of the interface was just checked or found absent.
  return Object.freeze(settings) as unknown as TransportSettings;
}

/** Equal for equal settings and proxy, whatever their order; a digest, since a proxy URL may hold a password. */
export function transportFingerprint(settings: TransportSettings, httpProxy: string | undefined): string {
  const fields = Object.entries({ ...settings, httpProxy }).sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

function duration(maxMs: number, minMs: number): Check {
  return {
    expected: `a duration from ${minMs} ms to ${maxMs} ms`,
    parse(value) {
      const ms = parseDuration(value);
      return ms !== undefined && ms >= minMs && ms <= maxMs ? ms : undefined;
    },
    schema: { type: ['number', 'string'] },
  };
}
function integer(max: number, min: number): Check {
  return {
    expected: `a whole number from ${min} to ${max}`,
    parse: (value) => (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max ? value : undefined),
    schema: { type: 'integer', minimum: min, maximum: max },
  };
}
function text(expected: string): Check {
  return {
    expected,
    parse: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
    schema: { type: 'string', minLength: 1 },
  };
}
function print(value: unknown): string {
  return typeof value === 'string'
    ? JSON.stringify(value.slice(0, 60))
    : typeof value === 'number'
      ? String(value)
      : typeof value;
}
