/**
 * Opens one connection at a time: TCP, TLS, or either through the tunnel of an HTTP proxy. Keeps the latest TLS session,
 * so that the next handshake can resume it. Pools and reuse are elsewhere.
 */
import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import type { buildConnector, Pool } from 'undici';
import type { Clock } from '../core/clock.js';
import { SherdError } from '../core/errors.js';
import type { TransportSettings } from './settings.js';
import { shareLookups } from './shared-lookups.js';

/**
 * undici's way to open a connection: it takes where to, and calls back with a socket or an error. Returns the socket
 * that is being connected, where there is one yet.
 */
export type Connect = (options: buildConnector.Options, callback: buildConnector.Callback) => unknown;

export interface Connector {
  readonly connect: Connect;
  /** Ends what only opening needs. Connections that are open stay. */
  close(): Promise<void>;
}

export interface ConnectorOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly settings: TransportSettings;
  readonly httpProxy: string | undefined;
  /** Turns host names into addresses. Default: the system's resolver. */
  readonly lookup: LookupFunction | undefined;
  readonly clock: Clock;
}

type Undici = Pick<typeof import('undici'), 'buildConnector' | 'Pool'>;

export function createConnector(undici: Undici, options: ConnectorOptions): Connector {
  const { origin, settings, httpProxy, lookup = systemLookup, clock } = options;
  const timeout = connectLimitMs(origin, settings);
  const tcp = {
    timeout,
    keepAlive: true,
    keepAliveInitialDelay: settings.tcpKeepAliveDelayMs,
    lookup: shareLookups(lookup, clock, timeout),
  };
  const tls = {
    ...tcp,
    minVersion: settings.minTlsVersion,
    ...(settings.ciphers === undefined ? {} : { ciphers: settings.ciphers }),
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
  };
  const isSecure = origin.startsWith('https:');
  const direct = undici.buildConnector(isSecure ? { ...tls, allowH2: settings.http2 === true } : tcp);
  if (httpProxy === undefined) return { connect: keepSession(direct), close: () => Promise.resolve() };

  const { origin: proxyOrigin, username, password } = new URL(httpProxy);
  const proxy = new undici.Pool(proxyOrigin, {
    connect: undici.buildConnector(proxyOrigin.startsWith('https:') ? tls : tcp),
    headersTimeout: timeout,
  });
  const tunnel = throughTunnel(proxy, authorizationOf(username, password), isSecure ? direct : undefined);
  return { connect: keepSession(tunnel), close: () => proxy.destroy() };
}

/** Milliseconds that connecting may take in all. */
export function connectLimitMs(origin: string, settings: TransportSettings): number {
  return settings.connectTimeoutMs + (origin.startsWith('https:') ? settings.tlsTimeoutMs : 0);
}

/** undici holds sessions weakly: what nobody else holds is gone before the next handshake. */
function keepSession(connect: Connect): Connect {
  let latest: Buffer | undefined;
  return (options, callback) =>
    connect(options, (...result) => {
      const [, socket] = result;
      socket?.on('session', (session: Buffer) => {
        latest = session;
      });
      void latest;
      callback(...result);
    });
}

function authorizationOf(username: string, password: string): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** RFC 9110 §9.3.6. `secure` makes TLS of the tunnel; undefined leaves it plain. */
function throughTunnel(
  proxy: Pool,
  authorization: Readonly<Record<string, string>>,
  secure: Connect | undefined,
): Connect {
  return (options, callback) => {
    const { host = options.hostname, port, protocol } = options;
    const path = port === '' ? `${host}:${protocol === 'https:' ? 443 : 80}` : host;
    proxy.connect({ path, headers: { ...authorization, host: path } }).then(
      ({ socket, statusCode }) => {
        // Upgraded connections are sockets, whatever undici's types call them.
        const tunnel = socket as Socket;
        if (statusCode !== 200) {
          tunnel.on('error', () => undefined).destroy();
          callback(refusal(statusCode), null);
        } else if (secure === undefined) callback(null, tunnel);
        else secure({ ...options, httpSocket: tunnel }, callback);
      },
      (error: Error) => callback(error, null),
    );
  };
}

/** A proxy that asks for credentials or forbids the host will do so again. */
function refusal(status: number): SherdError {
  const retryable = status >= 500 || status === 408 || status === 429;
  return new SherdError(`the proxy answered ${status}`, { code: 'ERR_PROVIDER_PROXY', retryable });
}
