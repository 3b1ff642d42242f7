/** The traffic of a soak, by share: what each call does, drawn from a seed, and what became of them. */
import { Random } from '../../lib/random.mjs';
import { isAnswerTo } from '../upstream/answers.mjs';

/** Questions that are asked again and again. */
const KNOWN_QUESTIONS = 64;
/** Questions of a batch. */
const BATCH_SIZE = 4;

/** @type {readonly (readonly [kind: Kind, share: number])[]} */
const MIX = [
  ['hit', 0.4],
  ['miss', 0.2],
  ['batch', 0.05],
  ['stream', 0.2],
  ['left early', 0.05],
  ['left amid the text', 0.1],
];

/** @typedef {'hit' | 'miss' | 'batch' | 'stream' | 'left early' | 'left amid the text'} Kind */

/** A caller's reason to go. */
const LEFT = new Error('left');

export class Traffic {
  /**
   * @param {any} llm the entry
   * @param {any} client
   * @param {AbortSignal} signal one for all calls, as a server has it
   */
  constructor(llm, client, signal) {
    this.llm = llm;
    this.client = client;
    this.signal = signal;
    this.random = new Random(1);
    this.asked = 0;
    this.left = 0;
    /** Streams that failed once their text had begun: nobody may begin those anew. */
    this.broken = 0;
    this.wrong = 0;
  }

  /** Asks every known question once. */
  async fill() {
    for (let i = 0; i < KNOWN_QUESTIONS; i++) await this.client.chat(this.#messages(knownQuestion(i)));
  }

  /** One call of the mix: what a load test asks in the place of a client. Rejects as the client does. */
  async chat() {
    const kind = drawKind(this.random.next());
    try {
      if (kind === 'batch') return await this.#askBatch();
      const question = kind === 'hit' ? knownQuestion(this.random.nextInt(KNOWN_QUESTIONS)) : this.#nextQuestion();
      return this.#checked(question, await this.#ask(kind, this.#messages(question)));
    } catch (error) {
      if (error === LEFT) this.left++;
      throw error;
    }
  }

  /** @param {Kind} kind @param {readonly object[]} messages */
  async #ask(kind, messages) {
    const { client, signal } = this;
    if (kind === 'stream') return this.#readStream(client.stream(messages, { signal }));
    if (kind === 'left early') {
      const leaving = new AbortController();
      setImmediate(() => leaving.abort(LEFT));
      return client.chat(messages, { signal: leaving.signal });
    }
    if (kind === 'left amid the text') {
      // Leaving the loop cancels.
      for await (const { kind: chunk } of client.stream(messages, { signal })) if (chunk === 'text-delta') break;
      throw LEFT;
    }
    return client.chat(messages, { signal });
  }

  /** @param {any} stream */
  async #readStream(stream) {
    let hasText = false;
    try {
      for await (const { kind } of stream) hasText ||= kind === 'text-delta';
      return await stream.final();
    } catch (error) {
      if (hasText) this.broken++;
      throw error;
    }
  }

  async #askBatch() {
    const questions = Array.from({ length: BATCH_SIZE }, () => this.#nextQuestion());
    const requests = questions.map((question) => ({ messages: this.#messages(question) }));
    const results = await this.client.batchChat(requests, { signal: this.signal, errorPolicy: 'fail-fast' });
    const responses = questions.map((question, index) => this.#checked(question, results[index].response));
    return responses[0];
  }

  /** @param {string} question @param {{ text: string }} response */
  #checked(question, response) {
    if (!isAnswerTo(question, response.text)) this.wrong++;
    return response;
  }

  #nextQuestion() {
    return `question ${this.asked++}`;
  }

  /** @param {string} question */
  #messages(question) {
    return [this.llm.userMessage(question)];
  }
}

/** @param {number} drawn 0..1 @returns {Kind} */
function drawKind(drawn) {
  let rest = drawn;
  for (const [kind, share] of MIX) {
    if (rest < share) return kind;
    rest -= share;
  }
  return 'miss';
}

/** @param {number} index */
function knownQuestion(index) {
  return `known question ${index}`;
}
