/**
 * The Gemini API as a Provider. The model stands in the path; streams are server-sent events that end with the body.
 * The Interactions API, and live sessions, are others.
 */
import { createSseDecoder } from '../../protocol/sse.js';
import { createHttpProvider, type HttpProviderOptions } from '../http-provider.js';
import type { Provider } from '../provider.js';
import type { WireFormat } from '../wire-format.js';
import {
  createStreamDecoder,
  decodeAnswer,
  decodeEmbedding,
  decodeError,
  findError,
  retryAfterMsOf,
} from './decode.js';
import { encodeEmbedding, encodeRequest, modelPath } from './encode.js';

/** Throws a ConfigError for a base URL or headers that cannot be sent; opens nothing. */
export function createGeminiProvider(options: HttpProviderOptions): Provider {
  return createHttpProvider(GEMINI_FORMAT, options);
}

const GEMINI_FORMAT: WireFormat = {
  path: '/models',
  pathOf: ({ model }, isStream) =>
    `${modelPath(model)}:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  encode: encodeRequest,
  asSent: (body) => body,
  keyHeaders: (apiKey) => ({ 'x-goog-api-key': apiKey }),
  framing: { contentType: 'text/event-stream', createDecoder: createSseDecoder },
  // The API names a request in the answer only (responseId).
  requestIdHeaders: [],
  decodeAnswer,
  createStreamDecoder,
  mayEndWithBody: true,
  findError,
  decodeError,
  retryAfterMsOf,
  embedding: {
    maxTexts: 100,
    pathOf: ({ model }) => `${modelPath(model)}:batchEmbedContents`,
    encode: encodeEmbedding,
    decode: decodeEmbedding,
  },
};
