/** The OpenAI chat format as a Provider. Vendors that speak the format differ only in data (vendors.ts). */
import { createSseDecoder } from '../../protocol/sse.js';
import { createHttpProvider, type HttpProviderOptions } from '../http-provider.js';
import type { Provider } from '../provider.js';
import type { WireFormat } from '../wire-format.js';
import { createStreamDecoder, decodeAnswer, decodeError, findError } from './decode.js';
import { encodeRequest } from './encode.js';
import type { OpenAIChatQuirks } from './wire.js';

export interface OpenAIChatOptions extends HttpProviderOptions {
  readonly organization?: string | undefined;
  readonly quirks?: OpenAIChatQuirks | undefined;
}

/** Throws a ConfigError for a base URL or headers that cannot be sent; opens nothing. */
export function createOpenAIChatProvider(options: OpenAIChatOptions): Provider {
  const { quirks = {}, organization } = options;
  return createHttpProvider(openAIChatFormat(quirks, organization), options);
}

function openAIChatFormat(quirks: OpenAIChatQuirks, organization: string | undefined): WireFormat {
  return {
    path: '/chat/completions',
    encode: (request) => encodeRequest(request, quirks),
    asSent(body, request, isStream) {
      if (!isStream) return body;
      if (quirks.streamOptions === false) return { ...body, stream: true };
      const options = request.vendor?.['stream_options'] ?? { include_usage: true };
      return { ...body, stream: true, stream_options: options };
    },
    keyHeaders: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
    headers: organization === undefined ? {} : { 'openai-organization': organization },
    framing: { contentType: 'text/event-stream', createDecoder: createSseDecoder },
    requestIdHeaders: ['x-request-id', 'apim-request-id', 'x-kong-request-id', 'request-id'],
    decodeAnswer,
    createStreamDecoder,
    isEndMark: (data) => data.length < 16 && data.trim() === '[DONE]',
    mayEndWithBody: quirks.doneOptional === true,
    findError,
    decodeError,
  };
}
