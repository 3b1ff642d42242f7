/** Whether a question asked again is answered the same: for diagnose(). Holds hashes only, of the last questions. */
import { LRUCache } from 'lru-cache';
import { hashString } from '../core/hash.js';
import type { Message, ProviderAnswer } from '../protocol/chat.js';

const MAX_QUESTIONS = 1024;

export class RepeatWatch {
  repeatedAnswers = 0;
  differingAnswers = 0;
  readonly #answers: LRUCache<number, number> = new LRUCache({ max: MAX_QUESTIONS });

  /** Notes a fresh answer. O(question + answer). */
  note(model: string, messages: readonly Message[], answer: ProviderAnswer): void {
    const question = hashString(JSON.stringify([model, messages]), 0);
    const text = hashString(JSON.stringify([answer.text, answer.toolCalls]), 0);
    const before = this.#answers.get(question);
    if (before !== undefined) this.repeatedAnswers++;
    if (before !== undefined && before !== text) this.differingAnswers++;
    this.#answers.set(question, text);
  }
}
