/**
 * A wire format over a transport as a Provider: one request, its answer as chunks. The walk is the same for all formats;
 * what differs is in the WireFormat. Keeps no key and no state between calls.
 */
import { type Clock, systemClock } from '../core/clock.js';
import { ConfigError, type ProviderError } from '../core/errors.js';
import { isLong } from '../core/long-text.js';
import { REDACTED } from '../core/secret.js';
import type { ProviderAnswer } from '../protocol/chat.js';
import type { EmbedAnswer } from '../protocol/embedding.js';
import { encodeLongJson } from '../protocol/long-json.js';
import { messagesLength } from '../protocol/message-length.js';
import { type BaseURLRules, parseBaseURL } from '../transport/base-url.js';
import { assertHeaders, isHeaderValue } from '../transport/header-check.js';
import { readText, readTextStart } from '../transport/read-text.js';
import type { Transport, TransportResponse } from '../transport/transport.js';
import { HttpChat, JSON_TYPE, type Opening } from './http-chat.js';
import { type Asker, HttpFailures, requestIdOf } from './http-failures.js';
import type { EmbedCall, Provider, ProviderCall } from './provider.js';
import { assertEmbeddable } from './request-check.js';
import type { EmbeddingFormat, WireFormat } from './wire-format.js';
import { parseJson } from './wire-values.js';

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

/** Bytes of an error body that are read; its message is cut far below. */
const MAX_ERROR_BYTES = 64 * 1024;

/** Throws a ConfigError for a base URL or headers that cannot be sent; opens nothing. */
export function createHttpProvider(format: WireFormat, options: HttpProviderOptions): Provider {
  const { name, transport, clock = systemClock } = options;
  const base = parseBaseURL(options.baseURL, 'baseURL', name, options.baseURLRules);
  assertSameOrigin(base.origin, transport);
  const ownHeaders = lowerCaseNames({ 'user-agent': 'sherd', ...format.headers, ...options.headers });
  assertHeaders(ownHeaders, 'headers', name);
  const { framing, embedding: embeddings } = format;
  const failures = new HttpFailures({ name, format, headers: options.headers ?? {}, clock });
  const wholeHeaders = { 'content-type': JSON_TYPE, accept: JSON_TYPE, ...ownHeaders };
  const streamHeaders = { 'content-type': JSON_TYPE, accept: framing.contentType, ...ownHeaders };
  const wire = { name, format, failures, open, readAnswer };

  function open(call: ProviderCall): Opening {
    const { request, stream, apiKey, idempotencyKey } = call;
    const { body, warnings } = format.encode(request);
    const onSent = watchOf(call);
    const asker: Asker = { signal: call.cancel ?? call.signal, apiKey, idempotencyKey, asked: request, onSent };
    const path = format.pathOf?.(request, stream) ?? format.path;
    return { response: post(asker, path, format.asSent(body, request, stream), stream), asker, warnings };
  }

  async function embed(embedding: EmbeddingFormat, call: EmbedCall): Promise<EmbedAnswer> {
    const { request } = call;
    assertEmbeddable(request, embedding.maxTexts);
    const asker: Asker = { signal: call.signal, apiKey: call.apiKey, asked: request, onSent: watchOf(call) };
    const response = await post(asker, embedding.pathOf(request), embedding.encode(request), false);
    const body = readJson(await readText(response.body, name), response, asker);
    const answer = embedding.decode(body, request);
    if (answer === undefined) throw failures.bad(response, 'answered something that is not a list of embeddings');
    const requestId = requestIdOf(format, response);
    return Object.freeze(requestId === undefined ? answer : { ...answer, requestId });
  }

  async function post(asker: Asker, path: string, body: object, isStream: boolean): Promise<TransportResponse> {
    const response = await transport.request({
      method: 'POST',
      path: urlPathOf(path),
      headers: headersOf(asker, isStream),
      body: isLongRequest(asker)
        ? await encodeLongJson(body, () => asker.signal.throwIfAborted())
        : JSON.stringify(body),
      signal: asker.signal,
      caller: name,
      onSent: asker.onSent,
    });
    if (response.status < 200 || response.status >= 300) throw await readFailure(response, asker);
    return response;
  }

  function urlPathOf(path: string): string {
    return `${base.path}${path}${base.query}`;
  }

  async function readAnswer(response: TransportResponse, asker: Asker, model: string): Promise<ProviderAnswer> {
    const body = readJson(await readText(response.body, name), response, asker);
    const answer = format.decodeAnswer(body, requestIdOf(format, response), model);
    if (answer === undefined) throw failures.bad(response, 'answered something that is not a chat completion');
    return answer;
  }

  function readJson(text: string, response: TransportResponse, asker: Asker): unknown {
    const body = parseJson(text);
    const error = format.findError(body);
    if (error !== undefined) throw failures.of(response, asker, error, body);
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
    return failures.of(response, asker, format.decodeError(body), body);
  }

  function headersOf({ apiKey, idempotencyKey }: Asker, isStream: boolean): Readonly<Record<string, string>> {
    const headers: Record<string, string> = { ...(isStream ? streamHeaders : wholeHeaders) };
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    if (apiKey === undefined) return headers;
    if (!isHeaderValue(apiKey)) {
      const expected = 'a key of Latin-1 characters without line ends';
      throw new ConfigError(name, [{ path: 'apiKey', expected, received: REDACTED, setBy: 'withAPIKey' }]);
    }
    const keyHeaders = format.keyHeaders(apiKey);
    for (const header in keyHeaders) headers[header] ??= keyHeaders[header] as string;
    return headers;
  }

  return {
    name,
    endpoint: `${base.origin}${urlPathOf(format.path)}`,
    body: (request) => format.encode(request).body,
    chat: (call) => new HttpChat(wire, call),
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

/** To be called when the request is being sent; until then it is not. */
function watchOf(call: Pick<ProviderCall, 'onSent'>): (() => void) | undefined {
  if (call.onSent === undefined) return undefined;
  call.onSent(false);
  return () => call.onSent?.(true);
}

function isLongRequest({ asked }: Asker): boolean {
  const isOfTexts = 'texts' in asked;
  return isLong(isOfTexts ? asked.texts.reduce((sum, text) => sum + text.length, 0) : messagesLength(asked.messages));
}

function assertSameOrigin(origin: string, transport: Transport): void {
  if (transport.origin === origin) return;
  const received = `a transport to ${transport.origin}`;
  throw new ConfigError('provider', [
    { path: 'transport', expected: `a transport to ${origin}`, received, setBy: 'transport' },
  ]);
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
