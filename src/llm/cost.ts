/**
 * Money of an answer, from its usage and the dated list prices. The plain rate only: what a vendor charges more for (long
 * context, prompt caches kept longer) or less (batches, quiet hours) is not in the table.
 */
import { findModel, type ModelPrice } from '../profiles/models.js';
import type { Usage } from '../protocol/chat.js';

const TOKENS_PER_PRICE = 1_000_000;

/**
 * US dollars at list price (profiles/models.json); undefined when usage or price is unknown. Input that came from the
 * vendor's prompt cache, or went into it, is part of the input and costs its own rate; reasoning is part of the output.
 */
export function costOf(provider: string, model: string, usage: Usage | undefined): number | undefined {
  const price = findModel(provider, model)?.price;
  if (usage === undefined || price === undefined) return undefined;
  return (inputCost(price, usage) + outputTokensOf(usage) * price.output) / TOKENS_PER_PRICE;
}

function inputCost(price: ModelPrice, usage: Usage): number {
  const { inputTokens, billedInputTokens, cachedInputTokens = 0, cacheWriteInputTokens = 0 } = usage;
  if (billedInputTokens !== undefined) return billedInputTokens * price.input;
  // No token is counted twice, even where a vendor's parts are more than its whole.
  const cached = Math.min(cachedInputTokens, inputTokens);
  const written = Math.min(cacheWriteInputTokens, inputTokens - cached);
  const fresh = inputTokens - cached - written;
  return fresh * price.input + cached * price.cachedInput + written * price.cacheWriteInput;
}

function outputTokensOf({ outputTokens, billedOutputTokens }: Usage): number {
  return billedOutputTokens ?? outputTokens;
}
