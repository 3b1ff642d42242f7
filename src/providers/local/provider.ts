/**
 * The embedded extractive provider: answers from the text it is given, in process. It serves tests and the demo, where
 * real work on real text is wanted and no key or network is to be had. Equal requests give equal answers, so sampling
 * settings have no effect; it never calls tools. Its embeddings tell shared words, not meaning (embedding.ts).
 */
import { createHash } from 'node:crypto';
import { ConfigError, type ConfigIssue } from '../../core/errors.js';
import type { ChatRequest, Chunk, ProviderAnswer } from '../../protocol/chat.js';
import type { EmbedAnswer } from '../../protocol/embedding.js';
import { encodeRequest } from '../openai-chat/encode.js';
import type { EmbedCall, Provider, ProviderCall } from '../provider.js';
import { assertEmbeddable } from '../request-check.js';
import { findAnswer, textOf } from './answer.js';
import { embedText, LOCAL_DIMENSIONS } from './embedding.js';
import { createSentenceIndex, type LocalDocument, type SentenceIndex } from './sentence-index.js';
import { CHARACTERS_A_TOKEN, estimateTokens } from './text.js';

export interface LocalProviderOptions {
  /** Searched when the messages hold no text that bears on the question. Indexed at the first such question, or by prewarm(). */
  readonly corpus?: readonly LocalDocument[];
}

/** Opens nothing. Usage is an estimate of 4 characters a token; `maxTokens` cuts by the same measure. */
export function createLocalProvider(options: LocalProviderOptions = {}): Provider {
  const { corpus } = options;
  let index: SentenceIndex | undefined;

  function corpusIndex(): SentenceIndex | undefined {
    if (corpus !== undefined) index ??= createSentenceIndex(corpus);
    return index;
  }
  function body(request: ChatRequest): Record<string, unknown> {
    assertAnswerable(request);
    return encodeRequest(request, {}).body;
  }
  function answer(request: ChatRequest): ProviderAnswer {
    const upstream = JSON.stringify(body(request));
    const found = findAnswer(request, corpusIndex);
    const { text, isCut } = limit(found, request);
    const characters = request.messages.reduce((sum, message) => sum + textOf(message).length, 0);
    const inputTokens = estimateTokens(characters);
    const outputTokens = estimateTokens(text.length);
    return Object.freeze({
      id: `local-${createHash('sha256').update(upstream).digest('hex').slice(0, 24)}`,
      model: request.model,
      text,
      toolCalls: Object.freeze([]),
      finishReason: isCut ? 'length' : 'stop',
      usage: Object.freeze({ inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }),
    });
  }
  async function* chat({ request, stream, signal }: ProviderCall): AsyncGenerator<Chunk, void, undefined> {
    signal.throwIfAborted();
    const whole = answer(request);
    if (!stream) {
      yield { kind: 'response', answer: whole };
      return;
    }
    yield { kind: 'start', id: whole.id, model: whole.model };
    for (const [piece] of whole.text.matchAll(/\s*\S+|\s+$/g)) {
      signal.throwIfAborted();
      yield { kind: 'text-delta', text: piece };
    }
    if (whole.usage !== undefined) yield { kind: 'usage', usage: whole.usage };
    yield { kind: 'finish', reason: whole.finishReason };
  }
  async function embed({ request, signal }: EmbedCall): Promise<EmbedAnswer> {
    signal.throwIfAborted();
    assertEmbeddable(request);
    const { model, texts, dimensions = LOCAL_DIMENSIONS } = request;
    const characters = texts.reduce((sum, text) => sum + text.length, 0);
    return Object.freeze({
      model,
      vectors: Object.freeze(texts.map((text) => embedText(text, dimensions))),
      inputTokens: estimateTokens(characters),
    });
  }
  async function prewarm(): Promise<void> {
    corpusIndex();
  }
  return { name: 'local', endpoint: endpointOf(corpus), body, chat, embed, prewarm };
}

/** Names the corpus: two providers with different texts give different answers, so they must not share cache keys. */
function endpointOf(corpus: readonly LocalDocument[] | undefined): string {
  if (corpus === undefined) return 'local';
  const hash = createHash('sha256');
  for (const document of corpus) hash.update(JSON.stringify([document.id, document.title, document.text]));
  return `local:${hash.digest('hex').slice(0, 16)}`;
}

/** Cuts at the first stop sequence, then at `maxTokens`; never inside a surrogate pair. */
function limit(found: string, request: ChatRequest): { readonly text: string; readonly isCut: boolean } {
  const stops = (request.stop ?? []).map((stop) => found.indexOf(stop)).filter((at) => at >= 0);
  const text = found.slice(0, Math.min(found.length, ...stops));
  const maxCharacters = (request.maxTokens ?? Infinity) * CHARACTERS_A_TOKEN;
  if (text.length <= maxCharacters) return { text, isCut: false };
  const cut = text.slice(0, maxCharacters);
  return { text: cut.isWellFormed() ? cut : cut.slice(0, -1), isCut: true };
}

function assertAnswerable(request: ChatRequest): void {
  const issues: ConfigIssue[] = [];
  const { toolChoice, responseFormat } = request;
  if (toolChoice === 'required' || typeof toolChoice === 'object') {
    issues.push({
      path: 'toolChoice',
      expected: "'auto' or 'none': it calls no tools",
      received: 'a demand',
      setBy: 'the request',
    });
  }
  if (responseFormat !== undefined && responseFormat.kind !== 'text') {
    const received = `'${responseFormat.kind}'`;
    issues.push({
      path: 'responseFormat.kind',
      expected: "'text': it quotes, it does not format",
      received,
      setBy: 'the request',
    });
  }
  if (issues.length > 0) throw new ConfigError('local provider', issues);
}
