/**
 * Gives the answers of a cassette to those who ask the same again: over HTTP on loopback, as a transport, or as a provider.
 * Invariant: what was not recorded is never answered; the error says in what the request differs, never in which words.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CancelSignal } from '../core/cancel.js';
import { type Clock, systemClock } from '../core/clock.js';
import { ProviderError, RateLimitError, SherdError, StreamTruncatedError } from '../core/errors.js';
import type { Chunk } from '../protocol/chat.js';
import type { EmbedAnswer } from '../protocol/embedding.js';
import type { EmbedCall, Provider, ProviderCall } from '../providers/provider.js';
import { sleep } from '../resilience/timer.js';
import type { ResponseBody, Transport, TransportCall, TransportResponse } from '../transport/transport.js';
import { bytesOf, type CassetteExchange, type CassetteResponse, parseBody, readCassette } from './cassette.js';
import { differences } from './cassette-differences.js';
import { type RawRequest, redactRequest } from './cassette-redaction.js';
import { type Asked, chatAsked, embedAsked } from './record-cassette.js';

export interface ReplayOptions {
  /** What happens when a request comes more often than it was recorded. Default 'last': the last answer again. */
  readonly repeat?: 'last' | 'never';
  /** 'recorded': pieces come when they came. Default: at once. */
  readonly timing?: 'recorded';
  /** The same as at the recording. */
  readonly secrets?: readonly string[];
  readonly clock?: Clock;
}

export interface CassettePlayer {
  /** Exchanges on the cassette, and those of them that nobody has asked for yet. */
  readonly exchanges: number;
  readonly unused: number;
  /** One for each request that no recording was for. */
  readonly refused: readonly SherdError[];
  /** A server on loopback. What was not recorded is answered with a 400 that tells the difference. */
  serve(): Promise<{ readonly url: string; close(): Promise<void> }>;
  /** A transport of the library that opens no connection. What was not recorded rejects. */
  transport(origin: string): Transport;
  /** Answers in the place of the provider that was recorded, which is asked for nothing but bodies. */
  provider(recorded: Provider): Provider;
}

/** Rejects with `ERR_CASSETTE_UNREADABLE` or `ERR_CASSETTE_MALFORMED`. */
export async function replayCassette(file: string, options: ReplayOptions = {}): Promise<CassettePlayer> {
  const { exchanges } = await readCassette(file);
  return new Player(exchanges, options);
}

class Player implements CassettePlayer {
  readonly #all: readonly CassetteExchange[];
  readonly #options: ReplayOptions;
  readonly #used = new Set<CassetteExchange>();
  readonly #refused: SherdError[] = [];

  constructor(exchanges: readonly CassetteExchange[], options: ReplayOptions) {
    this.#all = exchanges;
    this.#options = options;
  }

  get exchanges(): number {
    return this.#all.length;
  }
  get unused(): number {
    return this.#all.length - this.#used.size;
  }
  get refused(): readonly SherdError[] {
    return this.#refused;
  }

  async serve(): Promise<{ readonly url: string; close(): Promise<void> }> {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    return {
      url: `http://127.0.0.1:${port}`,
      async close() {
        server.closeAllConnections();
        if (!server.listening) return;
        server.close();
        await once(server, 'close');
      },
    };
  }

