/** Calls of one subject, so many at once: what the jobs for time and for bytes have in common. */
import { isWhole } from '../gate/faults.mjs';
import { makeQuestion } from '../questions.mjs';
import { CHUNKS } from '../stub/wire.mjs';
import { llmSubjectOf } from '../subjects/subjects.mjs';

/** @typedef {import('../stub/wire.mjs').Format} Format */
/** @typedef {'unary' | 'burst' | 'paced'} Way how an answer comes: whole; as a stream in one write; in a write a chunk */

/** @type {Record<Way, { verb: 'ask' | 'stream', pace: string, operations: number }>} */
const WAYS = {
  unary: { verb: 'ask', pace: 'burst', operations: 1 },
  burst: { verb: 'stream', pace: 'burst', operations: CHUNKS },
  paced: { verb: 'stream', pace: 'paced', operations: CHUNKS },
};

/**
 * @typedef {object} TrafficOptions
 * @property {string} subject
 * @property {Format} format
 * @property {Way} way
 * @property {string} origin of the stub
 * @property {number} width calls at once
 */

export class Traffic {
  /** @param {TrafficOptions} options */
  static async start({ subject, format, way, origin, width }) {
    const { verb, pace, operations } = WAYS[way];
    const caller = await llmSubjectOf(subject).create({ endpoint: `${origin}/${pace}`, format });
    return new Traffic(caller[verb], { format, way, width, operations });
  }

  /**
   * @param {(question: string) => Promise<import('../subjects/subjects.mjs').Answer>} call
   * @param {{ format: Format, way: Way, width: number, operations: number }} plan
   */
  constructor(call, { format, way, width, operations }) {
    this.call = call;
    this.format = format;
    this.way = way;
    this.width = width;
    /** Of one call: 1, or the chunks of its answer. */
    this.operations = operations;
    this.asked = 0;
  }

  /**
   * Questions that were never asked before.
   * @param {number} count
   */
  makeQuestions(count) {
    const first = this.asked;
    this.asked += count;
    return Array.from({ length: count }, (_, index) => makeQuestion(first + index));
  }

  /**
   * Resolves once all are answered, with the pieces the answers came in, for subjects that count them.
   * @param {readonly string[]} questions
   */
  async run(questions) {
    const { call, format } = this;
    let next = 0;
    let pieces = 0;
    async function work() {
      while (next < questions.length) {
        const answer = await call(/** @type {string} */ (questions[next++]));
        if (!isWhole(answer, format)) throw new Error('an answer is not whole');
        pieces += answer.pieces ?? 0;
      }
    }
    await Promise.all(Array.from({ length: this.width }, work));
    return pieces;
  }
}
