/**
 * Turns what sockets, TLS, DNS and undici throw into our typed errors. The original is dropped, not chained: its message
 * and fields may quote headers, URLs or the body. Its code survives in ours and in the message.
 */
import { isSherdError, ProviderError, type SherdError } from '../core/errors.js';

/** A typed error for a failure below HTTP. `caller` is named in it. */
export function toTransportError(error: unknown, caller: string): SherdError {
  if (isSherdError(error)) return isProxyRefusal(error) ? ofProxy(error, caller) : error;
  const cause = codeOf(error);
  const { code, retryable, words } = classify(cause, error);
  return new ProviderError(`${caller} ${words} (${cause})`, { code, provider: caller, retryable });
}

/** True when connecting took longer than we allowed; a tunnel's connection ends with the head of the proxy's answer. */
export function isConnectTimeout(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'UND_ERR_HEADERS_TIMEOUT';
}

/** True when the connection broke, rather than the answer being wrong. */
export function isReset(error: unknown): boolean {
  const code = codeOf(error);
  return ((RESET_CODES.has(code) || HTTP2_CODE.test(code)) && !isTlsAbort(error)) || isParserError(error, true);
}

interface Classification {
  readonly code: string;
  readonly retryable: boolean;
  readonly words: string;
}

const RESET_CODES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'UND_ERR_SOCKET',
  // The body was shorter than announced: it was cut.
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  // An HTTP/2 stream that the server gave up without a word.
  'UND_ERR_INFO',
]);
/** Of the system's resolver, and of resolvers that ask a server themselves. */
const DNS_CODE = /^(ENOTFOUND|EAI_\w+|ENODATA|EBADRESP|EFORMERR|EREFUSED|ESERVFAIL|ETIMEOUT)$/;
/** Node's, for HTTP/2 streams and connections that end before their answers. */
const HTTP2_CODE = /^ERR_HTTP2_/;
const TLS_CODE =
  /^(ERR_SSL_|ERR_TLS_|CERT_|CRL_|EPROTO$|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|ERR_OSSL_|UND_ERR_PRX_TLS)/;

function isProxyRefusal({ code }: SherdError): boolean {
  return code === 'ERR_PROVIDER_PROXY';
}

function ofProxy({ message, code, retryable }: SherdError, caller: string): ProviderError {
  return new ProviderError(`${caller} could not be reached: ${message}`, { code, provider: caller, retryable });
}

function classify(cause: string, error: unknown): Classification {
  if (TLS_CODE.test(cause) || isTlsAbort(error)) {
    return { code: 'ERR_PROVIDER_TLS', retryable: false, words: 'could not be reached: the TLS handshake failed' };
  }
  if (DNS_CODE.test(cause)) {
    return { code: 'ERR_PROVIDER_DNS', retryable: true, words: 'could not be reached: its host name was not resolved' };
  }
  if (isReset(error)) return { code: 'ERR_PROVIDER_RESET', retryable: true, words: 'broke the connection' };
  if (cause === 'UND_ERR_HEADERS_OVERFLOW' || isParserError(error, false)) {
    return { code: 'ERR_PROVIDER_BAD_RESPONSE', retryable: true, words: 'answered something that is not valid HTTP' };
  }
  return { code: 'ERR_PROVIDER_CONNECT', retryable: true, words: 'could not be reached' };
}

/** A peer that hangs up during the handshake; Node reports it as a plain reset that names the host it was for. */
function isTlsAbort(error: unknown): boolean {
  return codeOf(error) === 'ECONNRESET' && typeof error === 'object' && error !== null && 'host' in error;
}

/** undici's HTTP parser gave up: at the end of the input, which means a cut, or on bytes that are not HTTP. */
function isParserError(error: unknown, atEnd: boolean): boolean {
  const { name, data } = error as { name?: unknown; data?: unknown };
  return name === 'HTTPParserError' && (data === '') === atEnd;
}

function codeOf(error: unknown): string {
  const { name, code, errors } = error as { name?: unknown; code?: unknown; errors?: readonly unknown[] };
  if (typeof code === 'string') return code;
  // A host with several addresses fails with one error for each.
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : String(name);
}
