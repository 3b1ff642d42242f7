/** The idempotency key of a call at one target: off, random, or the caller's own. */
import { randomBytes } from 'node:crypto';
import { ConfigError } from '../core/errors.js';
import { REDACTED } from '../core/secret.js';
import type { ChatRequest } from '../protocol/chat.js';
import { isHeaderValue } from '../transport/header-check.js';
import type { IdempotencyKeySetting } from './config.js';

const KEY_BYTES = 16;
/** The longest that providers with idempotency keys take. */
const MAX_KEY_CHARACTERS = 255;

/** Undefined when off. Throws a ConfigError when the caller's function throws or gives what no header can hold. */
export function idempotencyKeyOf(setting: IdempotencyKeySetting, request: ChatRequest): string | undefined {
  if (setting === false) return undefined;
  if (setting === true) return randomBytes(KEY_BYTES).toString('hex');
  let key: unknown;
  try {
    key = setting(request);
  } catch (cause) {
    throw badKey('a throw', cause);
  }
  if (isHeaderValue(key) && key !== '' && key.length <= MAX_KEY_CHARACTERS) return key;
  // Not quoted: it may be made from a prompt.
  throw badKey(typeof key === 'string' ? REDACTED : typeof key);
}

function badKey(received: string, cause?: unknown): ConfigError {
  const expected = `a function that gives 1 to ${MAX_KEY_CHARACTERS} Latin-1 characters`;
  return new ConfigError('this call', [{ path: 'idempotencyKey', expected, received, setBy: 'withIdempotencyKey' }], {
    cause,
  });
}
