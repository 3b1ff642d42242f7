/**
 * A stub of a provider over node:http on loopback: chat in the OpenAI format, whole and streamed, with a stated time of
 * service, so many answers at once and a line before them. Who leaves the line is not served; an answer that was begun is
 * finished, whether anybody still wants it or not. It counts what it sees.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchStops } from '../lib/loop-stops.mjs';
import { streamEvents, usageOf, wholeBody } from './answers.mjs';
import { Places } from './places.mjs';

/** Connections that the system may hold ready for the server to accept. */
const LISTEN_BACKLOG = 4096;

/**
 * @typedef {object} UpstreamOptions
 * @property {number} serviceMs from the beginning of an answer to its end; half of it to the first event of a stream
 * @property {number} [places] answers at once; default: no bound
 * @property {number} [backlog] requests that wait for a place at most, more get a 503; default: no bound
 * @property {boolean} [isHeld] no answer begins before `open()`
 * @property {boolean} [keepsArrivals] remembers when each request came, and watches how late it may have seen that
 */

/**
 * What is wrong with one answer: a status in its place, a late first byte, or an end amid the text.
 * @typedef {{ status?: number, retryAfterMs?: number, lateMs?: number, isCut?: boolean }} Fault
 */

/** @typedef {{ model: string, atMs: number, tokens: number }} Arrival on the machine's monotonic clock */

/**
 * @param {UpstreamOptions} options
 * @param {() => Fault | undefined} [drawFault] asked once a request
 */
export async function createUpstream(options, drawFault = () => undefined) {
  const { serviceMs, places: size = Infinity, backlog = Infinity, isHeld = false, keepsArrivals = false } = options;
  const places = new Places(size, backlog);
  /** @type {Arrival[]} */
  const arrivals = [];
  const gauges = { sockets: 0, atWork: 0 };
  let endWatch = keepsArrivals ? watchStops() : undefined;
  let counts = noCounts();
  let open = () => {};
  const opened = isHeld ? new Promise((resolve) => (open = () => resolve(undefined))) : undefined;

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.on('connection', (socket) => {
    counts.peakSockets = Math.max(counts.peakSockets, ++gauges.sockets);
    socket.once('close', () => gauges.sockets--);
  });

  async function serve(
    /** @type {import('node:http').IncomingMessage} */ request,
    /** @type {import('node:http').ServerResponse} */ response,
  ) {
    const question = readQuestion(await readBody(request));
    counts.requests++;
    if (keepsArrivals) {
      const atMs = Number(process.hrtime.bigint()) / 1e6;
      arrivals.push({ model: question.model, atMs, tokens: usageOf(question.prompt).total_tokens });
    }
    const left = new AbortController();
    response.once('close', () => left.abort());
    counts.peakAtWork = Math.max(counts.peakAtWork, ++gauges.atWork);
    try {
      await opened;
      const hasPlace = await places.enter(left.signal);
      if (hasPlace) await work(question, response);
      else if (left.signal.aborted) counts.left++;
      else refuse(response, { status: 503 });
    } finally {
      gauges.atWork--;
    }
  }

  async function work(
    /** @type {ReturnType<typeof readQuestion>} */ question,
    /** @type {import('node:http').ServerResponse} */ response,
  ) {
    const startMs = performance.now();
    try {
      const fault = drawFault();
      if (fault !== undefined) counts.faults++;
      if (fault?.status !== undefined) return refuse(response, fault);
      if (fault?.lateMs !== undefined) await sleep(fault.lateMs);
      const isCut = fault?.isCut === true;
      if (question.isStream) await sendStream(response, streamEvents(question), { serviceMs, isCut });
      else await sendWhole(response, wholeBody(question), { serviceMs, isCut });
      if (fault !== undefined) return;
      counts.served++;
      counts.serviceMs += performance.now() - startMs;
    } finally {
      places.leave();
    }
  }

  function refuse(/** @type {import('node:http').ServerResponse} */ response, /** @type {Fault} */ fault) {
    const { status = 500, retryAfterMs } = fault;
    if (retryAfterMs !== undefined) response.setHeader('retry-after-ms', String(retryAfterMs));
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"the stub refuses","type":"server_error","code":null}}');
    counts.refused++;
  }

  server.listen({ port: 0, host: '127.0.0.1', backlog: LISTEN_BACKLOG });
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/v1`,
    /** Lets answers begin. */
    open: () => open(),
    close() {
      endWatch?.();
      server.close();
      server.closeAllConnections();
    },
    /** What was seen since the last time it was asked, and what is the case now. */
    take() {
      const { serviceMs: total, ...seen } = counts;
      counts = { ...noCounts(), peakSockets: gauges.sockets, peakAtWork: gauges.atWork };
      const longestStopMs = endWatch?.() ?? 0;
      if (keepsArrivals) endWatch = watchStops();
      return { ...seen, ...gauges, meanServiceMs: total / seen.served, arrivals: arrivals.splice(0), longestStopMs };
    },
  };
}

function noCounts() {
  return { requests: 0, served: 0, refused: 0, left: 0, faults: 0, serviceMs: 0, peakSockets: 0, peakAtWork: 0 };
}

/** @param {import('node:http').IncomingMessage} request */
async function readBody(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** @param {string} body */
function readQuestion(body) {
  const { messages, model, stream } = JSON.parse(body);
  return { prompt: String(messages.at(-1).content), model: String(model), isStream: stream === true };
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {Buffer} body
 * @param {{ serviceMs: number, isCut: boolean }} how
 */
async function sendWhole(response, body, { serviceMs, isCut }) {
  await sleep(serviceMs);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  if (!isCut) response.end(body);
  else response.write(body.subarray(0, body.length >> 1), () => response.destroy());
}

/**
 * Half of the events after half of the time; a stream that is cut ends there, in order, as a proxy ends it.
 * @param {import('node:http').ServerResponse} response
 * @param {readonly string[]} events
 * @param {{ serviceMs: number, isCut: boolean }} how
 */
async function sendStream(response, events, { serviceMs, isCut }) {
  const half = events.length >> 1;
  await sleep(serviceMs / 2);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.write(events.slice(0, half).join(''));
  await sleep(serviceMs / 2);
  response.end(isCut ? '' : events.slice(half).join(''));
}
