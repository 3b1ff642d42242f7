/**
 * Who may share answers. Every key holds a scope: the name given by withCacheScope or a digest of the credentials, and
 * below it the scope of the call. Invariant: once a call gave a scope, no call goes without; a forgotten one would read
 * what belongs to nobody in particular.
 */
import { randomUUID } from 'node:crypto';
import { CacheError } from '../core/errors.js';
import { digestOf } from './api-keys.js';
import type { ApiKey } from './config.js';

export interface Credentials {
  readonly apiKey: readonly ApiKey[] | undefined;
  /** Outlives its keys, so it comes first. */
  readonly organizationId: string | undefined;
}

export class CacheScopes {
  readonly #base: readonly string[];
  #isPerCall = false;

  constructor(base: readonly string[]) {
    this.#base = base;
  }

  /** The scope of a call. Throws ERR_CACHE_SCOPE_REQUIRED. */
  resolve(callScope: string | undefined): readonly string[] {
    if (callScope === undefined) {
      if (!this.#isPerCall) return this.#base;
      const message =
        'earlier calls of this client gave a cache scope, so every call has to: pass `scope`, or `cache: false`';
      throw new CacheError(message, { code: 'ERR_CACHE_SCOPE_REQUIRED' });
    }
    this.#isPerCall = true;
    return [...this.#base, 'call', callScope];
  }
}

/**
 * The scope of a client. It stays the same while its keys take turns: several count together, as a set. Unnamed clients
 * of one cache never share, so a cache that is not the client's own adds a mark that no other client has.
 */
export function baseScope(
  name: string | undefined,
  credentials: Credentials,
  isCacheShared: boolean,
): readonly string[] {
  if (name !== undefined) return Object.freeze(['name', name]);
  const { organizationId, apiKey } = credentials;
  const digest = organizationId === undefined ? digestOf(apiKey ?? []) : `organization ${organizationId}`;
  return Object.freeze(isCacheShared ? ['credentials', digest, randomUUID()] : ['credentials', digest]);
}
