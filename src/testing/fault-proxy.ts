/**
 * A TCP proxy on loopback that treats connections badly, byte for byte as it is told. It knows no HTTP: what goes through
 * it are the real bytes of real clients and servers, TLS included. Nothing of it outlives close().
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Canceller } from '../core/cancel.js';
import { type Clock, systemClock } from '../core/clock.js';
import { sleep } from '../resilience/timer.js';
import { ByteEditor, type ByteFaults, type CutKind } from './byte-faults.js';
import { createWatchers } from './watchers.js';

export interface DirectionFaults extends ByteFaults {
  /** What is read waits this long before it is passed on. Default 0. */
  readonly latencyMs?: number;
}

/** What happens to one connection; nothing where nothing is said. */
export interface ConnectionFaults {
  /** 'reset': ended by RST at once. 'ignore': accepted, its bytes dropped, never answered. Default 'serve'. */
  readonly accept?: 'serve' | 'reset' | 'ignore';
  readonly toClient?: DirectionFaults;
  readonly toTarget?: DirectionFaults;
  /** When one side ends or breaks, the other is not told. */
  readonly halfOpen?: boolean;
  /** Closed towards the client, in order, after this long without a byte. */
  readonly closeIdleMs?: number;
}

/** The same for every connection; one a connection in order, the last one repeated; or a function of its number from 0. */
export type FaultScript = ConnectionFaults | readonly ConnectionFaults[] | ((connection: number) => ConnectionFaults);

export interface FaultProxyOptions {
  /** Where the connections go: a URL, of which the proxy's own keeps scheme and path. */
  readonly target: string;
  readonly faults?: FaultScript;
  /** Of latencies and idle times. Default: the system's. */
  readonly clock?: Clock;
}

export interface FaultProxyStats {
  /** Connections accepted, and those of them that are open. */
  readonly accepted: number;
  readonly open: number;
  /** Ended by a cut, by RST at accept, or for idleness. */
  readonly cut: number;
  /** Bytes that were passed on, edits included. */
  readonly bytesToClient: number;
  readonly bytesToTarget: number;
}

export interface FaultProxy {
  /** The target's URL with the proxy's address in it. */
  readonly url: string;
  stats(): FaultProxyStats;
  /** For connections from now on. */
  setFaults(faults: FaultScript): void;
  /** Ends all connections towards their clients. */
  endConnections(by: 'fin' | 'reset'): void;
  /** Resolves once `condition` holds; asked again after every change of the stats. */
  until(condition: (stats: FaultProxyStats) => boolean): Promise<void>;
  /** Ends everything. Idempotent. */
  close(): Promise<void>;
}

export async function createFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { clock = systemClock } = options;
  const target = new URL(options.target);
  const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
  // IPv6 addresses stand in brackets there.
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const stats = { accepted: 0, open: 0, cut: 0, bytesToClient: 0, bytesToTarget: 0 };
  const watchers = createWatchers();
  const links = new Set<Link>();
  let faultsOf = scriptOf(options.faults ?? {});

  function change(name: keyof FaultProxyStats, by: number): void {
    stats[name] += by;
    watchers.notify();
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (client) => {
    const faults = faultsOf(stats.accepted);
    change('accepted', 1);
    const { accept = 'serve' } = faults;
    if (accept === 'reset') change('cut', 1);
    change('open', 1);
    const link = new Link({
      client,
      faults,
      clock,
      change,
      dial: () => connect({ host, port, allowHalfOpen: true, noDelay: true }),
    });
    links.add(link);
    client.once('close', () => {
      links.delete(link);
      change('open', -1);
    });
    link.open();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as { port: number };
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);

  return {
    url: url.href.replace(/\/$/, ''),
    stats: () => ({ ...stats }),
    setFaults(faults) {
      faultsOf = scriptOf(faults);
    },
    endConnections(by) {
      for (const link of links) link.end(by);
    },
    until: (condition) => watchers.until(() => condition(stats)),
    async close() {
      server.close();
      for (const link of links) link.end('reset');
      await watchers.until(() => stats.open === 0);
    },
  };
}

