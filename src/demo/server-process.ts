/**
 * A local server in a process of its own, so that the provider's work does not sit in the client's event loop. This
 * side starts the command and tells it over IPC to fail and to work again.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { SherdError } from '../core/errors.js';

/** A server in the OpenAI format that can be made to fail. */
export interface ProviderServer {
  readonly baseUrl: string;
  setOutage(isDown: boolean): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** What the starting process sends. */
export type ServerOrder = { readonly kind: 'set-outage'; readonly isDown: boolean };
/** What the server's process answers: once when it listens, then to each order. */
export type ServerNotice = { readonly kind: 'listening'; readonly baseUrl: string } | { readonly kind: 'outage-set' };

/** Starts `command` (program and arguments), which must serve as serveLocally() does. Throws ERR_DEMO_SERVER. */
export async function startServerProcess(command: readonly string[]): Promise<ProviderServer> {
  const [program = '', ...rest] = command;
  const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  // Unlike events.once, this does not reject when the program cannot be started: nextNotice() does.
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const listening = await nextNotice(child, 'listening');
  return {
    baseUrl: listening.baseUrl,
    async setOutage(isDown) {
      const done = nextNotice(child, 'outage-set');
      child.send({ kind: 'set-outage', isDown } satisfies ServerOrder);
      await done;
    },
    async close() {
      // The server ends by itself when nobody holds the other end of its channel.
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** The next notice of a kind; rejects when the process ends first. */
function nextNotice<K extends ServerNotice['kind']>(
  child: ChildProcess,
  kind: K,
): Promise<Extract<ServerNotice, { readonly kind: K }>> {
  return new Promise((resolve, reject) => {
    function fail(reason: unknown): void {
      stop();
      reject(
        new SherdError(`the local server ended before it was '${kind}' (${String(reason)})`, {
          code: 'ERR_DEMO_SERVER',
        }),
      );
    }
    function receive(notice: ServerNotice): void {
      if (notice.kind !== kind) return;
      stop();
      // The kind was just compared.
      resolve(notice as Extract<ServerNotice, { readonly kind: K }>);
    }
    function stop(): void {
      child.off('message', receive).off('error', fail).off('exit', fail);
    }
    child.on('message', receive).on('error', fail).on('exit', fail);
  });
}
