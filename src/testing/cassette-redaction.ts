/**
 * Takes the secrets out of an exchange before it is written: by the names of headers, query parameters and body fields, by
 * the values found there, wherever else they stand, and by what the caller names. Invariant: masked bytes keep their
 * number, so pieces keep their boundaries and a length stays true.
 */
import { REDACTED } from '../core/secret.js';
import { type CassetteRequest, digestOf } from './cassette.js';

/** A request as it came, secrets included. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON value, or a text. */
  readonly body: unknown;
  /** Values that must not be written, beside those found in it. */
  readonly secrets: readonly string[];
}

/** The request as a cassette holds it, and what takes the same secrets out of its answer. */
export function redactRequest(raw: RawRequest): { readonly request: CassetteRequest; readonly redactor: Redactor } {
  const { method, headers } = raw;
  const redactor = createRedactor(raw);
  const path = redactor.path(raw.path);
  const body = redactor.body(raw.body);
  const digest = digestOf(method, path, body);
  return { request: { method, path, headers: redactor.requestHeaders(headers), body, digest }, redactor };
}

export interface Redactor {
  /** Path and query. */
  path(path: string): string;
  requestHeaders(headers: Readonly<Record<string, string>>): Record<string, string>;
  responseHeaders(headers: Readonly<Record<string, string>>): Record<string, string>;
  /** A JSON value, or a text. */
  body(value: unknown): unknown;
  text(text: string): string;
  /** The pieces of one body, in order: a secret may lie across two. */
  pieces(pieces: readonly Buffer[]): readonly Buffer[];
}

/** Request headers that are written with their values; whatever else a client sends may be a secret. */
const HARMLESS = new Set([
  'accept',
  'content-type',
  'user-agent',
  'anthropic-version',
  'anthropic-beta',
  'openai-beta',
]);
/** Response headers that name an account, beside those of secret names. */
const ACCOUNT = /cookie|organization|project|account/;
const SECRET_NAMES = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'token',
  'bearer',
  'secret',
  'password',
  'passwd',
  'credential',
  'credentials',
]);
const SECRET_ENDINGS =
  /(apikey|secret|password|accesstoken|authtoken|refreshtoken|securitytoken|privatekey|secretkey)$/;
/** Query parameters are named more shortly than fields of a body, where these mean other things. */
const SECRET_PARAMETERS = new Set(['key', 'sig', 'signature', 'code', 'auth']);
/** Shorter ones are words of the language as well, and would take out half of the text. */
const SHORTEST_SECRET = 4;

function createRedactor(source: RawRequest): Redactor {
  const spellings = spellingsOf([...source.secrets, ...secretsIn(source)]);
  const text = (given: string): string =>
    spellings.reduce((clean, secret) => clean.replaceAll(secret, REDACTED), given);

  function path(given: string): string {
    const [start = '', query] = given.split('?', 2);
    if (query === undefined) return text(start);
    const parameters = query.split('&').map((parameter) => {
      const [name = ''] = parameter.split('=', 1);
      return isSecretParameter(name) ? `${name}=${REDACTED}` : text(parameter);
    });
    return `${text(start)}?${parameters.join('&')}`;
  }
  function body(value: unknown): unknown {
    if (typeof value === 'string') return text(value);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(body);
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        text(name),
        isSecretName(name) && typeof member === 'string' ? REDACTED : body(member),
      ]),
    );
  }
  function pieces(given: readonly Buffer[]): readonly Buffer[] {
    const all = Buffer.concat(given);
    for (const secret of spellings) {
      const bytes = Buffer.from(secret);
      for (let at = all.indexOf(bytes); at >= 0; at = all.indexOf(bytes, at)) all.fill('*', at, at + bytes.length);
    }
    let end = 0;
    return given.map(({ length }) => {
      end += length;
      return all.subarray(end - length, end);
    });
  }
  return {
    path,
    body,
    text,
    pieces,
    requestHeaders: (headers) => mapValues(headers, (name, value) => (HARMLESS.has(name) ? text(value) : REDACTED)),
    responseHeaders: (headers) =>
      mapValues(
        Object.fromEntries(Object.entries(headers).filter(([name]) => !ACCOUNT.test(name) && !isSecretName(name))),
        (_, value) => text(value),
      ),
  };
}

function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_.]/g, '');
  return SECRET_NAMES.has(plain) || SECRET_ENDINGS.test(plain);
}
function isSecretParameter(name: string): boolean {
  return SECRET_PARAMETERS.has(name.toLowerCase()) || isSecretName(name);
}

function secretsIn({ path, headers, body }: RawRequest): readonly string[] {
  const found: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    // With a scheme before it, as in `Bearer KEY`, the key alone counts as well.
    if (isSecretName(name)) found.push(value, ...value.split(/\s+/).slice(1));
  }
  for (const [name, value] of new URLSearchParams(path.split('?', 2)[1] ?? '')) {
    if (isSecretParameter(name)) found.push(value);
  }
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (typeof member === 'string' && isSecretName(name)) found.push(member);
      else visit(member);
    }
  };
  visit(body);
  return found;
}

/** Longest first, so that no part of one is left standing. */
function spellingsOf(secrets: readonly string[]): readonly string[] {
  const spellings = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < SHORTEST_SECRET) continue;
    const bytes = Buffer.from(secret);
    const inJson = JSON.stringify(secret).slice(1, -1);
    for (const spelling of [
      secret,
      inJson,
      encodeURIComponent(secret),
      bytes.toString('base64'),
      bytes.toString('base64url'),
    ]) {
      spellings.add(spelling);
    }
  }
  return [...spellings].sort((left, right) => right.length - left.length);
}

function mapValues(
  headers: Readonly<Record<string, string>>,
  map: (name: string, value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, map(name, value)]));
}
