/** Whether a fresh answer is good: it fits the schema of its call, and the caller's validator takes it. */
import type { ProviderAnswer } from '../protocol/chat.js';
import { invalidAnswer } from './answer-check.js';
import type { TargetCall } from './call.js';
import type { ClientCounters } from './metrics.js';

/** True: nothing is asked of its answers. */
export function takesAny({ settings, check }: TargetCall): boolean {
  return settings.responseValidator === undefined && check === undefined;
}

/** Throws a ProviderError (ERR_PROVIDER_INVALID_ANSWER) for an answer that does not do. */
export async function validate(counters: ClientCounters, call: TargetCall, answer: ProviderAnswer): Promise<void> {
  const provider = call.target.provider.name;
  const verdict = call.check?.judge(answer);
  if (verdict?.ok === false) {
    counters.invalidAnswers++;
    throw invalidAnswer(provider, verdict.problem, verdict.cause);
  }
  const { responseValidator } = call.settings;
  if (responseValidator === undefined) return;
  let cause: unknown;
  try {
    if ((await responseValidator(answer, call.request)) === true) return;
  } catch (error) {
    cause = error;
  }
  counters.invalidAnswers++;
  throw invalidAnswer(provider, 'was refused by the validator', cause);
}
