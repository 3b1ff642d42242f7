/**
 * What a provider said went wrong, as a typed error: its class, whether trying again can help, and a short text without
 * keys or prompts. The same for all wire formats; each reads its own error bodies into an ErrorDetail.
 */
import { ProviderError, RateLimitError } from '../core/errors.js';
import { REDACTED } from '../core/secret.js';
import { parseRetryAfterMs, parseShouldRetry } from '../protocol/retry-after.js';

/** The part of an error body that is worth keeping. */
export interface ErrorDetail {
  readonly message?: string | undefined;
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  /** The HTTP status that an error inside a 200 stands for, where it names one. */
  readonly status?: number | undefined;
}

export interface UpstreamFailure {
  readonly provider: string;
  /** The HTTP status of the answer; 200 when the error stood in its body. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly requestId: string | undefined;
  readonly detail: ErrorDetail;
  /** How long the body asked to wait; what the headers say goes before. */
  readonly retryAfterMs?: number | undefined;
  /** The texts that were sent: an error that quotes them is not shown. */
  readonly prompts: readonly string[];
  /** Never to be shown: the API key, and header values that may be one. */
  readonly secrets: readonly string[];
  /** Calendar time, for a Retry-After that is a date. */
  readonly wallMs: number;
}

const HEALING_STATUSES: ReadonlySet<number> = new Set([408, 409, 425, 429]);
const HEALING_WORDS = /overload|rate.?limit|server.?error|internal|unavailable|time.?out|capacity/i;
/** Rate limits that only a payment lifts. */
const SPENT_WORDS = /insufficient_quota|exceeded_current_quota|billing/i;
const MAX_DETAIL_CHARACTERS = 200;
/** Shorter ones are words of the language as well, and would garble the message. */
const SHORTEST_SECRET = 4;

/** A RateLimitError for a 429 or its like, else a ProviderError with code `ERR_PROVIDER_STATUS` or `ERR_PROVIDER_IN_BODY`. */
export function toUpstreamError(failure: UpstreamFailure): ProviderError {
  const { provider, headers, requestId, detail } = failure;
  const isInBody = failure.status >= 200 && failure.status < 300;
  const status = isInBody ? detail.status : failure.status;
  const what = isInBody ? 'sent an error inside its answer' : `answered ${failure.status}`;
  const message = `${provider} ${what}${describe(failure)}`;
  const options = {
    provider,
    status,
    requestId,
    retryable: parseShouldRetry(headers) ?? canHeal(status, detail),
    // Some vendors send retry-after with every 200; there it says nothing about this error.
    retryAfterMs: isInBody
      ? failure.retryAfterMs
      : (parseRetryAfterMs(headers, failure.wallMs) ?? failure.retryAfterMs),
  };
  const words = `${detail.type ?? ''} ${detail.code ?? ''}`;
  if (status === 429 || /rate.?limit/i.test(words) || SPENT_WORDS.test(words))
    return new RateLimitError(message, options);
  return new ProviderError(message, { ...options, code: isInBody ? 'ERR_PROVIDER_IN_BODY' : 'ERR_PROVIDER_STATUS' });
}

function canHeal(status: number | undefined, detail: ErrorDetail): boolean {
  const words = `${detail.type ?? ''} ${detail.code ?? ''}`;
  if (SPENT_WORDS.test(words)) return false;
  if (status !== undefined) return status >= 500 || HEALING_STATUSES.has(status);
  return HEALING_WORDS.test(words);
}

function describe(failure: UpstreamFailure): string {
  const { status, detail } = failure;
  if (status >= 300 && status < 400) return ': redirects are not followed';
  const text = detail.message ?? detail.code ?? detail.type;
  if (text === undefined || text === '') return '';
  if (quotesPrompt(text, failure.prompts)) return ': (its words are withheld, since they quote the prompt)';
  const clean = scrub(text, failure.secrets)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return `: ${clean.length > MAX_DETAIL_CHARACTERS ? `${clean.slice(0, MAX_DETAIL_CHARACTERS)}...` : clean}`;
}

/** Hides the secrets, as they are or encoded, and whatever else looks like a bearer token. */
function scrub(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue;
    const bytes = Buffer.from(secret);
    for (const spelling of [
      secret,
      encodeURIComponent(secret),
      bytes.toString('base64'),
      bytes.toString('base64url'),
    ]) {
      clean = clean.replaceAll(spelling, REDACTED);
    }
  }
  return clean.replace(/\b(Bearer|Basic)\s+\S+/gi, `$1 ${REDACTED}`).replace(/\b(sk|hf|gsk)[-_][\w-]{8,}/g, REDACTED);
}

const WINDOW = 32;
const STEP = 8;
const SHORTEST_PROMPT = 8;

/** True when the text holds a whole short message, or about 40 characters or more of a longer one. O(request). */
function quotesPrompt(text: string, prompts: readonly string[]): boolean {
  const windows: string[] = [];
  for (let at = 0; at + WINDOW <= text.length && at < 4 * MAX_DETAIL_CHARACTERS; at += STEP)
    windows.push(text.slice(at, at + WINDOW));
  return prompts.some((prompt) =>
    prompt.length >= WINDOW
      ? windows.some((window) => prompt.includes(window))
      : prompt.length >= SHORTEST_PROMPT && text.includes(prompt),
  );
}
