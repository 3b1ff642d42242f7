/** What a request over HTTP can come to but an answer, as typed errors that quote neither the prompt nor a secret. */
import type { CancelSignal } from '../core/cancel.js';
import type { Clock } from '../core/clock.js';
import { ProviderError, StreamTruncatedError } from '../core/errors.js';
import type { Message } from '../protocol/chat.js';
import type { TransportResponse } from '../transport/transport.js';
import { type ErrorDetail, toUpstreamError } from './upstream-error.js';
import type { WireFormat } from './wire-format.js';

/** Who asks: all that sending and failing need to know of a call. */
export interface Asker {
  readonly signal: CancelSignal;
  readonly apiKey: string | undefined;
  /** Not to be quoted. */
  readonly asked: { readonly messages: readonly Message[] } | { readonly texts: readonly string[] };
  readonly idempotencyKey?: string | undefined;
  /** To be called when the request is being sent. */
  readonly onSent?: (() => void) | undefined;
}

export interface HttpFailuresOptions {
  readonly name: string;
  readonly format: WireFormat;
  /** May hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

export class HttpFailures {
  readonly #options: HttpFailuresOptions;

  constructor(options: HttpFailuresOptions) {
    this.#options = options;
  }

  /** The error that the server told, in its body or amid its stream. */
  of(response: TransportResponse, { apiKey = '', asked }: Asker, detail: ErrorDetail, body: unknown): ProviderError {
    const { name, format, headers, clock } = this.#options;
    return toUpstreamError({
      provider: name,
      status: response.status,
      headers: response.headers,
      requestId: requestIdOf(format, response),
      detail,
      retryAfterMs: format.retryAfterMsOf?.(body),
      prompts: 'texts' in asked ? asked.texts : asked.messages.flatMap(textsOf),
      secrets: [apiKey, ...Object.values(headers)],
      wallMs: clock.wallMs(),
    });
  }

  /** The server said nonsense: `what` goes on from its name. */
  bad(response: TransportResponse, what: string): ProviderError {
    const { name: provider, format } = this.#options;
    const { status } = response;
    const code = 'ERR_PROVIDER_BAD_RESPONSE';
    const requestId = requestIdOf(format, response);
    return new ProviderError(`${provider} ${what}`, { code, provider, status, requestId, retryable: true });
  }

  truncated(response: TransportResponse): StreamTruncatedError {
    const { name: provider, format } = this.#options;
    const { status } = response;
    const requestId = requestIdOf(format, response);
    return new StreamTruncatedError(`${provider} ended its stream early`, { provider, status, requestId });
  }
}

export function requestIdOf({ requestIdHeaders }: WireFormat, { headers }: TransportResponse): string | undefined {
  for (const header of requestIdHeaders) {
    const id = headers[header];
    if (id !== undefined) return id;
  }
  return undefined;
}

function textsOf({ content }: Message): readonly string[] {
  return typeof content === 'string' ? [content] : content.flatMap((part) => (part.kind === 'text' ? [part.text] : []));
}
