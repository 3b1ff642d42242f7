/** The OpenAI chat format as a Provider. Vendors that speak the format differ only in data (vendors.ts). */
import { createHttpProvider } from '../http-provider.js';
import { type OpenAIOptions, openAIDress } from '../openai-common.js';
import type { Provider } from '../provider.js';
import type { WireFormat } from '../wire-format.js';
import { createStreamDecoder, decodeAnswer, decodeError, findError } from './decode.js';
import { encodeRequest } from './encode.js';

/** Throws a ConfigError for a base URL or headers that cannot be sent; opens nothing. */
export function createOpenAIChatProvider(options: OpenAIOptions): Provider {
  return createHttpProvider(openAIChatFormat(options), options);
}

function openAIChatFormat(options: OpenAIOptions): WireFormat {
  const { quirks = {} } = options;
  return {
    ...openAIDress(options),
    path: '/chat/completions',
    encode: (request) => encodeRequest(request, quirks),
    asSent(body, request, isStream) {
      if (!isStream) return body;
      if (quirks.streamOptions === false) return { ...body, stream: true };
      const options = request.vendor?.['stream_options'] ?? { include_usage: true };
      return { ...body, stream: true, stream_options: options };
    },
    decodeAnswer: (raw, requestId) => decodeAnswer(raw, requestId, quirks.echoes),
    createStreamDecoder: (requestId) => createStreamDecoder(requestId, quirks.echoes),
    mayEndWithBody: quirks.doneOptional === true,
    findError,
    decodeError,
  };
}
