/**
 * The OpenAI chat format as a Provider: one request over a transport, its answer as chunks. Vendors that speak the format
 * differ only in data (vendors.ts). Keeps no key and no state between calls.
 */
import { type Clock, systemClock } from '../../core/clock.js';
import { ConfigError, isProviderError, ProviderError, StreamTruncatedError } from '../../core/errors.js';
import { REDACTED } from '../../core/secret.js';
import { answerToChunks } from '../../protocol/assemble.js';
import type { Chunk } from '../../protocol/chat.js';
import { createSseDecoder, type ServerSentEvent } from '../../protocol/sse.js';
import { parseBaseURL } from '../../transport/base-url.js';
import { assertHeaders, isHeaderValue } from '../../transport/header-check.js';
import { readText, readTextStart } from '../../transport/read-text.js';
import type { Transport, TransportResponse } from '../../transport/transport.js';
import type { Provider, ProviderCall } from '../provider.js';
import { type ErrorDetail, toUpstreamError } from '../upstream-error.js';
import { createStreamDecoder, decodeAnswer, decodeError, findError, type StreamDecoder } from './decode.js';
import { encodeRequest } from './encode.js';
import type { OpenAIChatQuirks, WireAnswer } from './wire.js';

export interface OpenAIChatOptions {
  readonly name: string;
  /** With the version, as in 'https://api.openai.com/v1'. */
  readonly baseURL: string;
  /** Below the base URL. Default '/chat/completions'. */
  readonly path?: string | undefined;
  /** To the origin of the base URL. close() closes it. */
  readonly transport: Transport;
  readonly organization?: string | undefined;
  /** Sent with every request; they win over our own. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly quirks?: OpenAIChatQuirks | undefined;
  readonly clock?: Clock | undefined;
}

/** Bytes of an error body that are read; its message is cut far below. */
const MAX_ERROR_BYTES = 64 * 1024;
const REQUEST_ID_HEADERS = ['x-request-id', 'apim-request-id', 'x-kong-request-id', 'request-id'] as const;

/** Throws a ConfigError for a base URL or headers that cannot be sent; opens nothing. */
export function createOpenAIChatProvider(options: OpenAIChatOptions): Provider {
  const { name, transport, quirks = {}, clock = systemClock } = options;
  const base = parseBaseURL(options.baseURL, 'baseURL', name);
  assertSameOrigin(base.origin, transport);
  const path = `${base.path}${options.path ?? '/chat/completions'}`;
  const ownHeaders = lowerCaseNames({
    'user-agent': 'sherd',
    ...(options.organization === undefined ? {} : { 'openai-organization': options.organization }),
    ...options.headers,
  });
  assertHeaders(ownHeaders, 'headers', name);

  async function* chatWhole(call: ProviderCall): AsyncGenerator<Chunk, void, undefined> {
    const { response, warnings } = await send(call);
    for (const message of warnings) yield { kind: 'warning', message };
    for (const chunk of await readWhole(response, call)) yield chunk;
  }

  async function* chatStream(call: ProviderCall): AsyncGenerator<Chunk, void, undefined> {
    const { response, warnings } = await send(call);
    for (const message of warnings) yield { kind: 'warning', message };
    if (isJson(response)) {
      for (const chunk of await readWhole(response, call)) yield chunk;
      return;
    }
    const events = createSseDecoder(name);
    const answer = createStreamDecoder(requestIdOf(response));
    try {
      for await (const bytes of response.body) {
        for (const event of events.push(bytes)) {
          // Bytes that came before the abort may still lie here.
          call.signal.throwIfAborted();
          if (isDone(event)) {
            const chunks = finish(answer, response);
            response.body.release();
            for (const chunk of chunks) yield chunk;
            return;
          }
          for (const chunk of decodeEvent(event, answer, response, call)) yield chunk;
        }
      }
    } catch (error) {
      if (isProviderError(error) && error.code === 'ERR_PROVIDER_RESET') throw truncated(response);
      throw error;
    }
    for (const chunk of readEnd(events.flush(), answer, response, call)) yield chunk;
  }

  async function send(call: ProviderCall): Promise<{ response: TransportResponse; warnings: readonly string[] }> {
    const { body, warnings } = encodeRequest(call.request, quirks);
    const response = await transport.request({
      method: 'POST',
      path,
      headers: headersOf(call),
      body: JSON.stringify(call.stream ? withStream(body, call.request.vendor?.['stream_options']) : body),
      signal: call.signal,
      caller: name,
    });
    if (response.status < 200 || response.status >= 300) throw await readFailure(response, call);
    return { response, warnings };
  }

  async function readWhole(response: TransportResponse, call: ProviderCall): Promise<readonly Chunk[]> {
    const body = parseJson(await readText(response.body, name));
    const error = findError(body);
    if (error !== undefined) throw failureOf(response, call, error);
    const answer = decodeAnswer(body, requestIdOf(response));
    if (answer === undefined) throw badResponse(response, 'answered something that is not a chat completion');
    // A server that does not stream still gives a stream of its one answer.
    return call.stream ? answerToChunks(answer) : [{ kind: 'response', answer }];
  }

  /** The body ended without [DONE]. Its last event may lack only the line end; else it must be one that may end so. */
  function* readEnd(
    rest: readonly ServerSentEvent[],
    answer: StreamDecoder,
    response: TransportResponse,
    call: ProviderCall,
  ): Generator<Chunk, void, undefined> {
    const [last] = rest;
    const hasDone = last !== undefined && isDone(last);
    if (last !== undefined && !hasDone) {
      if (parseJson(last.data) === undefined) throw truncated(response);
      yield* decodeEvent(last, answer, response, call);
    }
    if (!answer.hasFinishReason && !isEventStream(response))
      throw badResponse(response, 'answered something that is not a stream');
    if (!hasDone && quirks.doneOptional !== true) throw truncated(response);
    yield* finish(answer, response);
  }

  function decodeEvent(
    event: ServerSentEvent,
    answer: StreamDecoder,
    response: TransportResponse,
    call: ProviderCall,
  ): readonly Chunk[] {
    const json = parseJson(event.data);
    if (typeof json !== 'object' || json === null)
      throw badResponse(response, 'sent an event that is not a JSON object');
    const error = event.event === 'error' ? decodeError(json) : findError(json);
    if (error !== undefined) throw failureOf(response, call, error);
    return answer.decode(json as WireAnswer);
  }

  function finish(answer: StreamDecoder, response: TransportResponse): readonly Chunk[] {
    if (!answer.hasFinishReason) throw truncated(response);
    return answer.finish();
  }

  async function readFailure(response: TransportResponse, call: ProviderCall): Promise<ProviderError> {
    let text = '';
    try {
      text = await readTextStart(response.body, MAX_ERROR_BYTES);
    } catch {
      // The status is the news; a broken error page does not hide it. An abort does.
      call.signal.throwIfAborted();
    }
    return failureOf(response, call, decodeError(parseJson(text)));
  }

  function failureOf(response: TransportResponse, call: ProviderCall, detail: ErrorDetail): ProviderError {
    const { status, headers } = response;
    const secrets = [call.apiKey ?? '', ...Object.values(options.headers ?? {})];
    const requestId = requestIdOf(response);
    return toUpstreamError({
      provider: name,
      status,
      headers,
      requestId,
      detail,
      request: call.request,
      secrets,
      wallMs: clock.wallMs(),
    });
  }

  function badResponse(response: TransportResponse, what: string): ProviderError {
    const { status } = response;
    const code = 'ERR_PROVIDER_BAD_RESPONSE';
    return new ProviderError(`${name} ${what}`, {
      code,
      provider: name,
      status,
      requestId: requestIdOf(response),
      retryable: true,
    });
  }

  function truncated(response: TransportResponse): StreamTruncatedError {
    const { status } = response;
    return new StreamTruncatedError(`${name} ended its stream early`, {
      provider: name,
      status,
      requestId: requestIdOf(response),
    });
  }

  function headersOf(call: ProviderCall): Record<string, string> {
    const accept = call.stream ? 'text/event-stream' : 'application/json';
    const headers = { 'content-type': 'application/json', accept, ...ownHeaders };
    const { apiKey } = call;
    if (apiKey === undefined || 'authorization' in headers) return headers;
    if (!isHeaderValue(apiKey)) {
      const expected = 'a key of Latin-1 characters without line ends';
      throw new ConfigError(name, [{ path: 'apiKey', expected, received: REDACTED, setBy: 'withAPIKey' }]);
    }
    return { ...headers, authorization: `Bearer ${apiKey}` };
  }

  return {
    name,
    endpoint: `${base.origin}${path}`,
    body: (request) => encodeRequest(request, quirks).body,
    chat: (call) => (call.stream ? chatStream(call) : chatWhole(call)),
    prewarm: () => transport.prewarm(),
    close: () => transport.close(),
  };

  function withStream(body: Record<string, unknown>, streamOptions: unknown): Record<string, unknown> {
    if (quirks.streamOptions === false) return { ...body, stream: true };
    return { ...body, stream: true, stream_options: streamOptions ?? { include_usage: true } };
  }
}

function assertSameOrigin(origin: string, transport: Transport): void {
  if (transport.origin === origin) return;
  const received = `a transport to ${transport.origin}`;
  throw new ConfigError('provider', [
    { path: 'transport', expected: `a transport to ${origin}`, received, setBy: 'transport' },
  ]);
}

function isDone(event: ServerSentEvent): boolean {
  return event.data.length < 16 && event.data.trim() === '[DONE]';
}

function isJson(response: TransportResponse): boolean {
  return /^application\/json\b/i.test(response.headers['content-type'] ?? '');
}
function isEventStream(response: TransportResponse): boolean {
  return /^text\/event-stream\b/i.test(response.headers['content-type'] ?? '');
}

function requestIdOf(response: TransportResponse): string | undefined {
  for (const header of REQUEST_ID_HEADERS) {
    const id = response.headers[header];
    if (id !== undefined) return id;
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own error quotes the text, which may be an answer or a prompt.
    return undefined;
  }
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
