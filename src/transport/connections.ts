/**
 * The open connections of one origin: an undici pool over our connector, and spares that wait in front of it. undici is
 * imported here, at the first network use, because it is by far the slowest import of the library.
 */
import { Socket } from 'node:net';
import type { buildConnector, Dispatcher } from 'undici';
import { ClosedError } from '../core/errors.js';
import { type ConnectorOptions, createConnector } from './connect.js';
import { SpareSockets } from './spare-sockets.js';

/** Streams of one HTTP/2 connection, as long as the server asks for no fewer: what RFC 9113 §6.5.2 calls a fair minimum. */
const HTTP2_STREAMS = 100;

export interface Connections {
  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void;
  /**
   * Ends the opening of a connection for this request, for which nobody waits any more; nothing once it is open. One
   * through a proxy, or over HTTP/2, where it may carry others, is opened to its end.
   */
  abandon(request: Dispatcher.DispatchOptions): void;
  /** True for the end of a connection that had been idle, if no byte came since the request was sent on it. */
  wasIdle(error: unknown): boolean;
  /** Connections open now, idle ones and spares included. */
  readonly open: number;
  /**
   * Opens a connection that the next request which needs one takes over; without somebody who awaits it, it holds no
   * process. HTTP/1.1 only: HTTP/2 begins with a request.
   */
  openSpare(isAwaited: boolean): Promise<void>;
  /** To be called when the last request has ended: undici lets idle HTTP/2 connections live for ever. */
  idle(): void;
  /** Waits for requests under way. */
  close(): Promise<void>;
  destroy(reason: Error): Promise<void>;
}

export interface ConnectionsOptions extends ConnectorOptions {
  /** Runs when a connection has ended. */
  readonly onLost: () => void;
}

export async function openConnections(options: ConnectionsOptions): Promise<Connections> {
  const { origin, settings, clock, onLost } = options;
  const undici = await import('undici');
  const connector = createConnector(undici, options);
  const spares = new SpareSockets(onLost);
  const http2Sockets = new Set<Socket>();
  const idleCloses = new WeakSet<object>();
  /** Connections being opened, by the request that needs them. */
  const openings = new Map<Dispatcher.DispatchOptions, Socket>();
  const { protocol, host, hostname, port } = new URL(origin);
  /** Requests that wait to see whether the connection being opened will carry them too. */
  let held: (() => void)[] | undefined;
  let cancelIdle: (() => void) | undefined;

  const pool = new undici.Pool(origin, {
    connections: settings.maxConnectionsPerOrigin,
    keepAliveTimeout: settings.keepAliveTimeoutMs,
    // Long silences are legal here; the stages around the provider have their own timeouts.
    headersTimeout: 0,
    bodyTimeout: 0,
    factory: createClient,
  });
  pool.on('disconnect', onLost);

  /** One place of the pool: it has one connection at a time, and of HTTP/1.1 one request on it. */
  function createClient(_: URL, options: object): Dispatcher {
    let current: Socket | undefined;
    /** What the connection had read when its latest request began; -1 while it has waited for none. */
    let bytesBefore = -1;
    let latest: Dispatcher.DispatchOptions | undefined;
    const client = new undici.Client(origin, { ...options, connect });
    const send = client.dispatch.bind(client);
    client.dispatch = (request, handler) => {
      bytesBefore = current?.bytesRead ?? -1;
      latest = request;
      return send(request, handler);
    };

    function connect(target: buildConnector.Options, callback: buildConnector.Callback): void {
      const spare = spares.take();
      if (spare !== undefined) {
        bytesBefore = 0;
        // Not at once: undici is not ready for an answer before it has asked.
        process.nextTick(() => callback(null, adopt(spare)));
        return;
      }
      const request = latest;
      const opening = connector.connect(target, (...result) => {
        const [error, socket] = result;
        if (request !== undefined) openings.delete(request);
        if (error === null) adopt(socket);
        callback(...result);
      });
      if (request !== undefined && opening instanceof Socket) openings.set(request, opening);
    }
    function adopt(socket: Socket): Socket {
      current = socket;
      socket.on('error', (error) => {
        if (socket.bytesRead === bytesBefore) idleCloses.add(error);
      });
      socket.on('close', () => {
        if (current !== socket) return;
        current = undefined;
        bytesBefore = -1;
      });
      if (settings.http2 === true) chooseProtocol(socket);
      return socket;
    }
    /** Which protocol a connection speaks shows when it opens; only HTTP/2 carries requests side by side. */
    function chooseProtocol(socket: Socket): void {
      const isHttp2 = 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
      client.pipelining = isHttp2 ? HTTP2_STREAMS : 1;
      if (!isHttp2) return;
      giveReasons(socket);
      http2Sockets.add(socket);
      socket.on('close', () => http2Sockets.delete(socket));
    }
    return client;
  }

  function dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    cancelIdle?.();
    cancelIdle = undefined;
    if (settings.http2 !== true) {
      pool.dispatch(request, handler);
      return;
    }
    // Side by side with others on one connection; undici does that with idempotent requests alone, but repeats none.
    const send = (): void => void pool.dispatch({ ...request, idempotent: true }, handler);
    if (held !== undefined) held.push(send);
    else {
      if (pool.stats.connected === 0) holdUntilOpen();
      send();
    }
  }
  /** One request goes ahead; when its connection is open or has failed, the others follow. */
  function holdUntilOpen(): void {
    held = [];
    function letGo(): void {
      pool.off('connect', letGo).off('connectionError', letGo);
      // undici takes a turn of the loop to see how much the new connection carries.
      setImmediate(() => {
        const waiting = held ?? [];
        held = undefined;
        for (const send of waiting) send();
      });
    }
    pool.on('connect', letGo).on('connectionError', letGo);
  }

  return {
    dispatch,
    abandon: (request) => void openings.get(request)?.destroy(new ClosedError('nobody waits for this connection')),
    wasIdle: (error) => typeof error === 'object' && error !== null && idleCloses.has(error) && http2Sockets.size === 0,
    get open() {
      return pool.stats.connected + spares.size;
    },
    openSpare: (isAwaited) =>
      new Promise((resolve, reject) => {
        const target = { protocol, host, hostname: hostname.replace(/^\[(.*)\]$/, '$1'), port };
        const opening = connector.connect(target, (error, socket) => {
          if (error !== null) reject(error);
          else resolve(spares.add(socket));
        });
        if (!isAwaited && opening instanceof Socket) opening.unref();
      }),
    idle() {
      if (http2Sockets.size === 0 || cancelIdle !== undefined) return;
      cancelIdle = clock.setTimer(settings.keepAliveTimeoutMs, () => {
        cancelIdle = undefined;
        for (const socket of http2Sockets) socket.destroy();
      });
    },
    async close() {
      cancelIdle?.();
      spares.destroy();
      await pool.close();
      await connector.close();
    },
    async destroy(reason) {
      await pool.destroy(reason);
      await connector.close();
    },
  };
}

/** undici 7.30 throws, uncaught, when an HTTP/2 connection closes without an error: it then describes a socket that is null. */
function giveReasons(socket: Socket): void {
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (reason) => destroy(reason ?? new ClosedError('the connection was closed'));
}
