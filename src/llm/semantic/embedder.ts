/** What makes vectors of questions: a function, a client with embed(), or a provider with embed(). */
import type { EmbedCall, Provider } from '../../providers/provider.js';

/** One vector for each text, in their order, all of one length. Aborting `signal` ends the wait in any case. */
export type EmbedTexts = (
  texts: readonly string[],
  options: { readonly signal: AbortSignal },
) => Vectors | Promise<Vectors>;
type Vectors = readonly (readonly number[] | Float32Array)[];

/** A client of this library, or anything with its embed(). */
export interface EmbeddingClient {
  embed(texts: readonly string[], options: { readonly signal: AbortSignal }): Promise<{ readonly vectors: Vectors }>;
}

export interface EmbeddingProvider {
  readonly provider: Pick<Provider, 'embed'>;
  readonly model: string;
  readonly apiKey?: string;
}

export type Embedder = EmbedTexts | EmbeddingClient | EmbeddingProvider;

/** Undefined for what is no embedder. */
export function embedTextsOf(embedder: Embedder): EmbedTexts | undefined {
  if (typeof embedder === 'function') return embedder;
  if (isProvider(embedder)) return (texts, { signal }) => askProvider(embedder, texts, signal);
  if (typeof (embedder as EmbeddingClient | undefined)?.embed === 'function')
    return async (texts, options) => (await embedder.embed(texts, options)).vectors;
  return undefined;
}

function isProvider(embedder: Embedder): embedder is EmbeddingProvider {
  const { provider, model } = (embedder as Partial<EmbeddingProvider> | undefined) ?? {};
  return typeof provider?.embed === 'function' && typeof model === 'string';
}

async function askProvider(
  { provider, model, apiKey }: EmbeddingProvider,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<Vectors> {
  const call: EmbedCall = { request: { model, texts }, signal, apiKey };
  return (await provider.embed?.(call))?.vectors ?? [];
}
