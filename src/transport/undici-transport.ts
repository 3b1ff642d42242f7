/**
 * The transport over undici: a keep-alive pool for one origin behind two counting semaphores. undici's own queue stays
 * empty, so a request that waits for a connection can leave at any time.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { Canceller } from '../core/cancel.js';
import { type Clock, systemClock } from '../core/clock.js';
import { ClosedError, ConfigError, DeadlineError, ProviderError } from '../core/errors.js';
import { type Connections, connectLimitMs, openConnections } from './dispatcher.js';
import { isConnectTimeout, isReset, toTransportError } from './errors.js';
import { Exchange } from './exchange.js';
import type { TransportSettings } from './settings.js';
import { createSlots, type Slots } from './slots.js';
import type { Transport, TransportCall, TransportResponse } from './transport.js';

export interface TransportOptions {
  /** Scheme, host and port, as `parseBaseURL` gives it. */
  readonly origin: string;
  readonly settings: TransportSettings;
  /** Every connection goes through a tunnel of this http(s) proxy; it may hold a user and a password. */
  readonly httpProxy?: string | undefined;
  /** Counts the connections of all transports that share a total. Default: one of its own. */
  readonly total?: Slots | undefined;
  readonly clock?: Clock | undefined;
}

/** Opens nothing and imports nothing until the first request. Throws a ConfigError for a proxy that is not an http(s) URL. */
export function createTransport(options: TransportOptions): Transport {
  const { origin, settings, httpProxy, clock = systemClock } = options;
  assertProxy(httpProxy);
  const own = createSlots(settings.maxConnectionsPerOrigin);
  const total = options.total ?? createSlots(settings.maxConnections);
  let connections: Promise<Connections> | undefined;
  let closing: Promise<void> | undefined;

  async function request(call: TransportCall): Promise<TransportResponse> {
    if (closing !== undefined) throw closedError(call.caller);
    call.signal.throwIfAborted();
    connections ??= openConnections(origin, settings, httpProxy);
    const { dispatcher, wasReused } = await connections;

    async function attempt(mayRepeat: boolean): Promise<TransportResponse> {
      await acquireSlots(call);
      const exchange = new Exchange({
        signal: call.signal,
        clock,
        toError: (error) => toError(error, call.caller),
        onEnd: releaseSlots,
      });
      dispatcher.dispatch(toDispatchOptions(origin, call), exchange);
      try {
        return await exchange.response;
      } catch (error) {
        // The server closed an idle connection just as we wrote on it. Nothing of an answer came, so one more try, on
        // another connection, is safe and not a retry that the caller should pay for.
        const isStale = exchange.failure !== undefined && isReset(exchange.failure) && wasReused(exchange.failure);
        if (!mayRepeat || !isStale || call.signal.aborted) throw error;
        return attempt(false);
      }
    }
    const response = await attempt(true);
    assertIdentity(response, call.caller);
    return response;
  }
  async function prewarm(): Promise<void> {
    const { controlTimeoutMs } = settings;
    const controller = new Canceller();
    const cancelTimer = clock.setTimer(controlTimeoutMs, () => {
      const message = `${origin} could not be prewarmed within ${controlTimeoutMs} ms`;
      controller.abort(new DeadlineError(message, { kind: 'connect', afterMs: controlTimeoutMs }));
    });
    try {
      // Not HEAD: undici closes the connection after one.
      const { body } = await request({
        method: 'OPTIONS',
        path: '/',
        headers: {},
        signal: controller.signal,
        caller: origin,
      });
      for await (const _ of body);
      // undici lets a connection serve again one turn of the loop after its answer ended.
      await nextTurn();
    } finally {
      cancelTimer();
    }
  }
  async function close(): Promise<void> {
    if (connections === undefined) return;
    const { dispatcher } = await connections;
    const cancelTimer = clock.setTimer(settings.controlTimeoutMs, () => {
      void dispatcher.destroy(closedError(origin));
    });
    await dispatcher.close();
    cancelTimer();
  }

  async function acquireSlots({ signal, caller }: TransportCall): Promise<void> {
    if (!own.tryAcquire()) await own.acquire(signal);
    try {
      if (!total.tryAcquire()) await total.acquire(signal);
    } catch (reason) {
      own.release();
      throw reason;
    }
    // While it waited for its turn, the caller may have left and the transport been closed.
    if (!signal.aborted && closing === undefined) return;
    releaseSlots();
    signal.throwIfAborted();
    throw closedError(caller);
  }
  function releaseSlots(): void {
    total.release();
    own.release();
  }
  function toError(error: unknown, caller: string): unknown {
    if (!isConnectTimeout(error)) return toTransportError(error, caller);
    const afterMs = connectLimitMs(origin, settings);
    return new DeadlineError(`${caller} could not be connected to within ${afterMs} ms`, { kind: 'connect', afterMs });
  }
  return {
    origin,
    request,
    prewarm,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function toDispatchOptions(origin: string, call: TransportCall): Dispatcher.DispatchOptions {
  const { method, path, body } = call;
  // A body is never decoded here, so none may come encoded.
  const headers = { ...call.headers, 'accept-encoding': 'identity' };
  return body === undefined ? { origin, method, path, headers } : { origin, method, path, headers, body };
}

function assertIdentity(response: TransportResponse, caller: string): void {
  const encoding = response.headers['content-encoding'];
  if (encoding === undefined || encoding.trim().toLowerCase() === 'identity') return;
  void response.body.return();
  throw new ProviderError(`${caller} answered in an encoding that was not asked for`, {
    code: 'ERR_PROVIDER_BAD_RESPONSE',
    provider: caller,
    status: response.status,
  });
}

function assertProxy(httpProxy: string | undefined): void {
  if (httpProxy === undefined) return;
  const isUrl = URL.canParse(httpProxy) && /^https?:$/.test(new URL(httpProxy).protocol);
  if (isUrl) return;
  const expected = "an http(s) URL like 'http://host:3128'";
  throw new ConfigError('transport', [{ path: 'httpProxy', expected, received: 'something else', setBy: 'httpProxy' }]);
}

function closedError(caller: string): ClosedError {
  return new ClosedError(`the transport to ${caller} was closed`);
}
