/** A client whose answers are checked: what does not answer its question fails, and is counted. */
import { isAnswerTo } from '../upstream/answers.mjs';

/** @typedef {(messages: readonly any[], perCall?: object) => Promise<any>} Ask */

export class CheckedClient {
  /** @param {Ask} ask */
  constructor(ask) {
    this.ask = ask;
    this.asked = 0;
    /** Whole and right; and those that the client took for that, and were not. */
    this.answered = 0;
    this.wrong = 0;
  }

  /** Begins counting anew. */
  reset() {
    this.asked = 0;
    this.answered = 0;
    this.wrong = 0;
  }

  /** @type {Ask} */
  async chat(messages, perCall) {
    this.asked++;
    const response = await this.ask(messages, perCall);
    if (isAnswerTo(messages.at(-1).content, response.text)) {
      this.answered++;
      return response;
    }
    this.wrong++;
    throw new Error('the answer is not whole');
  }
}
