/** Cohere's format, version 2, as a Provider of chat and embeddings. */
import { createSseDecoder } from '../../protocol/sse.js';
import { createHttpProvider, type HttpProviderOptions } from '../http-provider.js';
import type { Provider } from '../provider.js';
import type { WireFormat } from '../wire-format.js';
import { createStreamDecoder, decodeAnswer, decodeEmbedAnswer, decodeError, findError } from './decode.js';
import { encodeEmbedRequest, encodeRequest } from './encode.js';

/** Texts of one embed call; the vendor refuses more. */
const MAX_TEXTS = 96;

const FORMAT: WireFormat = {
  path: '/v2/chat',
  encode: encodeRequest,
  asSent: (body, _request, isStream) => (isStream ? { ...body, stream: true } : body),
  keyHeaders: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
  framing: { contentType: 'text/event-stream', createDecoder: createSseDecoder },
  requestIdHeaders: ['x-debug-trace-id', 'x-request-id'],
  decodeAnswer,
  createStreamDecoder,
  // A stream has ended before it says so; without an end before it, it is cut short.
  isEndMark: (data) => data.length < 16 && data.trim() === '[DONE]',
  findError,
  decodeError,
  embedding: {
    maxTexts: MAX_TEXTS,
    pathOf: () => '/v2/embed',
    encode: encodeEmbedRequest,
    decode: decodeEmbedAnswer,
  },
};

/**
 * The base URL is that of the vendor's own SDK, without the version; with it, it is understood as well. Throws a
 * ConfigError for a base URL or headers that cannot be sent; opens nothing.
 */
export function createCohereProvider(options: HttpProviderOptions): Provider {
  return createHttpProvider(FORMAT, { ...options, baseURL: options.baseURL.replace(/\/v2\/*$/, '') });
}