  transport(origin: string): Transport {
    const request = async (call: TransportCall): Promise<TransportResponse> => {
      const { method, path, headers, caller, signal } = call;
      signal.throwIfAborted();
      const body = parseBody(Buffer.from(call.body ?? '').toString());
      const { response } = this.#find({ method, path, headers: lowerCaseNames(headers), body, secrets: [] });
      const { status } = response;
      return { status, headers: response.headers, body: bodyOf(this.#pieces(response, signal, caller)) };
    };
    const nothing = async (): Promise<void> => undefined;
    return { origin, request, prewarm: nothing, close: nothing };
  }

  provider(recorded: Provider): Provider {
    const { name, endpoint, maxEmbedTexts } = recorded;
    const chat = (call: ProviderCall): AsyncIterable<Chunk | readonly Chunk[]> =>
      this.#play(recorded, call.cancel ?? call.signal, call.apiKey, () => chatAsked(recorded, call));
    const embed = async (call: EmbedCall): Promise<EmbedAnswer> => {
      const played = this.#play<EmbedAnswer>(recorded, call.signal, call.apiKey, () => embedAsked(call));
      for await (const answer of played) return answer;
      throw new SherdError('the cassette holds an answer of no vectors', { code: 'ERR_CASSETTE_MALFORMED' });
    };
    return {
      name,
      endpoint,
      body: (request) => recorded.body(request),
      chat,
      ...(recorded.embed === undefined ? {} : { embed }),
      ...(maxEmbedTexts === undefined ? {} : { maxEmbedTexts }),
    };
  }

  /** What the provider gave when it was recorded, then what it threw. */
  async *#play<T = Chunk | readonly Chunk[]>(
    { name, endpoint }: Provider,
    signal: CancelSignal,
    apiKey: string | undefined,
    asked: () => Asked,
  ): AsyncGenerator<T, void, undefined> {
    signal.throwIfAborted();
    const secrets = apiKey === undefined ? [] : [apiKey];
    const { response } = this.#find({ ...asked(), path: `${name} ${endpoint}`, headers: {}, secrets });
    for await (const bytes of this.#pieces({ ...response, end: 'clean' }, signal, name)) {
      yield JSON.parse(bytes.toString('utf8')) as T;
    }
    if (response.error !== undefined) throw revive(response.error, name);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent: Buffer[] = [];
    for await (const piece of request) sent.push(piece as Buffer);
    const { method = 'GET', url: path = '/' } = request;
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    let found: CassetteExchange;
    try {
      found = this.#find({ method, path, headers, body: parseBody(Buffer.concat(sent).toString('utf8')), secrets: [] });
    } catch (error) {
      const { message, code } = error as SherdError;
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } }));
      return;
    }
    const { status, headers: answered, pieces, end } = found.response;
    response.writeHead(status, answered);
    response.flushHeaders();
    for (const piece of pieces) {
      await this.#wait(piece.afterMs, undefined);
      response.write(bytesOf(piece));
      // So that it leaves as a piece of its own.
      await nextTurn();
    }
    if (end === 'clean') response.end();
    else response.destroy();
  }

  #find(raw: RawRequest): CassetteExchange {
    const { request } = redactRequest({ ...raw, secrets: [...(this.#options.secrets ?? []), ...raw.secrets] });
    const recorded = this.#all.filter(({ request: { digest } }) => digest === request.digest);
    const next = recorded.find((exchange) => !this.#used.has(exchange));
    const found = next ?? (this.#options.repeat === 'never' ? undefined : recorded.at(-1));
    if (found !== undefined) {
      this.#used.add(found);
      return found;
    }
    const why =
      recorded.length > 0
        ? `it was recorded ${recorded.length} times, and came once more`
        : differences(request, this.#all);
    const message = `the cassette has no answer to ${request.method} ${request.path}: ${why}`;
    const error = new SherdError(message, { code: 'ERR_CASSETTE_NO_MATCH' });
    this.#refused.push(error);
    throw error;
  }

  async *#pieces(
    response: CassetteResponse,
    signal: CancelSignal,
    caller: string,
  ): AsyncGenerator<Buffer, void, undefined> {
    for (const piece of response.pieces) {
      await this.#wait(piece.afterMs, signal);
      signal.throwIfAborted();
      yield bytesOf(piece);
    }
    if (response.end === 'clean') return;
    const options = { code: 'ERR_PROVIDER_RESET', provider: caller, retryable: true };
    throw new ProviderError(`${caller} broke the connection (recorded)`, options);
  }

  async #wait(afterMs: number | undefined, signal: CancelSignal | undefined): Promise<void> {
    if (this.#options.timing === undefined || afterMs === undefined) return;
    await sleep(this.#options.clock ?? systemClock, afterMs, signal);
  }
}

function bodyOf(pieces: AsyncGenerator<Buffer, void, undefined>): ResponseBody {
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => pieces.next() as Promise<IteratorResult<Uint8Array>>,
    async return() {
      await pieces.return();
      return { done: true, value: undefined };
    },
    release: () => void pieces.return(),
  };
}

/** The error that a provider threw, of the class that its kind has. */
function revive(error: NonNullable<CassetteResponse['error']>, provider: string): SherdError {
  const { name, message, code, status, retryable, retryAfterMs } = error;
  const options = { code, provider, status, retryable, retryAfterMs };
  if (name === 'RateLimitError') return new RateLimitError(message, options);
  if (name === 'StreamTruncatedError') return new StreamTruncatedError(message, options);
  return new ProviderError(message, options);
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
