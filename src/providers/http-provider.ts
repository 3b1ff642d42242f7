/**
 * A wire format over a transport as a Provider: one request, its answer as chunks. The walk is the same for all formats;
 * what differs is in the WireFormat. Keeps no key and no state between calls.
 */
import type { CancelSignal } from '../core/cancel.js';
import { type Clock, systemClock } from '../core/clock.js';
import { ConfigError, isProviderError, ProviderError, StreamTruncatedError } from '../core/errors.js';
import { REDACTED } from '../core/secret.js';
import { answerToChunks } from '../protocol/assemble.js';
import type { Chunk, Message, ProviderAnswer } from '../protocol/chat.js';
import type { EmbedAnswer } from '../protocol/embedding.js';
import type { StreamEvent } from '../protocol/event-decoder.js';
import { type BaseURLRules, parseBaseURL } from '../transport/base-url.js';
import { assertHeaders, isHeaderValue } from '../transport/header-check.js';
import { readText, readTextStart } from '../transport/read-text.js';
import type { Transport, TransportResponse } from '../transport/transport.js';
import type { EmbedCall, Provider, ProviderCall } from './provider.js';
import { assertEmbeddable } from './request-check.js';
import { type ErrorDetail, toUpstreamError } from './upstream-error.js';
import type { EmbeddingFormat, StreamDecoder, WireFormat } from './wire-format.js';
import { isObject, parseJson } from './wire-values.js';

