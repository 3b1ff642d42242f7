/** Anthropic's Messages format as a Provider. */
import { createSseDecoder } from '../../protocol/sse.js';
import { createHttpProvider, type HttpProviderOptions } from '../http-provider.js';
import type { Provider } from '../provider.js';
import type { WireFormat } from '../wire-format.js';
import { createStreamDecoder, decodeAnswer, decodeError, findError } from './decode.js';
import { encodeRequest } from './encode.js';

const FORMAT: WireFormat = {
  path: '/v1/messages',
  encode: encodeRequest,
  asSent: (body, _request, isStream) => (isStream ? { ...body, stream: true } : body),
  keyHeaders: (apiKey) => ({ 'x-api-key': apiKey }),
  headers: { 'anthropic-version': '2023-06-01' },
  framing: { contentType: 'text/event-stream', createDecoder: createSseDecoder },
  requestIdHeaders: ['request-id', 'x-request-id'],
  decodeAnswer,
  createStreamDecoder,
  findError,
  decodeError,
};

/**
 * The base URL is that of the vendor's own SDK, without the version; with it, it is understood as well. Throws a
 * ConfigError for a base URL or headers that cannot be sent; opens nothing.
 */
export function createAnthropicProvider(options: HttpProviderOptions): Provider {
  return createHttpProvider(FORMAT, { ...options, baseURL: options.baseURL.replace(/\/v1\/*$/, '') });
}
