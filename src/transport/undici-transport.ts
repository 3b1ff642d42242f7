/**
 * The transport over undici: a keep-alive pool for one origin behind two counting semaphores. undici's own queue stays
 * empty, so a request that waits for a connection can leave at any time.
 */

import type { LookupFunction } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { Canceller, type CancelSignal } from '../core/cancel.js';
import { type Clock, systemClock } from '../core/clock.js';
import { ClosedError, ConfigError, DeadlineError, ProviderError } from '../core/errors.js';
import { connectLimitMs } from './connect.js';
import { type Connections, openConnections } from './connections.js';
import { isConnectTimeout, isReset, toTransportError } from './errors.js';
import { Exchange } from './exchange.js';
import { keepWarm } from './keep-warm.js';
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
  /** Turns host names into addresses. Default: the system's resolver. */
  readonly lookup?: LookupFunction | undefined;
}

/** A connection that was closed while idle shows it within a round trip of the next request. */
const IDLE_CLOSE_MS = 1000;

/** Opens nothing and imports nothing until the first request, unless `prewarm` says so. Throws a ConfigError for a proxy that is not an http(s) URL. */
export function createTransport(options: TransportOptions): Transport {
  const { origin, settings, httpProxy, lookup, clock = systemClock } = options;
  assertProxy(httpProxy);
  const own = createSlots(settings.maxConnectionsPerOrigin);
  const total = options.total ?? createSlots(settings.maxConnections);
  let connections: Promise<Connections> | undefined;
  let opened: Connections | undefined;
  let closing: Promise<void> | undefined;
  const warmth = keepWarm({
    count: settings.http2 === true ? Math.min(settings.prewarm ?? 0, 1) : (settings.prewarm ?? 0),
    openCount: () => opened?.open ?? 0,
    open: () => openOne(false),
    clock,
  });
  warmth.check();

  async function open(): Promise<Connections> {
    connections ??= openConnections({ origin, settings, httpProxy, lookup, clock, onLost: warmth.check });
    opened = await connections;
    return opened;
  }
  async function request(call: TransportCall): Promise<TransportResponse> {
    assertWanted(call);
    const { dispatch, abandon, wasIdle } = opened ?? (await open());
    for (let mayRepeat = true; ; mayRepeat = false) {
      // While the first connections were made ready, or an attempt failed, it may have been left or closed.
      assertWanted(call);
      if (!tryAcquireSlots()) await acquireSlots(call);
      const asked = toDispatchOptions(origin, call);
      const exchange = new Exchange({
        signal: call.signal,
        clock,
        toError: errorsFor(call),
        onSent: call.onSent,
        onUnsent: () => abandon(asked),
        onEnd: releaseSlots,
      });
      const sentAtMs = clock.nowMs();
      dispatch(asked, exchange);
      try {
        const response = await exchange.response;
        assertIdentity(response, call.caller);
        return response;
      } catch (error) {
        // The server closed an idle connection just as we wrote on it. Nothing of an answer came, so one more try, on
        // another connection, is safe and not a retry that the caller should pay for. A server that has had the request
        // for long may be at work on it.
        const { failure } = exchange;
        const isStale = failure !== undefined && isReset(failure) && wasIdle(failure);
        const isAtOnce = clock.nowMs() - sentAtMs <= IDLE_CLOSE_MS;
        if (!mayRepeat || !isStale || !isAtOnce || call.signal.aborted) throw error;
      }
    }
  }
  async function prewarm(): Promise<void> {
    if (closing !== undefined) throw closedError(origin);
    if ((opened?.open ?? 0) === 0) await openOne(true);
  }
  /** Opens a connection that nobody needs yet. */
  async function openOne(isAwaited: boolean): Promise<void> {
    const { controlTimeoutMs } = settings;
    const canceller = new Canceller();
    const cancelTimer = clock.setTimer(controlTimeoutMs, () => {
      const message = `${origin} could not be prewarmed within ${controlTimeoutMs} ms`;
      canceller.abort(new DeadlineError(message, { kind: 'connect', afterMs: controlTimeoutMs }));
    });
    try {
      await (settings.http2 === true ? askForNothing(canceller) : openSpare(canceller, isAwaited));
    } finally {
      cancelTimer();
    }
  }
  async function openSpare(signal: CancelSignal, isAwaited: boolean): Promise<void> {
    const { openSpare: opening } = await open();
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      opening(isAwaited).then(resolve, (error: unknown) => reject(toError(error, origin)));
    });
  }
  /** An HTTP/2 connection is open once it has carried a request. Not HEAD: undici closes an HTTP/1.1 connection after one. */
  async function askForNothing(signal: CancelSignal): Promise<void> {
    const { body } = await request({ method: 'OPTIONS', path: '/', headers: {}, signal, caller: origin });
    for await (const _ of body);
    // undici lets a connection serve again one turn of the loop after its answer ended.
    await nextTurn();
  }
  async function close(): Promise<void> {
    warmth.stop();
    if (connections === undefined) return;
    const { close: closeAll, destroy } = await connections;
    const cancelTimer = clock.setTimer(settings.controlTimeoutMs, () => void destroy(closedError(origin)));
    await closeAll();
    cancelTimer();
  }

  function tryAcquireSlots(): boolean {
    if (!own.tryAcquire()) return false;
    if (total.tryAcquire()) return true;
    own.release();
    return false;
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
  function assertWanted({ signal, caller }: TransportCall): void {
    if (closing !== undefined) throw closedError(caller);
    signal.throwIfAborted();
  }
  function releaseSlots(): void {
    total.release();
    own.release();
    if (own.inUse === 0) opened?.idle();
  }
  function errorsFor({ caller }: TransportCall): (error: unknown) => unknown {
    return (error) => toError(error, caller);
  }
  function toError(error: unknown, caller: string): unknown {
    if (!isConnectTimeout(error)) return toTransportError(error, caller);
    const afterMs = connectLimitMs(origin, settings);
    return new DeadlineError(`${caller} could not be connected to within ${afterMs} ms`, { kind: 'connect', afterMs });
  }
  return {
    origin,
    get connections() {
      return opened?.open ?? 0;
    },
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
