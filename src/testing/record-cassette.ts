/**
 * Records what really happens between a client and its upstream: as a server on loopback before an HTTP API, or as a
 * provider around another. What is recorded passes through unchanged; the file is written by close().
 */
import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isProviderError, isSherdError } from '../core/errors.js';
import type { Chunk } from '../protocol/chat.js';
import type { EmbedAnswer } from '../protocol/embedding.js';
import type { EmbedCall, Provider, ProviderCall } from '../providers/provider.js';
import { type CassetteError, parseBody } from './cassette.js';
import { type RecordOptions, type Take, Tape } from './cassette-tape.js';

/** A server that stands before the upstream. */
export interface CassetteRecorder {
  /** Takes the place of the upstream's URL, its path included. */
  readonly url: string;
  /** Exchanges that have come to their end. */
  readonly exchanges: number;
  /** Ends all connections and writes the file. Idempotent. */
  close(): Promise<void>;
}

/** A provider that passes everything on, embeddings too; close() writes the file, then closes the other. */
export interface RecordingProvider extends Provider {
  readonly exchanges: number;
  close(): Promise<void>;
}

const HOP_BY_HOP =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|content-length|accept-encoding)$/;

/** Records an HTTP API, given by its URL, or a Provider. The file is replaced. */
export function recordCassette(upstream: string, file: string, options?: RecordOptions): Promise<CassetteRecorder>;
export function recordCassette(upstream: Provider, file: string, options?: RecordOptions): Promise<RecordingProvider>;
export async function recordCassette(
  upstream: string | Provider,
  file: string,
  options: RecordOptions = {},
): Promise<CassetteRecorder | RecordingProvider> {
  const tape = new Tape(file, options);
  return typeof upstream === 'string' ? recordServer(upstream, tape) : recordProvider(upstream, tape);
}

async function recordServer(upstream: string, tape: Tape): Promise<CassetteRecorder> {
  const base = new URL(upstream);
  const send = base.protocol === 'https:' ? httpsRequest : httpRequest;

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request;
    const sent = await readAll(request);
    const headers = flatHeaders(request.headers);
    const take = tape.begin({ method, path, headers, body: parseBody(sent.toString('utf8')), secrets: [] });
    const upstreamRequest = send(new URL(path, base.origin), {
      method,
      headers: { ...withoutHops(headers), 'accept-encoding': 'identity', 'content-length': sent.length },
      agent: false,
    });
    response.once('close', () => upstreamRequest.destroy());
    upstreamRequest.end(sent);
    const [answer] = (await once(upstreamRequest, 'response')) as [IncomingMessage];
    const head = { status: answer.statusCode ?? 502, headers: withoutHops(flatHeaders(answer.headers)) };
    response.writeHead(head.status, { ...head.headers, ...lengthOf(answer) });
    response.flushHeaders();
    try {
      for await (const bytes of answer as AsyncIterable<Buffer>) {
        take.add(bytes);
        if (!response.write(bytes)) await once(response, 'drain');
      }
    } catch {
      // Who left before the end has recorded nothing.
      if (response.destroyed) return;
      take.end(head, 'cut');
      response.destroy();
      return;
    }
    take.end(head, 'clean');
    response.end();
  }
  const server = createServer((request, response) => {
    pass(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end('the upstream could not be reached');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}${base.pathname.replace(/\/$/, '')}`,
    get exchanges() {
      return tape.length;
    },
    async close() {
      server.closeAllConnections();
      if (server.listening) {
        server.close();
        await once(server, 'close');
      }
      await tape.write();
    },
  };
}

function recordProvider(provider: Provider, tape: Tape): RecordingProvider {
  const { name, endpoint, maxEmbedTexts } = provider;

  function begin(asked: Asked, apiKey: string | undefined): Take {
    const secrets = apiKey === undefined ? [] : [apiKey];
    return tape.begin({ ...asked, path: `${name} ${endpoint}`, headers: {}, secrets });
  }
  async function* chat(call: ProviderCall): AsyncGenerator<Chunk | readonly Chunk[], void, undefined> {
    const take = begin(chatAsked(provider, call), call.apiKey);
    try {
      for await (const given of provider.chat(call)) {
        take.add(Buffer.from(JSON.stringify(given)));
        yield given;
      }
    } catch (error) {
      if (!(call.cancel ?? call.signal).aborted) take.end(HEAD, 'cut', errorOf(error));
      throw error;
    }
    take.end(HEAD, 'clean');
  }
  async function embed(embedUpstream: Embed, call: EmbedCall): Promise<EmbedAnswer> {
    const take = begin(embedAsked(call), call.apiKey);
    try {
      const answer = await embedUpstream(call);
      take.add(Buffer.from(JSON.stringify(answer)));
      take.end(HEAD, 'clean');
      return answer;
    } catch (error) {
      if (!call.signal.aborted) take.end(HEAD, 'cut', errorOf(error));
      throw error;
    }
  }
  const embedUpstream = provider.embed?.bind(provider);
  return {
    name,
    endpoint,
    body: (request) => provider.body(request),
    chat,
    ...(embedUpstream === undefined ? {} : { embed: (call) => embed(embedUpstream, call) }),
    ...(maxEmbedTexts === undefined ? {} : { maxEmbedTexts }),
    get exchanges() {
      return tape.length;
    },
    async close() {
      await tape.write();
      await provider.close?.();
    },
  };
}

type Embed = NonNullable<Provider['embed']>;

const HEAD = { status: 200, headers: {} };

/** What a provider is asked for, in the place of a request over HTTP. */
export interface Asked {
  readonly method: 'CHAT' | 'EMBED';
  readonly body: unknown;
}

/** Its body, and whether as a stream. */
export function chatAsked(provider: Provider, { request, stream }: ProviderCall): Asked {
  return { method: 'CHAT', body: { ...provider.body(request), stream } };
}
export function embedAsked({ request }: EmbedCall): Asked {
  return { method: 'EMBED', body: request };
}

function errorOf(error: unknown): CassetteError {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: 'not an error' };
  const { code, retryable } = isSherdError(error) ? error : { code: 'ERR_PROVIDER', retryable: false };
  const { status, retryAfterMs } = isProviderError(error) ? error : { status: undefined, retryAfterMs: undefined };
  return {
    name,
    code,
    message,
    retryable,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

function flatHeaders(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}
function withoutHops(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.test(name)));
}
function lengthOf({ headers }: IncomingMessage): Record<string, string> {
  const length = headers['content-length'];
  return length === undefined ? {} : { 'content-length': length };
}
