/**
 * A port on loopback that answers nobody: it listens, nobody accepts, and the line of those who wait to be accepted is
 * full, so that the kernel drops what else asks to connect.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface FullListener {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens, and then holds its thread: a server in Node accepts whenever its loop turns. */
const LISTENER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { address, isOver } = workerData;
  const server = require('node:net').createServer();
  server.listen({ ...address, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(isOver, 0, 0);
    server.close();
  });
`;

/** Turns of the loop after which a connection on loopback that is not open will not be. */
const TURNS = 500;
const MOST = 50;

/** Port 0, the default, takes a free one. */
export async function createFullListener(host = '127.0.0.1', port = 0): Promise<FullListener> {
  const isOver = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(LISTENER, { eval: true, workerData: { address: { host, port }, isOver } });
  const [taken] = (await once(worker, 'message')) as [number];
  const waiting: Socket[] = [];
  let isFull = false;
  while (!isFull && waiting.length < MOST) {
    const socket = connect({ host, port: taken }).on('error', () => undefined);
    waiting.push(socket);
    for (let turn = 0; turn < TURNS && socket.connecting; turn++) await new Promise(setImmediate);
    isFull = socket.connecting;
  }
  // The one that found no room would knock again and again.
  const refused = waiting.pop()?.destroy();
  if (refused !== undefined) await once(refused, 'close');
  if (!isFull) throw new Error(`this system lets more than ${MOST} connections wait for a server that takes 1`);
  return {
    port: taken,
    async close() {
      for (const socket of waiting) socket.destroy();
      Atomics.store(isOver, 0, 1);
      Atomics.notify(isOver, 0);
      await once(worker, 'exit');
    },
  };
}

/** Connections of this process that are being opened. */
export function connectionsBeingOpened(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource.endsWith('ConnectWrap')).length;
}

/** Resolves once so many are. */
export async function untilBeingOpened(connections: number): Promise<void> {
  while (connectionsBeingOpened() !== connections) await new Promise(setImmediate);
}
