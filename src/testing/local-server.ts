/**
 * A real HTTP server in the OpenAI format around any provider, for demos and tests on loopback: chat, whole and streamed,
 * models, health, and outages on demand. It adds no delay of its own. Not a gateway: no limits, no auth beyond one key.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../core/clock.js';
import { isConfigError, isProviderError, type ProviderError } from '../core/errors.js';
import type { Chunk } from '../protocol/chat.js';
import { flatten } from '../protocol/flatten.js';
import type { Provider } from '../providers/provider.js';
import { createEventFormatter, formatAnswer, formatError, type ParsedRequest, parseChatBody } from './openai-format.js';
import { createWatchers } from './watchers.js';

/** How the server fails while an outage lasts: by answering an error, by never answering, or by breaking the connection. */
export interface Outage {
  readonly mode: 'error' | 'hang' | 'reset';
  /** Of mode 'error'. Default 503. */
  readonly status?: number;
  /** Of mode 'error': sent as `retry-after`, in whole seconds. */
  readonly retryAfterSeconds?: number;
}

export interface LocalServerOptions {
  readonly provider: Provider;
  /** Models it lists and answers for. Default: any. */
  readonly models?: readonly string[];
  /** The only key it accepts. Default: none is asked for. */
  readonly requireKey?: string;
  readonly outage?: Outage;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default '127.0.0.1'. */
  readonly host?: string;
  readonly clock?: Clock;
}

export interface LocalServerStats {
  /** Requests to the chat endpoint: all, those answered to the end, those refused with an error, and those the client left. */
  readonly requests: number;
  readonly answered: number;
  readonly refused: number;
  readonly aborted: number;
  /** Streams being sent now. */
  readonly openStreams: number;
}

