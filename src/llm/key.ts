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
  const body = Object.fromEntries(Object.entries(parts.body).filter(([name]) => !IGNORED_FIELDS.has(name)));
  const identity = [SCHEMA_VERSION, parts.provider, parts.endpoint, parts.model, parts.scope, body];
  return createHash('sha256').update(canonicalJson(identity)).digest('hex');
}

/**
 * JSON with the members of every object in order of their names (UTF-16 units). What JSON.stringify leaves out is left
 * out here, and lone surrogates stay apart, since it escapes them.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (!isPlain(value)) return canonicalJson(JSON.parse(JSON.stringify(value) ?? 'null'));
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

/** False for what JSON.stringify reads by other rules than its own members: dates, boxed numbers, classes. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (prototype === Object.prototype || prototype === null) &&
    typeof (value as { toJSON?: unknown }).toJSON !== 'function'
  );
}
