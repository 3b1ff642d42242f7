/**
 * One transport for all who ask the same origin with the same settings, so that they share connections. Bounded: beyond
 * the bound the least recently acquired is no longer shared, and closes when its last user leaves.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.js';
import { ClosedError } from '../core/errors.js';
import { transportFingerprint } from './settings.js';
import { createSlots, type Slots } from './slots.js';
import type { Transport } from './transport.js';
import { createTransport, type TransportOptions } from './undici-transport.js';

export interface TransportTable {
  /**
   * A handle on the shared transport. Its close() gives it back; the last one to do so closes the connections, as
   * Transport.close() says. Requests of a closed handle that others outlive are left to finish.
   */
  acquire(options: Omit<TransportOptions, 'total' | 'clock'>): Transport;
  /** Transports that can be shared now. */
  readonly size: number;
}

interface Entry {
  readonly transport: Transport;
  readonly fingerprint: string;
  readonly total: Slots;
  users: number;
}

export function createTransportTable(
  options: { readonly maxTransports?: number; readonly clock?: Clock } = {},
): TransportTable {
  const { maxTransports = 64, clock } = options;
  const entries = new LRUCache<string, Entry>({ max: maxTransports });

  function acquire(wanted: Omit<TransportOptions, 'total' | 'clock'>): Transport {
    const fingerprint = transportFingerprint(wanted.settings, wanted.httpProxy);
    const key = `${wanted.origin} ${fingerprint}`;
    const entry = entries.get(key) ?? create(wanted, fingerprint);
    entry.users++;
    entries.set(key, entry);
    return createHandle(entry.transport, () => {
      entry.users--;
      if (entry.users > 0) return Promise.resolve();
      if (entries.peek(key) === entry) entries.delete(key);
      return entry.transport.close();
    });
  }
  function create(wanted: Omit<TransportOptions, 'total' | 'clock'>, fingerprint: string): Entry {
    const total = totalOf(fingerprint) ?? createSlots(wanted.settings.maxConnections);
    return { transport: createTransport({ ...wanted, total, clock }), fingerprint, total, users: 0 };
  }
  function totalOf(fingerprint: string): Slots | undefined {
    for (const entry of entries.values()) {
      if (entry.fingerprint === fingerprint) return entry.total;
    }
    return undefined;
  }
  return {
    acquire,
    get size() {
      return entries.size;
    },
  };
}

/** The table of this thread. */
export const sharedTransports: TransportTable = createTransportTable();

function createHandle(transport: Transport, giveBack: () => Promise<void>): Transport {
  let closing: Promise<void> | undefined;
  return {
    origin: transport.origin,
    get connections() {
      return transport.connections ?? 0;
    },
    request(call) {
      if (closing === undefined) return transport.request(call);
      return Promise.reject(new ClosedError(`the transport to ${call.caller} was closed`));
    },
    prewarm: () => transport.prewarm(),
    close() {
      closing ??= giveBack();
      return closing;
    },
  };
}
