/**
 * The name of an answer: SHA-256 over what is sent upstream and who is asked for whom. The one function that makes keys,
 * for reading, storing and warming up. Invariant: equal keys mean that the same answer would do, for the same scope.
 */
import { createHash } from 'node:crypto';

export interface KeyParts {
  readonly provider: string;
  readonly endpoint: string;
  /** The model asked, after presets, tiers and fallback. */
  readonly model: string;
  /** Who may share the answer; its parts are kept apart, so no two scopes can run together. */
  readonly scope: readonly string[];
  /** The upstream body: plain JSON data. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Raised when stored answers of older versions must no longer be found. */
const SCHEMA_VERSION = 1;

/** Body fields that change no answer: how it is delivered, and what the provider notes about the caller. */
const IGNORED_FIELDS: ReadonlySet<string> = new Set(['stream', 'stream_options', 'metadata', 'user']);

/** 64 hex digits. O(body). */
export function cacheKey(parts: KeyParts): string {
  const { provider, endpoint, model, scope, body } = parts;
  const head = JSON.stringify([SCHEMA_VERSION, provider, endpoint, model, scope]);
  return createHash('sha256')
    .update(`${head}${canonicalMembers(body, IGNORED_FIELDS)}`)
    .digest('hex');
}

/**
 * JSON with the members of every object in order of their names (UTF-16 units). What JSON.stringify leaves out is left
 * out here, and lone surrogates stay apart, since it escapes them.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isPlain(value)) return canonicalJson(JSON.parse(JSON.stringify(value) ?? 'null'));
  return canonicalMembers(value as Record<string, unknown>, NO_FIELDS);
}

const NO_FIELDS: ReadonlySet<string> = new Set();

function canonicalMembers(object: Readonly<Record<string, unknown>>, ignored: ReadonlySet<string>): string {
  let json = '';
  for (const name of Object.keys(object).sort()) {
    const member = object[name];
    if (member === undefined || ignored.has(name)) continue;
    json += `${json === '' ? '{' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return json === '' ? '{}' : `${json}}`;
}

/** False for what JSON.stringify reads by other rules than its own members: dates, boxed numbers, classes. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === Object.prototype || prototype === null) &&
    typeof (value as { toJSON?: unknown }).toJSON !== 'function'
  );
}
