/**
 * How many tokens a request takes, before anybody has counted them: a likely number for rate limits, and one that is
 * hardly ever passed for budgets. The provider's own count replaces both afterwards.
 */
import type { ChatRequest, Message, Usage } from '../protocol/chat.js';

/** The vendors' rule of thumb for English; other languages take more, and are settled afterwards. */
const CHARACTERS_PER_TOKEN = 4;
/** What frames a message, and what a provider puts before tools, at most. */
const TOKENS_PER_MESSAGE = 8;
const TOKENS_FOR_TOOLS = 700;
/** A large image at high detail, by the dearest of the vendors' rules. */
const TOKENS_PER_IMAGE = 5_000;

/** A quarter of the characters, and the whole answer that is allowed. O(request). */
export function likelyTokens(request: ChatRequest): Usage {
  return usageOf(likelyInput(request), request.maxTokens ?? 0);
}

/** What an attempt has taken that was cut after so many characters of its answer. O(request). */
export function tokensSoFar(request: ChatRequest, characters: number): Usage {
  return usageOf(likelyInput(request), tokensOfText(characters));
}

/**
 * A token for each byte, since a token is at least one, what frames them, and the whole answer and thought that are
 * allowed. What `vendor` adds is not foreseen. O(request).
 */
export function mostTokens(request: ChatRequest): Usage {
  const { texts, images } = partsOf(request);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const framing = request.messages.length * TOKENS_PER_MESSAGE + (request.tools === undefined ? 0 : TOKENS_FOR_TOOLS);
  const outputTokens = (request.maxTokens ?? 0) + (request.reasoning?.maxTokens ?? 0);
  const inputTokens = bytes + framing + images * TOKENS_PER_IMAGE;
  // Written into a prompt cache, they cost most.
  return { ...usageOf(inputTokens, outputTokens), cacheWriteInputTokens: inputTokens };
}

function usageOf(inputTokens: number, outputTokens: number): Usage {
  return { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens };
}

function likelyInput(request: ChatRequest): number {
  const { texts, images } = partsOf(request);
  return tokensOfText(texts.reduce((sum, text) => sum + text.length, 0)) + images * TOKENS_PER_IMAGE;
}

function tokensOfText(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

function partsOf({ messages, tools, responseFormat }: ChatRequest): { texts: readonly string[]; images: number } {
  const texts: string[] = [];
  let images = 0;
  for (const message of messages) images += readMessage(message, texts);
  for (const extra of [tools, responseFormat?.schema]) if (extra !== undefined) texts.push(JSON.stringify(extra));
  return { texts, images };
}

/** Appends the texts of a message; the number of its images. */
function readMessage({ content, toolCalls = [], name }: Message, texts: string[]): number {
  let images = 0;
  if (typeof content === 'string') texts.push(content);
  else {
    for (const part of content) {
      if (part.kind === 'text') texts.push(part.text);
      else images++;
    }
  }
  for (const call of toolCalls) texts.push(call.name, call.arguments);
  if (name !== undefined) texts.push(name);
  return images;
}
