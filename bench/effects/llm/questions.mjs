/** Questions of stated lengths, whose answers have stated lengths, too: the same ones each time. */
import { Zipf } from '../../lib/keys/zipf.mjs';
import { Random } from '../../lib/random.mjs';

/** As most vendors say of English; the scripted models count by it. */
export const CHARACTERS_A_TOKEN = 4;

/**
 * @typedef {object} Question
 * @property {string} text
 * @property {number} answerTokens of an answer without a limit
 */

/**
 * Distinct ones: each begins with its name. The lengths of their answers are spread evenly over the span, in random order.
 * @param {string} name
 * @param {number} count
 * @param {import('./stated.mjs').Asked} asked
 * @returns {Question[]}
 */
export function makeQuestions(name, count, { tokens, answer: [least, most] }) {
  const even = Array.from({ length: count }, (_, i) => Math.round(least + ((most - least) * (i + 0.5)) / count));
  return new Random(count).shuffled(even).map((answerTokens, i) => ({
    text: `${name} ${i}: `.padEnd(tokens * CHARACTERS_A_TOKEN, 'and so on, '),
    answerTokens,
  }));
}

/**
 * Which question is asked when: Zipf's law over them, the first the most asked for.
 * @param {readonly Question[]} questions
 * @param {number} count
 * @param {number} exponent
 */
export function drawQuestions(questions, count, exponent) {
  const random = new Random(count);
  const ranks = new Zipf(questions.length, exponent);
  return Array.from({ length: count }, () => /** @type {Question} */ (questions[ranks.rank(random.next())]));
}

/**
 * The share of a sequence that asks again what was asked before: no cache can hit more.
 * @param {readonly Question[]} asked
 */
export function repeatShare(asked) {
  return 1 - new Set(asked).size / asked.length;
}
