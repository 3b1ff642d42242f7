/**
 * A loopback HTTP server that does exactly what it is told, byte for byte, wrong things included: answers cut anywhere,
 * sent in slices, held back, reset, or never sent. For tests of clients; it is no HTTP implementation.
 */

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createWatchers } from './watchers.js';

export interface ScriptedReply {
  /** Default 200. */
  readonly status?: number;
  /** Beside those of the framing. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** How the end of the body shows. Default 'length'. With 'close' it is the end of the connection. */
  readonly framing?: 'length' | 'chunked' | 'close';
  /** The body goes out in pieces of this many bytes, each a write of its own. Default: in one. */
  readonly sliceBytes?: number;
  /** Ends the connection after this many bytes of the body; what is missing is never sent. */
  readonly cutAfterBytes?: number;
  /** How the connection ends after a cut: in order (FIN, the default) or by RST. */
  readonly cutBy?: 'fin' | 'reset';
  /** Stops for ever at this point, with the connection open. */
  readonly hang?: 'before-head' | 'before-body' | 'before-end';
  /** Awaited before each slice of the body, given its number from 0: the test decides when it goes on. */
  readonly beforeSlice?: (index: number) => Promise<void>;
  /** Replaces status line and headers. Ends with an empty line. */
  readonly rawHead?: string;
}

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Number of the connection it came on, from 0. */
  readonly connection: number;
}

/** One reply a request in order, the last one repeated; or a function of the request and its number from 0. */
export type Script =
  | readonly ScriptedReply[]
  | ((request: ScriptedRequest, index: number) => ScriptedReply | Promise<ScriptedReply>);

export interface ScriptedServer {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly requests: readonly ScriptedRequest[];
  /** Connections accepted, and how many of those have ended. */
  readonly connections: number;
  readonly closedConnections: number;
  /** Resolves once `condition` holds; asked again whenever a request, a connection or an end of one is seen. */
  until(condition: (server: ScriptedServer) => boolean): Promise<void>;
  /** Closes all connections as a server does whose keep-alive time is over: what still comes on them is not looked at. */
  endConnections(): void;
  close(): Promise<void>;
}

export async function createScriptedServer(script: Script): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const sockets = new Set<Socket>();
  const { notify, until } = createWatchers();
  let connections = 0;
  const replyTo =
    typeof script === 'function'
      ? script
      : (_: ScriptedRequest, index: number) => script[Math.min(index, script.length - 1)];

  const net = createServer({ noDelay: true }, (socket) => {
    const connection = connections++;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      notify();
    });
    notify();
    serve(socket, connection);
  });

  function serve(socket: Socket, connection: number): void {
    let pending: Buffer = Buffer.alloc(0);
    let answered: Promise<void> = Promise.resolve();
    socket.on('data', (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      for (let parsed = parseRequest(pending); parsed !== undefined; parsed = parseRequest(pending)) {
        pending = pending.subarray(parsed.length);
        const request = { ...parsed.request, connection };
        const index = requests.push(request) - 1;
        notify();
        // A client that breaks the connection is what the test wanted, or its own assertions will say so.
        answered = answered
          .then(async () => sendReply(socket, (await replyTo(request, index)) ?? {}))
          .catch(() => void socket.destroy());
      }
    });
  }
  net.listen(0, '127.0.0.1');
  await once(net, 'listening');
  const { port } = net.address() as { port: number };
  const server: ScriptedServer = {
    url: `http://127.0.0.1:${port}`,
    requests,
    get connections() {
      return connections;
    },
    get closedConnections() {
      return connections - sockets.size;
    },
    until: (condition) => until(() => condition(server)),
    endConnections() {
      for (const socket of sockets) socket.removeAllListeners('data').resume().end();
    },
    async close() {
      net.close();
      for (const socket of sockets) socket.destroy();
      await until(() => sockets.size === 0);
    },
  };
  return server;
}

function parseRequest(bytes: Buffer): { request: Omit<ScriptedRequest, 'connection'>; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [requestLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const [method = '', path = ''] = requestLine.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const length = headEnd + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < length) return undefined;
  return { request: { method, path, headers, body: bytes.toString('utf8', headEnd + 4, length) }, length };
}

async function sendReply(socket: Socket, reply: ScriptedReply): Promise<void> {
  if (reply.hang === 'before-head') return forever(socket);
  const body = Buffer.from(reply.body ?? '');
  const framing = reply.framing ?? 'length';
  await write(socket, reply.rawHead ?? headOf(reply, framing, body.length));
  if (reply.hang === 'before-body') return forever(socket);

  const cut = Math.min(reply.cutAfterBytes ?? Infinity, body.length);
  const sliceBytes = reply.sliceBytes ?? Math.max(cut, 1);
  for (let start = 0; start < cut; start += sliceBytes) {
    await reply.beforeSlice?.(start / sliceBytes);
    const slice = body.subarray(start, Math.min(start + sliceBytes, cut));
    await write(socket, framing === 'chunked' ? chunkOf(slice) : slice);
  }
  if (reply.hang === 'before-end') return forever(socket);
  if (reply.cutAfterBytes !== undefined) {
    if (reply.cutBy === 'reset') socket.resetAndDestroy();
    else socket.end();
    return;
  }
  if (framing === 'chunked') await write(socket, '0\r\n\r\n');
  if (framing === 'close') socket.end();
}

function headOf(reply: ScriptedReply, framing: NonNullable<ScriptedReply['framing']>, length: number): string {
  const headers: Record<string, string> = { 'content-type': 'application/json', ...reply.headers };
  if (framing === 'length') headers['content-length'] = String(length);
  if (framing === 'chunked') headers['transfer-encoding'] = 'chunked';
  if (framing === 'close') headers['connection'] = 'close';
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${reply.status ?? 200} Scripted\r\n${lines.join('')}\r\n`;
}

function chunkOf(slice: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${slice.length.toString(16)}\r\n`), slice, Buffer.from('\r\n')]);
}

function write(socket: Socket, bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/** Waits until the other side ends the connection. */
async function forever(socket: Socket): Promise<void> {
  if (!socket.destroyed) await once(socket, 'close');
}
