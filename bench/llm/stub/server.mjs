/**
 * A provider that costs as little as one can: it reads no more of a request than where it ends, and writes bytes that were
 * made before. The first segment of the path says how it answers: `/burst/v1/...` at once, a stream in one write;
 * `/paced/...` a stream's events in a write each, a tick apart; `/late/...` after a while. It listens on loopback only.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { WIRES } from './wire.mjs';

/** Between two events of a paced stream. */
const TICK_MS = 2;
const LATE_MS = 150;
const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n';
const LENGTH_REQUIRED = 'HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

/** @typedef {import('./wire.mjs').Wire} Wire */
/** @typedef {import('node:net').Socket} Socket */

/** @type {Record<string, (socket: Socket, wire: Wire, isStream: boolean, pacer: Pacer) => unknown>} */
const PACES = {
  burst: answerAtOnce,
  paced: (socket, wire, isStream, pacer) => (isStream ? pacer.start(socket, wire) : answerAtOnce(socket, wire, false)),
  late: (socket, wire, isStream) => setTimeout(() => answerAtOnce(socket, wire, isStream), LATE_MS),
};

/** Resolves once it listens. */
export async function createStub() {
  const pacer = new Pacer();
  /** @type {Set<Socket>} */
  const sockets = new Set();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket.setNoDelay(true));
    socket.once('close', () => sockets.delete(socket));
    // Clients leave as they like.
    socket.on('error', () => {});
    readRequests(socket, (path, isStream) => {
      requests++;
      const [, pace = ''] = path.split('/', 2);
      const answer = PACES[pace];
      const wire = WIRES[path.includes('/messages') ? 'anthropic' : 'openai'];
      if (answer === undefined) socket.write(NOT_FOUND);
      else answer(socket, wire, isStream, pacer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    /** Requests since the last look. */
    takeRequests() {
      const taken = requests;
      requests = 0;
      return taken;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * Requests with a content length, one after the other.
 * @param {Socket} socket
 * @param {(path: string, isStream: boolean) => void} onRequest
 */
function readRequests(socket, onRequest) {
  let unread = Buffer.alloc(0);
  socket.on('data', (piece) => {
    unread = unread.length === 0 ? piece : Buffer.concat([unread, piece]);
    for (;;) {
      const headEnd = unread.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = unread.toString('latin1', 0, headEnd);
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
      if (length === undefined) return void socket.end(LENGTH_REQUIRED);
      const end = headEnd + 4 + Number(length);
      if (unread.length < end) return;
      const isStream = unread.subarray(headEnd, end).includes('"stream":true');
      unread = unread.subarray(end);
      onRequest(head.split(' ', 2)[1] ?? '', isStream);
    }
  });
}

/**
 * @param {Socket} socket
 * @param {Wire} wire
 * @param {boolean} isStream
 */
function answerAtOnce(socket, wire, isStream) {
  if (socket.writable) socket.write(isStream ? burstOf(wire) : wire.whole);
}

/** @type {Map<Wire, Buffer>} */
const bursts = new Map();

/** @param {Wire} wire */
function burstOf(wire) {
  const burst = bursts.get(wire) ?? Buffer.concat([wire.streamHead, ...wire.events]);
  bursts.set(wire, burst);
  return burst;
}

/** All paced streams, an event each a tick. It ticks only while there are some. */
class Pacer {
  constructor() {
    /** @type {Map<Socket, { wire: Wire, next: number }>} */
    this.streams = new Map();
    /** @type {NodeJS.Timeout | undefined} */
    this.timer = undefined;
  }

  /**
   * @param {Socket} socket
   * @param {Wire} wire
   */
  start(socket, wire) {
    socket.write(wire.streamHead);
    this.streams.set(socket, { wire, next: 0 });
    this.timer ??= setInterval(() => this.tick(), TICK_MS);
  }

  tick() {
    for (const [socket, stream] of this.streams) {
      const { events } = stream.wire;
      if (socket.writable) socket.write(/** @type {Buffer} */ (events[stream.next++]));
      if (!socket.writable || stream.next === events.length) this.streams.delete(socket);
    }
    if (this.streams.size === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
  }
}
