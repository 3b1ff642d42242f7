/** Options on connections: which set of settings, and what replaces parts of it. Checks stand in transport-type.ts. */
import { type AnyCase, milliseconds } from '../cache/storage-options.js';
import type { Duration } from '../core/units.js';
import { labelOf, type Option, option } from '../options/option.js';
import type { TransportProfileName } from '../profiles/transport.js';
import type { TransportChoice } from './config.js';

/** What is left out is the profile's. */
export interface TransportInput {
  /** Whose numbers hold where none is given here. Default 'optimized'. */
  readonly profile?: AnyCase<TransportProfileName>;
  /** Opening a TCP connection, 1 ms to 10 min; to a proxy where there is one. */
  readonly connectTimeout?: Duration;
  /** Added to it for https: connection and handshake together must fit the sum. 1 ms to 10 min. */
  readonly tlsTimeout?: Duration;
  /** Calls that carry no answer: prewarm, and how long close() waits for what runs. 1 ms to 10 min. */
  readonly controlTimeout?: Duration;
  /** Requests at work at once for one origin, over as many connections or, with HTTP/2, fewer. 1 to 10,000. */
  readonly maxConnectionsPerOrigin?: number;
  /** The same over all origins of equal settings, 1 to 100,000. */
  readonly maxConnections?: number;
  /** An idle connection is kept this long, unless the server asks for less. 1 ms to 10 min. */
  readonly keepAliveTimeout?: Duration;
  /** Quiet time before the first TCP keep-alive probe, 1 ms to 1 day. */
  readonly tcpKeepAliveDelay?: Duration;
  readonly minTlsVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** OpenSSL names separated by colons, the only ones offered. */
  readonly ciphers?: string;
  /** Certificates (PEM) to trust instead of the built-in ones, for servers behind a private authority. */
  readonly ca?: string;
  /** Speaks HTTP/2 to https servers that can. Default false. */
  readonly http2?: boolean;
  /** Connections held open ahead of need from the start, and opened again when the server closes them. 0 to 1,000. Default 0. */
  readonly prewarm?: number;
  /** How long connections wait for another client of equal settings after the last was closed. 0 to 10 min. Default 0. */
  readonly linger?: Duration;
}

const DURATIONS: Readonly<Record<string, keyof TransportChoice>> = {
  connectTimeout: 'connectTimeoutMs',
  tlsTimeout: 'tlsTimeoutMs',
  controlTimeout: 'controlTimeoutMs',
  keepAliveTimeout: 'keepAliveTimeoutMs',
  tcpKeepAliveDelay: 'tcpKeepAliveDelayMs',
  linger: 'lingerMs',
};

/**
 * Chooses a set of connection settings (profiles/transport) by name, or replaces some of its numbers. Clients of equal
 * settings share connections. Default: 'optimized'. Documents 000 and 001.
 */
export function withTransport(
  settings: AnyCase<TransportProfileName> | TransportInput,
): Option<'llm', { transport: TransportProfileName | TransportChoice }> {
  if (typeof settings === 'string') {
    return option('llm', labelOf('withTransport', settings), { transport: settings as TransportProfileName });
  }
  // The field checks the settings.
  return option('llm', 'withTransport({...})', { transport: transportChoice(settings) as TransportChoice });
}

/** What is no duration goes on as it came, for the field to refuse. */
function transportChoice(input: TransportInput): Readonly<Record<string, unknown>> {
  const choice: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const key = Object.hasOwn(DURATIONS, name) ? DURATIONS[name] : undefined;
    if (value !== undefined) choice[key ?? name] = key === undefined ? value : milliseconds(value as Duration);
  }
  return choice;
}
