/**
 * Whether a question asked again is answered the same: for diagnose(). Holds hashes only, of the last questions; what is so
 * long that to hash it would hold the loop is passed over.
 */
import { LRUCache } from 'lru-cache';
import { hashString } from '../core/hash.js';
import { isLong } from '../core/long-text.js';
import type { Message, ProviderAnswer } from '../protocol/chat.js';
import { messagesLength } from '../protocol/message-length.js';

const MAX_QUESTIONS = 1024;

export class RepeatWatch {
  repeatedAnswers = 0;
  differingAnswers = 0;
  readonly #answers: LRUCache<number, number> = new LRUCache({ max: MAX_QUESTIONS });

  /** Notes a fresh answer. O(question + answer). */
  note(model: string, messages: readonly Message[], answer: ProviderAnswer): void {
    if (isLong(messagesLength(messages) + answer.text.length)) return;
    const question = questionHash(model, messages);
    const text = answer.toolCalls.reduce(
      (hash, call) => hashString(call.arguments, hashString(call.name, hash)),
      hashString(answer.text, 0),
    );
    const before = this.#answers.get(question);
    if (before !== undefined) this.repeatedAnswers++;
    if (before !== undefined && before !== text) this.differingAnswers++;
    this.#answers.set(question, text);
  }
}

/** Each text starts from the hash of what stands before it, so no two lists of texts run together. */
function questionHash(model: string, messages: readonly Message[]): number {
  let hash = hashString(model, messages.length);
  for (const { role, content, toolCalls } of messages) {
    hash = hashString(role, hash);
    hash = hashString(typeof content === 'string' ? content : JSON.stringify(content), hash);
    if (toolCalls !== undefined) hash = hashString(JSON.stringify(toolCalls), hash);
  }
  return hash;
}
