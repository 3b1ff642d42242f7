/** Which answers are stored: only what the provider finished of its own accord, unless the caller decides. */
import type { ProviderAnswer } from '../protocol/chat.js';
import { atOnce } from './answer-store.js';
import type { TargetCall } from './call.js';
import type { ClientCounters } from './metrics.js';

export function mayStore(call: TargetCall, answer: ProviderAnswer, counters: ClientCounters): boolean {
  const { shouldCache } = call.settings;
  if (isRefusal(call, answer)) return true;
  if (shouldCache === undefined) return answer.finishReason === 'stop' || answer.finishReason === 'tool-calls';
  try {
    return atOnce(shouldCache(answer, call.request), () => counters.containedErrors++) === true;
  } catch {
    counters.containedErrors++;
    return false;
  }
}

/** An answer that is kept as a refusal is: for a short time. */
export function isRefusal({ settings }: TargetCall, { finishReason }: ProviderAnswer): boolean {
  return finishReason === 'content-filter' && settings.negativeCache?.contentFilter === true;
}