interface LinkParts {
  readonly client: Socket;
  readonly faults: ConnectionFaults;
  readonly clock: Clock;
  dial(): Socket;
  change(name: keyof FaultProxyStats, by: number): void;
}

/** A client's connection and the one that it is passed on by. */
class Link {
  readonly #parts: LinkParts;
  readonly #over: Canceller = new Canceller();
  #target: Socket | undefined = undefined;
  #isStalled = false;
  #cancelIdleTimer: () => void = () => undefined;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  open(): void {
    const { client, faults } = this.#parts;
    // What breaks shows by its end.
    client.on('error', () => undefined);
    client.once('close', () => this.#finish());
    if (faults.accept === 'reset') return void client.resetAndDestroy();
    if (faults.accept === 'ignore') return void client.resume().once('end', () => client.destroy());
    const target = this.#parts.dial();
    this.#target = target;
    this.#pipe(client, target, faults.toTarget ?? {}, 'bytesToTarget');
    this.#pipe(target, client, faults.toClient ?? {}, 'bytesToClient');
    this.#idle();
  }

  /** Ends the connection towards the client. */
  end(by: 'fin' | 'reset'): void {
    const { client } = this.#parts;
    if (by === 'reset') client.resetAndDestroy();
    // What the client still sends is read and dropped, or it would never see the end.
    else client.removeAllListeners('data').resume().end();
    this.#finish();
  }

  #pipe(from: Socket, to: Socket, faults: DirectionFaults, counter: 'bytesToClient' | 'bytesToTarget'): void {
    const editor = new ByteEditor(faults);
    let passed: Promise<void> = Promise.resolve();
    let isCut = false;
    const isTold = this.#parts.faults.halfOpen !== true;

    const pass = async (bytes: Buffer): Promise<void> => {
      if (isCut) return;
      if (faults.latencyMs !== undefined) await sleep(this.#parts.clock, faults.latencyMs, this.#over);
      for (const piece of editor.push(bytes)) {
        await write(to, piece);
        this.#parts.change(counter, piece.length);
        // So that a slice is a read of its own on the other side.
        if (faults.sliceBytes !== undefined) await nextTurn();
      }
      isCut = editor.isCut;
      if (isCut && faults.cut !== undefined) this.#cut(faults.cut.by);
      else from.resume();
    };
    from.on('error', () => {
      if (isTold) to.resetAndDestroy();
    });
    from.on('data', (bytes: Buffer) => {
      from.pause();
      this.#idle();
      passed = passed.then(() => pass(bytes)).catch(() => undefined);
    });
    from.once('end', () => {
      passed = passed.then(() => {
        if (isTold && !isCut) to.end();
        // Who leaves a connection that has gone silent is let go.
        if (this.#isStalled && from === this.#parts.client) from.destroy();
      });
    });
    from.resume();
  }

  #cut(by: CutKind): void {
    this.#parts.change('cut', 1);
    if (by === 'stall') this.#isStalled = true;
    else this.end(by);
  }

  #idle(): void {
    const { faults, clock } = this.#parts;
    if (faults.closeIdleMs === undefined) return;
    this.#cancelIdleTimer();
    this.#cancelIdleTimer = clock.setTimer(faults.closeIdleMs, () => this.#cut('fin'));
  }

  #finish(): void {
    this.#over.abort(undefined);
    this.#cancelIdleTimer();
    if (this.#parts.faults.halfOpen !== true || this.#parts.client.destroyed) this.#target?.destroy();
  }
}

function scriptOf(script: FaultScript): (connection: number) => ConnectionFaults {
  if (typeof script === 'function') return script;
  if (!Array.isArray(script)) return () => script as ConnectionFaults;
  return (connection) => (script[Math.min(connection, script.length - 1)] as ConnectionFaults | undefined) ?? {};
}

function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
