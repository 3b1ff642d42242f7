/**
 * Embeddings as a call like all others, so that one machinery retries, limits, times and counts both: the texts are the
 * messages, and the one chunk that comes back carries the vectors in `raw`.
 */
import { ProviderError } from '../../core/errors.js';
import type { Chunk, ProviderAnswer, Usage } from '../../protocol/chat.js';
import type { EmbedAnswer, EmbedRequest } from '../../protocol/embedding.js';
import type { Provider, ProviderCall } from '../../providers/provider.js';
import { isVector } from '../answer-cache.js';

type Embed = NonNullable<Provider['embed']>;

/** A provider that answers with vectors. It knows no body, since nothing of it is cached as an answer. */
export function embedAsChat(
  { name, endpoint }: Pick<Provider, 'name' | 'endpoint'>,
  embed: Embed,
  dimensions: number | undefined,
): Provider {
  async function* chat(call: ProviderCall): AsyncGenerator<Chunk, void, undefined> {
    const { model, messages, vendor } = call.request;
    const request: EmbedRequest = {
      model,
      // What messagesOfTexts() has made.
      texts: messages.map(({ content }) => content as string),
      ...(dimensions === undefined ? {} : { dimensions }),
      ...(vendor === undefined ? {} : { vendor }),
    };
    const { signal, apiKey } = call;
    const answer = await embed({ request, signal, apiKey, onSent: (isSent) => call.onSent?.(isSent) });
    if (!isAnswerTo(request, answer)) throw notVectors(name);
    yield { kind: 'response', answer: wholeAnswer(answer) };
  }
  return { name, endpoint, body: () => ({}), chat };
}

/** The vectors in the answer of such a provider. */
export function embeddingIn({ raw }: ProviderAnswer): EmbedAnswer {
  return raw as EmbedAnswer;
}

/** Tokens read; nothing is written. */
export function usageOfTexts(inputTokens: number | undefined): Usage | undefined {
  return inputTokens === undefined ? undefined : { inputTokens, outputTokens: 0, totalTokens: inputTokens };
}

function wholeAnswer(answer: EmbedAnswer): ProviderAnswer {
  const { model, inputTokens, requestId } = answer;
  return {
    id: requestId ?? '',
    model,
    text: '',
    toolCalls: [],
    finishReason: 'stop',
    usage: usageOfTexts(inputTokens),
    raw: answer,
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/** A provider may be somebody's own, and give anything. */
function isAnswerTo({ texts }: EmbedRequest, answer: EmbedAnswer): boolean {
  const given: Partial<EmbedAnswer> | null | undefined = answer;
  const vectors: unknown = given?.vectors;
  return Array.isArray(vectors) && vectors.length === texts.length && vectors.every(isVector);
}

function notVectors(provider: string): ProviderError {
  const options = { code: 'ERR_PROVIDER_BAD_RESPONSE', provider, retryable: true };
  return new ProviderError(`embed() of ${provider} gave something that is not one vector for each text`, options);
}