export interface LocalServer {
  /** `http://host:port` */
  readonly url: string;
  /** What a client takes as its base URL: with `/v1`. */
  readonly baseURL: string;
  /** Fails every further chat request like this; undefined ends the outage. Running ones go on. */
  setOutage(outage: Outage | undefined): void;
  stats(): LocalServerStats;
  /** Resolves once `condition` holds; asked again after every change of the stats. */
  until(condition: (stats: LocalServerStats) => boolean): Promise<void>;
  /** Ends all connections. Idempotent. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 10 * 1024 * 1024;

export async function createLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { provider, models, requireKey, clock = systemClock } = options;
  const counts = { requests: 0, answered: 0, refused: 0, aborted: 0, openStreams: 0 };
  const watchers = createWatchers();
  let outage = options.outage;
  let requestNumber = 0;

  const http = createServer((request, response) => {
    response.setHeader('x-request-id', `req-${++requestNumber}`);
    route(request, response).catch(() => response.destroy());
  });

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0];
    if (request.method === 'GET' && path === '/health')
      return sendJson(response, 200, { status: outage === undefined ? 'ok' : 'outage' });
    if (path !== '/v1/chat/completions' && path !== '/v1/models')
      return sendError(response, 404, `unknown path: ${path}`, null);
    if (request.method !== (path === '/v1/models' ? 'GET' : 'POST'))
      return sendError(response, 405, 'method not allowed', null);
    if (path === '/v1/chat/completions') {
      count('requests');
      return answerChat(request, response);
    }
    if (!hasKey(request)) return sendError(response, 401, 'incorrect API key provided', 'invalid_api_key');
    const data = (models ?? []).map((id) => ({ id, object: 'model', created: 0, owned_by: provider.name }));
    return sendJson(response, 200, { object: 'list', data });
  }

  async function answerChat(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const controller = new AbortController();
    let isReset = false;
    response.on('close', () => {
      if (response.writableFinished || isReset) return;
      controller.abort();
      count('aborted');
    });
    const text = await readBody(request);
    if (outage?.mode === 'hang') return;
    if (outage?.mode === 'reset') {
      isReset = true;
      count('refused');
      request.socket.resetAndDestroy();
      return;
    }
    if (outage !== undefined) return refuseInOutage(outage, response);
    if (!hasKey(request)) return refuse(response, 401, 'incorrect API key provided', 'invalid_api_key');
    if (text === undefined) return refuse(response, 413, `the body is longer than ${MAX_BODY_BYTES} bytes`, null);
    try {
      const parsed = parseChatBody(text);
      const { model } = parsed.request;
      if (models?.includes(model) === false)
        return refuse(response, 404, `the model '${model}' does not exist`, 'model_not_found');
      if (parsed.stream) await sendStream(parsed, response, controller.signal);
      else await sendWhole(parsed, response, controller.signal);
      count('answered');
    } catch (error) {
      if (controller.signal.aborted) return;
      if (response.headersSent) return endStreamWithError(response, error);
      return refuse(response, statusOf(error), messageOf(error), null);
    }
  }

  async function sendWhole(parsed: ParsedRequest, response: ServerResponse, signal: AbortSignal): Promise<void> {
    for await (const chunk of flatten(
      provider.chat({ request: parsed.request, stream: false, signal, apiKey: undefined }),
    )) {
      if (chunk.kind === 'response') sendJson(response, 200, formatAnswer(chunk.answer, nowSeconds()));
    }
    if (!response.writableFinished) await once(response, 'finish', { signal });
  }

  async function sendStream(parsed: ParsedRequest, response: ServerResponse, signal: AbortSignal): Promise<void> {
    const format = createEventFormatter(parsed.includeUsage, nowSeconds());
    let usage: Chunk | undefined;
    change('openStreams', 1);
    try {
      for await (const chunk of flatten(
        provider.chat({ request: parsed.request, stream: true, signal, apiKey: undefined }),
      )) {
        if (!response.headersSent)
          response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
        // The usage goes last on this wire, after the finish reason.
        if (chunk.kind === 'usage') usage = chunk;
        else await sendEvent(response, format(chunk), signal);
      }
      if (usage !== undefined) await sendEvent(response, format(usage), signal);
      response.end('data: [DONE]\n\n');
      if (!response.writableFinished) await once(response, 'finish', { signal });
    } finally {
      change('openStreams', -1);
    }
  }

  function refuseInOutage(current: Outage, response: ServerResponse): void {
    if (current.retryAfterSeconds !== undefined) response.setHeader('retry-after', String(current.retryAfterSeconds));
    refuse(response, current.status ?? 503, 'the server is out of service', 'service_unavailable');
  }
  function refuse(response: ServerResponse, status: number, message: string, code: string | null): void {
    count('refused');
    sendError(response, status, message, code);
  }
  function hasKey(request: IncomingMessage): boolean {
    return requireKey === undefined || request.headers.authorization === `Bearer ${requireKey}`;
  }
  function nowSeconds(): number {
    return Math.floor(clock.wallMs() / 1000);
  }
  function count(name: keyof typeof counts): void {
    change(name, 1);
  }
  function change(name: keyof typeof counts, by: number): void {
    counts[name] += by;
    watchers.notify();
  }
  async function close(): Promise<void> {
    http.closeAllConnections();
    if (!http.listening) return;
    http.close();
    await once(http, 'close');
  }

  const { port = 0, host = '127.0.0.1' } = options;
  http.listen(port, host);
  await once(http, 'listening');
  const address = http.address() as { port: number };
  const url = `http://${host}:${address.port}`;
  return {
    url,
    baseURL: `${url}/v1`,
    setOutage(next) {
      outage = next;
    },
    stats: () => ({ ...counts }),
    until: (condition) => watchers.until(() => condition(counts)),
    close,
  };
}

/** The body as text; undefined when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request) {
    size += (piece as Buffer).length;
    if (size <= MAX_BODY_BYTES) pieces.push(piece as Buffer);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(pieces).toString('utf8') : undefined;
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}

function sendError(response: ServerResponse, status: number, message: string, code: string | null): void {
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  sendJson(response, status, formatError(message, type, code));
}

async function sendEvent(response: ServerResponse, event: object | undefined, signal: AbortSignal): Promise<void> {
  if (event === undefined) return;
  if (!response.write(`data: ${JSON.stringify(event)}\n\n`)) await once(response, 'drain', { signal });
}

/** As OpenAI does it: an error object in the stream, and no [DONE]. */
function endStreamWithError(response: ServerResponse, error: unknown): void {
  response.end(`data: ${JSON.stringify(formatError(messageOf(error), 'server_error', null))}\n\n`);
}

function statusOf(error: unknown): number {
  if (isConfigError(error)) return 400;
  return isProviderError(error) ? ((error as ProviderError).status ?? 502) : 500;
}
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error';
}
