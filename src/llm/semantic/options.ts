/** The option of the semantic cache, and what its setting may be. */
import { milliseconds } from '../../cache/storage-options.js';
import type { Duration } from '../../core/units.js';
import { type Option, option } from '../../options/option.js';
import { callback, decimal, duration, integer, type ValueType } from '../../options/value-type.js';
import type { SemanticCacheSettings } from '../config.js';
import { groupOf } from '../setting-types.js';
import { type Embedder, type EmbedTexts, embedTextsOf } from './embedder.js';

export interface SemanticCacheInput {
  /** Makes a vector of a question: a function, a client with embed(), or { provider, model, apiKey }. */
  readonly embedder: Embedder;
  /** Least cosine of two questions that share an answer, 0.5 to 1. Default 0.95. */
  readonly threshold?: number;
  /** Questions held at once, 1 to 100,000. Default 1000. */
  readonly maxEntries?: number;
  /** Longest wait for a vector, 1 ms to 1 minute; then the question is a miss. Default 2 s. */
  readonly timeout?: Duration;
}

/**
 * Answers a question with the answer of one that means the same: asked in the same scope, of the same model, with the same
 * messages before it, tools and settings. An exact hit goes first. However near the vectors are, questions that differ in
 * numbers, units, times, negations, quotations, names, directions or words that are no synonyms are never the same; the
 * rules know English, and other questions are answered exactly. An embedder that fails is a counted miss. Every miss
 * costs a vector. Needs withCache. Default: off.
 */
export function withSemanticCache(
  settings: SemanticCacheInput,
): Option<'llm', { semanticCache: SemanticCacheSettings }> {
  const { embedder, timeout, ...rest } = settings;
  const semanticCache = {
    ...rest,
    embed: embedTextsOf(embedder),
    ...(timeout === undefined ? {} : { timeoutMs: milliseconds(timeout) }),
  };
  // The field completes the settings.
  return option('llm', 'withSemanticCache({...})', { semanticCache: semanticCache as SemanticCacheSettings });
}

const MINUTE_MS = 60_000;

export const semanticCacheType: ValueType<SemanticCacheSettings> = {
  ...groupOf<SemanticCacheSettings>('an object with embed, threshold, maxEntries, timeoutMs', {
    embed: {
      type: callback<EmbedTexts>('(texts, { signal }) => vectors, a client with embed(), or { provider, model }'),
    },
    threshold: { type: decimal({ min: 0.5, max: 1 }), fallback: 0.95 },
    maxEntries: { type: integer({ min: 1, max: 100_000 }), fallback: 1000 },
    timeoutMs: { type: duration({ min: 1, max: MINUTE_MS }), fallback: 2000 },
  }),
  // An embedder is code, which does not stand in files.
  schema: undefined,
};
