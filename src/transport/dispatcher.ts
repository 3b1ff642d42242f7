/**
 * Builds the undici dispatcher of one origin, direct or through a proxy. undici is imported here, at the first network
 * use, because it is by far the slowest import of the library.
 */
import type { Dispatcher } from 'undici';
import type { TransportSettings } from './settings.js';

export interface Connections {
  readonly dispatcher: Dispatcher;
  /** True when the connection that failed had served before: then the server closed it while it was idle. */
  wasReused(error: unknown): boolean;
}

export async function openConnections(
  origin: string,
  settings: TransportSettings,
  httpProxy: string | undefined,
): Promise<Connections> {
  const undici = await import('undici');
  const tcp = { keepAlive: true, keepAliveInitialDelay: settings.tcpKeepAliveDelayMs };
  const tls = {
    ...tcp,
    minVersion: settings.minTlsVersion,
    ...(settings.ciphers === undefined ? {} : { ciphers: settings.ciphers }),
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
  };
  const isSecure = origin.startsWith('https:');
  const pool = {
    connections: settings.maxConnectionsPerOrigin,
    keepAliveTimeout: settings.keepAliveTimeoutMs,
    // Long silences are legal here; the stages around the provider have their own timeouts.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const timeout = connectLimitMs(origin, settings);
  if (httpProxy !== undefined) {
    const dispatcher = new undici.ProxyAgent({
      ...pool,
      uri: httpProxy,
      proxyTls: { ...tls, timeout },
      ...(isSecure ? { requestTls: { ...tls, timeout } } : {}),
    });
    return { dispatcher, wasReused: hadTraffic };
  }
  const connect = undici.buildConnector({ ...(isSecure ? tls : tcp), timeout });
  const bytesReadAtFailure = new WeakMap<object, number>();
  const dispatcher = new undici.Pool(origin, {
    ...pool,
    connect(options, callback) {
      connect(options, (...result) => {
        const [, socket] = result;
        socket?.on('error', (error) => bytesReadAtFailure.set(error, socket.bytesRead));
        callback(...result);
      });
    },
  });
  const wasReused = (error: unknown): boolean =>
    hadTraffic(error) || (typeof error === 'object' && error !== null && (bytesReadAtFailure.get(error) ?? 0) > 0);
  return { dispatcher, wasReused };
}

/** Milliseconds that connecting may take in all. */
export function connectLimitMs(origin: string, settings: TransportSettings): number {
  return settings.connectTimeoutMs + (origin.startsWith('https:') ? settings.tlsTimeoutMs : 0);
}

/** undici attaches what it knows of the socket to the errors that it makes itself. */
function hadTraffic(error: unknown): boolean {
  const { socket } = error as { socket?: { bytesRead?: number } | null };
  return (socket?.bytesRead ?? 0) > 0;
}