export interface HttpProviderOptions {
  /** Named in keys, metrics and errors. */
  readonly name: string;
  /** With the version, as in 'https://api.openai.com/v1'. */
  readonly baseURL: string;
  readonly baseURLRules?: BaseURLRules | undefined;
  /** To the origin of the base URL. close() closes it. */
  readonly transport: Transport;
  /** Sent with every request; they win over our own. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly clock?: Clock | undefined;
}

const JSON_TYPE = 'application/json';
/** Bytes of an error body that are read; its message is cut far below. */
const MAX_ERROR_BYTES = 64 * 1024;

/** Who asks and what may not be quoted: all that sending and failing need to know of a call. */
interface Asker {
  readonly signal: CancelSignal;
  readonly apiKey: string | undefined;
  readonly texts: readonly string[];
  readonly idempotencyKey?: string | undefined;
}

interface Opened {
  readonly response: TransportResponse;
  readonly asker: Asker;
  /** Chunks that tell what was left out. */
  readonly warnings: readonly Chunk[];
}

/** Throws a ConfigError for a base URL or headers that cannot be sent; opens nothing. */
export function createHttpProvider(format: WireFormat, options: HttpProviderOptions): Provider {
  const { name, transport, clock = systemClock } = options;
  const base = parseBaseURL(options.baseURL, 'baseURL', name, options.baseURLRules);
  assertSameOrigin(base.origin, transport);
  const ownHeaders = lowerCaseNames({ 'user-agent': 'sherd', ...format.headers, ...options.headers });
  assertHeaders(ownHeaders, 'headers', name);
  const { framing, embedding: embeddings } = format;

  async function* chatWhole(call: ProviderCall): AsyncGenerator<readonly Chunk[], void, undefined> {
    const { response, asker, warnings } = await openChat(call);
    if (warnings.length > 0) yield warnings;
    yield [{ kind: 'response', answer: await readAnswer(response, asker, call.request.model) }];
  }

  async function* chatStream(call: ProviderCall): AsyncGenerator<readonly Chunk[], void, undefined> {
    const { response, asker, warnings } = await openChat(call);
    if (warnings.length > 0) yield warnings;
    if (isOfType(response, JSON_TYPE) && framing.contentType !== JSON_TYPE) {
      // A server that does not stream still gives a stream of its one answer.
      yield answerToChunks(await readAnswer(response, asker, call.request.model));
      return;
    }
    const decoder = framing.createDecoder(name);
    const answer = format.createStreamDecoder(requestIdOf(response), call.request.model);
    let isEnded = false;
    try {
      while (!isEnded) {
        const bytes = await readPiece(response);
        const isLast = bytes === undefined;
        // Bytes that came before the abort may still lie here.
        asker.signal.throwIfAborted();
        const chunks: Chunk[] = [];
        try {
          isEnded = readEvents(isLast ? decoder.flush() : decoder.push(bytes), isLast, answer, chunks, response, asker);
        } catch (error) {
          // What came before the error was good.
          if (chunks.length > 0) yield chunks;
          throw error;
        }
        // A reader that stops here has its answer, and the connection can serve again.
        if (isEnded) response.body.release();
        if (chunks.length > 0) yield chunks;
      }
    } finally {
      if (!isEnded) await response.body.return();
    }
  }

  /** Undefined at the end of the body. A connection cut amid a stream is a stream cut short. */
  async function readPiece(response: TransportResponse): Promise<Uint8Array | undefined> {
    try {
      const piece = await response.body.next();
      return piece.done === true ? undefined : piece.value;
    } catch (error) {
      if (isProviderError(error) && error.code === 'ERR_PROVIDER_RESET') throw truncated(response);
      throw error;
    }
  }

  /** Appends the chunks of these events. True when the answer has come to its clean end. */
  function readEvents(
    events: readonly StreamEvent[],
    isLast: boolean,
    answer: StreamDecoder,
    chunks: Chunk[],
    response: TransportResponse,
    asker: Asker,
  ): boolean {
    for (const { data, event } of events) {
      if (format.isEndMark?.(data) === true) {
        if (!answer.isWhole) throw truncated(response);
        append(chunks, answer.finish());
        return true;
      }
      const json = parseJson(data);
      // An event that the end of the body cut off is no nonsense of the server's.
      if (isLast && json === undefined) throw truncated(response);
      if (!isObject(json)) throw badResponse(response, 'sent an event that is not a JSON object');
      const error = event === 'error' ? format.decodeError(json) : format.findError(json);
      if (error !== undefined) throw failureOf(response, asker, error, json);
      append(chunks, answer.decode(json, event));
      if (answer.fault !== undefined) throw badResponse(response, answer.fault);
      if (!answer.isEnded) continue;
      append(chunks, answer.finish());
      return true;
    }
    if (!isLast) return false;
    if (!answer.isWhole && !isOfType(response, framing.contentType))
      throw badResponse(response, 'answered something that is not a stream');
    if (!answer.isWhole || format.mayEndWithBody !== true) throw truncated(response);
    append(chunks, answer.finish());
    return true;
  }

  async function openChat(call: ProviderCall): Promise<Opened> {
    const { request, stream } = call;
    const { body, warnings } = format.encode(request);
    const { apiKey, idempotencyKey } = call;
    const signal = call.cancel ?? call.signal;
    const asker = { signal, apiKey, idempotencyKey, texts: request.messages.flatMap(textsOf) };
    const path = format.pathOf?.(request, stream) ?? format.path;
    const response = await post(asker, path, format.asSent(body, request, stream), stream);
    return { response, asker, warnings: warnings.map((message) => ({ kind: 'warning', message })) };
  }

  async function embed(embedding: EmbeddingFormat, call: EmbedCall): Promise<EmbedAnswer> {
    const { request } = call;
    assertEmbeddable(request, embedding.maxTexts);
    const asker = { signal: call.signal, apiKey: call.apiKey, texts: request.texts };
    const response = await post(asker, embedding.pathOf(request), embedding.encode(request), false);
    const body = await readJson(response, asker);
    const answer = embedding.decode(body, request);
    if (answer === undefined) throw badResponse(response, 'answered something that is not a list of embeddings');
    const requestId = requestIdOf(response);
    return Object.freeze(requestId === undefined ? answer : { ...answer, requestId });
  }

  async function post(asker: Asker, path: string, body: object, isStream: boolean): Promise<TransportResponse> {
    const response = await transport.request({
      method: 'POST',
      path: urlPathOf(path),
      headers: headersOf(asker, isStream),
      body: JSON.stringify(body),
      signal: asker.signal,
      caller: name,
    });
    if (response.status < 200 || response.status >= 300) throw await readFailure(response, asker);
    return response;
  }

  function urlPathOf(path: string): string {
    return `${base.path}${path}${base.query}`;
  }

  async function readAnswer(response: TransportResponse, asker: Asker, model: string): Promise<ProviderAnswer> {
    const answer = format.decodeAnswer(await readJson(response, asker), requestIdOf(response), model);
    if (answer === undefined) throw badResponse(response, 'answered something that is not a chat completion');
    return answer;
  }

  async function readJson(response: TransportResponse, asker: Asker): Promise<unknown> {
    const body = parseJson(await readText(response.body, name));
    const error = format.findError(body);
    if (error !== undefined) throw failureOf(response, asker, error, body);
    return body;
  }

  async function readFailure(response: TransportResponse, asker: Asker): Promise<ProviderError> {
    let text = '';
    try {
      text = await readTextStart(response.body, MAX_ERROR_BYTES);
    } catch {
      // The status is the news; a broken error page does not hide it. An abort does.
      asker.signal.throwIfAborted();
    }
    const body = parseJson(text);
    return failureOf(response, asker, format.decodeError(body), body);
  }

  function failureOf(
    response: TransportResponse,
    { apiKey = '', texts }: Asker,
    detail: ErrorDetail,
    body: unknown,
  ): ProviderError {
    const { status, headers } = response;
    return toUpstreamError({
      provider: name,
      status,
      headers,
      requestId: requestIdOf(response),
      detail,
      retryAfterMs: format.retryAfterMsOf?.(body),
      prompts: texts,
      secrets: [apiKey, ...Object.values(options.headers ?? {})],
      wallMs: clock.wallMs(),
    });
  }

  function badResponse(response: TransportResponse, what: string): ProviderError {
    const { status } = response;
    const code = 'ERR_PROVIDER_BAD_RESPONSE';
    const requestId = requestIdOf(response);
    return new ProviderError(`${name} ${what}`, { code, provider: name, status, requestId, retryable: true });
  }

  function truncated(response: TransportResponse): StreamTruncatedError {
    const { status } = response;
    const requestId = requestIdOf(response);
    return new StreamTruncatedError(`${name} ended its stream early`, { provider: name, status, requestId });
  }

  function headersOf({ apiKey, idempotencyKey }: Asker, isStream: boolean): Record<string, string> {
    const accept = isStream ? framing.contentType : JSON_TYPE;
    const headers: Record<string, string> = { 'content-type': JSON_TYPE, accept, ...ownHeaders };
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    if (apiKey === undefined) return headers;
    if (!isHeaderValue(apiKey)) {
      const expected = 'a key of Latin-1 characters without line ends';
      throw new ConfigError(name, [{ path: 'apiKey', expected, received: REDACTED, setBy: 'withAPIKey' }]);
    }
    return { ...format.keyHeaders(apiKey), ...headers };
  }

  function requestIdOf({ headers }: TransportResponse): string | undefined {
    for (const header of format.requestIdHeaders) {
      const id = headers[header];
      if (id !== undefined) return id;
    }
    return undefined;
  }

  return {
    name,
    endpoint: `${base.origin}${urlPathOf(format.path)}`,
    body: (request) => format.encode(request).body,
    chat: (call) => (call.stream ? chatStream(call) : chatWhole(call)),
    ...(embeddings === undefined
      ? {}
      : { embed: (call: EmbedCall) => embed(embeddings, call), maxEmbedTexts: embeddings.maxTexts }),
    get connections() {
      return transport.connections ?? 0;
    },
    prewarm: () => transport.prewarm(),
    close: () => transport.close(),
  };
}

function assertSameOrigin(origin: string, transport: Transport): void {
  if (transport.origin === origin) return;
  const received = `a transport to ${transport.origin}`;
  throw new ConfigError('provider', [
    { path: 'transport', expected: `a transport to ${origin}`, received, setBy: 'transport' },
  ]);
}

function isOfType({ headers }: TransportResponse, type: string): boolean {
  const [given = ''] = (headers['content-type'] ?? '').split(';', 1);
  return given.trim().toLowerCase() === type;
}

function append(chunks: Chunk[], more: readonly Chunk[]): void {
  for (const chunk of more) chunks.push(chunk);
}

function textsOf({ content }: Message): readonly string[] {
  return typeof content === 'string' ? [content] : content.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
