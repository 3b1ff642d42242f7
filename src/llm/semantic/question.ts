/** The question of a call: its last message, if that is a text that the rules can judge; and what it is asked beside. */
import type { Message } from '../../protocol/chat.js';
import type { TargetCall } from '../call.js';
import { keyOf } from '../key-of.js';
import { factsOf } from './facts.js';
import type { Question } from './index-of-questions.js';

/** In longer texts a difference that matters is small beside the rest. */
const MAX_CHARACTERS = 1000;
/** Stands for the question in the name of its group. */
const ANY_QUESTION = '?';

/** Undefined for a call that is answered by its own words only. */
export function questionOf(call: TargetCall): Question | undefined {
  const { caching, request } = call;
  const last = request.messages.at(-1);
  if (caching === undefined || last?.role !== 'user') return undefined;
  const text = textOf(last);
  const facts = text === undefined || text.length > MAX_CHARACTERS ? undefined : factsOf(text);
  if (text === undefined || facts === undefined) return undefined;
  const messages = [...request.messages.slice(0, -1), { ...last, content: ANY_QUESTION }];
  try {
    const group = keyOf({ ...call, request: { ...request, messages } }, [...caching.scope, 'semantic']);
    return { group, key: keyOf(call, caching.scope), text, facts };
  } catch {
    // Whoever asks will be told.
    return undefined;
  }
}

/** Undefined for a message that is not all text. */
function textOf({ content }: Message): string | undefined {
  if (typeof content === 'string') return content;
  const texts = content.map((part) => (part.kind === 'text' ? part.text : undefined));
  return texts.includes(undefined) ? undefined : texts.join('\n');
}
