/** How many tokens of thought an effort is worth, for models that take a number and not a word. */
import type { ReasoningSettings } from '../protocol/chat.js';

export type ThinkingEffort = Exclude<NonNullable<ReasoningSettings['effort']>, 'none'>;

/** Each fits, with an answer of a few thousand tokens, into the 32,000 that the smallest such models can write. */
export const THINKING_BUDGETS: Readonly<Record<ThinkingEffort, number>> = Object.freeze({
  minimal: 1024,
  low: 4096,
  medium: 10_240,
  high: 20_480,
  max: 28_672,
});
