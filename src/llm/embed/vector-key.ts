/**
 * The name of a text's vector: SHA-256 over who is asked for what, for whom, and the text. Invariant: equal keys mean the
 * same vector, and no key of an answer is one of a vector.
 */
import { createHash } from 'node:crypto';
import type { EmbedRequest } from '../../protocol/embedding.js';
import { canonicalJson } from '../key.js';

export interface VectorKeyParts extends Pick<EmbedRequest, 'model' | 'dimensions' | 'vendor'> {
  readonly provider: string;
  readonly endpoint: string;
  /** Who may share the vector. */
  readonly scope: readonly string[];
}

/** Raised when stored vectors of older versions must no longer be found. */
const SCHEMA_VERSION = 1;

/** Makes the key of each text of a request: 64 hex digits, O(text). */
export function vectorKeys(parts: VectorKeyParts): (text: string) => string {
  const { provider, endpoint, model, scope, dimensions = null, vendor = {} } = parts;
  const request = ['vector', SCHEMA_VERSION, provider, endpoint, model, scope, dimensions];
  const head = `${JSON.stringify(request)}${canonicalJson(vendor)}`;
  // As JSON, which keeps lone surrogates apart.
  return (text) =>
    createHash('sha256')
      .update(`${head}${JSON.stringify(text)}`)
      .digest('hex');
}
