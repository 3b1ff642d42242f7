/**
 * Connections that are open before anybody needs them. A server that says or closes anything on one has made it useless.
 * Invariant: what is taken is connected, untouched, and here no more; none of them holds the process.
 */
import type { Socket } from 'node:net';

export class SpareSockets {
  readonly #discards: Map<Socket, () => void> = new Map();
  readonly #onLost: () => void;
  #isDestroyed = false;

  /** `onLost` runs whenever the other side ended a spare. */
  constructor(onLost: () => void) {
    this.#onLost = onLost;
  }

  get size(): number {
    return this.#discards.size;
  }

  /** Closes it at once after destroy(). */
  add(socket: Socket): void {
    if (this.#isDestroyed) {
      socket.destroy();
      return;
    }
    const discard = (): void => {
      if (!this.#discards.delete(socket)) return;
      socket.destroy();
      this.#onLost();
    };
    this.#discards.set(socket, discard);
    socket.unref();
    // 'readable' comes for bytes as well as for the end.
    socket.on('readable', discard).on('error', discard).on('close', discard);
  }

  /** The newest, since the oldest is the likeliest to be closed at any moment. */
  take(): Socket | undefined {
    const last = [...this.#discards].at(-1);
    if (last === undefined) return undefined;
    const [socket, discard] = last;
    this.#discards.delete(socket);
    socket.off('readable', discard).off('error', discard).off('close', discard);
    socket.ref();
    return socket;
  }

  destroy(): void {
    this.#isDestroyed = true;
    for (const socket of this.#discards.keys()) socket.destroy();
    this.#discards.clear();
  }
}
