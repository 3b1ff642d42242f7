/** Ollama's own API as a Provider: lines of JSON. The server streams unless told not to, so every body says which. */
import { createNdjsonDecoder } from '../../protocol/ndjson.js';
import { createHttpProvider, type HttpProviderOptions } from '../http-provider.js';
import type { Provider } from '../provider.js';
import type { WireFormat } from '../wire-format.js';
import { createStreamDecoder, decodeAnswer, decodeEmbedding, decodeError, findError } from './decode.js';
import { encodeEmbedding, encodeRequest } from './encode.js';

/** Throws a ConfigError for a base URL or headers that cannot be sent; opens nothing. */
export function createOllamaProvider(options: HttpProviderOptions): Provider {
  return createHttpProvider(OLLAMA_FORMAT, options);
}

const OLLAMA_FORMAT: WireFormat = {
  path: '/api/chat',
  encode: encodeRequest,
  asSent: (body, _request, isStream) => ({ ...body, stream: isStream }),
  // A server of one's own takes no key; ollama.com, and a proxy in front, may want one.
  keyHeaders: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
  framing: { contentType: 'application/x-ndjson', createDecoder: createNdjsonDecoder },
  requestIdHeaders: ['x-request-id'],
  decodeAnswer,
  createStreamDecoder,
  findError,
  decodeError,
  embedding: {
    maxTexts: 1000,
    pathOf: () => '/api/embed',
    encode: encodeEmbedding,
    decode: decodeEmbedding,
  },
};
