/** Splits a base URL into the origin that is connected to and the path below it. Refuses what could leak or mislead. */
import { ConfigError } from '../core/errors.js';

export interface BaseURL {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Without a trailing slash; '' for the root. */
  readonly path: string;
  /** With its question mark, or ''. */
  readonly query: string;
}

/** What a base URL may be beyond an origin and a path. */
export interface BaseURLRules {
  /** Names that its query may hold. Default: none, since a query may be a credential. */
  readonly queryNames?: readonly string[];
  /** The path of a URL that has none. */
  readonly defaultPath?: string;
}

/** Throws a ConfigError for anything but a plain http(s) URL. A URL may hold credentials, so errors never quote it. */
export function parseBaseURL(value: string, path: string, setBy: string, rules: BaseURLRules = {}): BaseURL {
  const { queryNames = [], defaultPath = '' } = rules;
  const refuse = (received: string): ConfigError =>
    new ConfigError('base URL', [{ path, expected: "an http(s) URL like 'https://host/v1'", received, setBy }]);
  if (!URL.canParse(value)) throw refuse('text that is not a URL');
  const url = new URL(value);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refuse(`the scheme ${url.protocol}`);
  if (url.username !== '' || url.password !== '') throw refuse('a URL with credentials');
  const isForeign = [...url.searchParams.keys()].some((name) => !queryNames.includes(name));
  if (isForeign || url.hash !== '') throw refuse('a URL with a query or fragment');
  const own = url.pathname.replace(/\/+$/, '');
  return { origin: url.origin, path: own === '' ? defaultPath : own, query: url.search };
}
