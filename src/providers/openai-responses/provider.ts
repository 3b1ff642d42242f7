/** The OpenAI responses format as a Provider. Vendors that speak the format differ only in data (vendors.ts). */
import { createHttpProvider } from '../http-provider.js';
import { type OpenAIOptions, openAIDress } from '../openai-common.js';
import type { Provider } from '../provider.js';
import type { WireFormat } from '../wire-format.js';
import { createStreamDecoder, decodeAnswer, decodeError, findError } from './decode.js';
import { encodeRequest } from './encode.js';

/** Throws a ConfigError for a base URL or headers that cannot be sent; opens nothing. */
export function createOpenAIResponsesProvider(options: OpenAIOptions): Provider {
  return createHttpProvider(openAIResponsesFormat(options), options);
}

function openAIResponsesFormat(options: OpenAIOptions): WireFormat {
  const { quirks = {} } = options;
  return {
    ...openAIDress(options),
    path: '/responses',
    encode: (request) => encodeRequest(request, quirks),
    asSent(body, { vendor }, isStream) {
      if (!isStream) return body;
      const options = vendor?.['stream_options'];
      return { ...body, stream: true, ...(options === undefined ? {} : { stream_options: options }) };
    },
    decodeAnswer,
    createStreamDecoder,
    findError,
    decodeError,
  };
}
