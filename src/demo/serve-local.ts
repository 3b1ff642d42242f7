/**
 * The embedded provider behind real HTTP, for as long as someone wants it: what the command `local-server` does. Started
 * by another process with a channel, it obeys that process and ends with it; else it runs until it is interrupted.
 */
import { once } from 'node:events';
import { createLocalProvider } from '../providers/local/provider.js';
import { createLocalServer, type LocalServer, type Outage } from '../testing/local-server.js';
import type { ServerNotice, ServerOrder } from './server-process.js';

/** How the primary fails during an announced outage. */
export const OUTAGE: Outage = { mode: 'error', status: 503 };

export interface ServeOptions {
  /** 0: a free one. */
  readonly port: number;
  readonly host: string;
  /** Told once the server listens. */
  readonly onListening: (server: LocalServer) => void;
}

/** Resolves once the server has ended. Rejects when it cannot listen. */
export async function serveLocally({ port, host, onListening }: ServeOptions): Promise<void> {
  const server = await createLocalServer({ provider: createLocalProvider(), port, host });
  onListening(server);
  if (process.connected) await obey(server);
  else await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.close();
}

/** Resolves when the other process has let go of the channel. */
async function obey(server: LocalServer): Promise<void> {
  // An interrupt of the terminal reaches both processes: the one that started us decides when we end.
  process.on('SIGINT', () => undefined);
  process.on('message', (order: ServerOrder) => {
    server.setOutage(order.isDown ? OUTAGE : undefined);
    notify({ kind: 'outage-set' });
  });
  const released = once(process, 'disconnect');
  notify({ kind: 'listening', baseUrl: server.baseURL });
  await released;
}

function notify(notice: ServerNotice): void {
  process.send?.(notice);
}
