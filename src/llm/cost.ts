/** Money of an answer, from its usage and the dated list prices. */
import { findModel } from '../profiles/models.js';
import type { Usage } from '../protocol/chat.js';

const TOKENS_PER_PRICE = 1_000_000;

/**
 * US dollars at list price (profiles/models.json); undefined when usage or price is unknown. Cached input tokens are
 * part of the input and cost their own rate.
 */
export function costOf(provider: string, model: string, usage: Usage | undefined): number | undefined {
  const price = findModel(provider, model)?.price;
  if (usage === undefined || price === undefined) return undefined;
  const cachedTokens = Math.min(usage.cachedInputTokens ?? 0, usage.inputTokens);
  const freshTokens = usage.inputTokens - cachedTokens;
  const total = freshTokens * price.input + cachedTokens * price.cachedInput + usage.outputTokens * price.output;
  return total / TOKENS_PER_PRICE;
}
