/**
 * Job: many equal questions at once, whole or streamed, of which a random half may leave before it has its answer, the one
 * that asked first among them. What became of each caller; how many calls went upstream is counted there.
 */
import { Random } from '../../lib/random.mjs';
import { findFault } from '../gate/faults.mjs';
import { makeQuestion } from '../questions.mjs';
import { llmSubjectOf } from '../subjects/subjects.mjs';

/** Callers leave within this time, which is less than an answer takes at the paces below. */
const LEAVE_WITHIN_MS = 120;
const FORMAT = 'openai';
const LEFT = new Error('left');

/** @typedef {'answered' | 'left' | 'failed'} Fate */

/** @param {{ subject: string, isStreamed: boolean, isLeaving: boolean, callers: number, origin: string }} options */
export async function prepare({ subject, isStreamed, isLeaving, callers, origin }) {
  const endpoint = `${origin}/${isStreamed ? 'paced' : 'late'}`;
  const caller = await llmSubjectOf(subject).create({ endpoint, format: FORMAT });
  const verb = isStreamed ? 'stream' : 'ask';

  /** @param {number} round */
  async function ask(round) {
    const random = new Random(round + 1);
    const question = makeQuestion(round);
    /** @type {AbortController[]} */
    const leaving = [];
    const fates = Array.from({ length: callers }, async (_, index) => {
      const leaves = isLeaving && (index === 0 || random.nextInt(2) === 0);
      const controller = new AbortController();
      if (leaves) leaving.push(controller);
      return await fateOf(caller[verb](question, leaves ? controller.signal : undefined));
    });
    // From when all have asked.
    for (const controller of leaving) setTimeout(() => controller.abort(LEFT), random.nextInt(LEAVE_WITHIN_MS));
    return count(await Promise.all(fates), leaving.length);
  }
  return { round: ask };
}

/**
 * @param {Promise<import('../subjects/subjects.mjs').Answer>} call
 * @returns {Promise<Fate>}
 */
async function fateOf(call) {
  try {
    return findFault(await call, FORMAT) === undefined ? 'answered' : 'failed';
  } catch (error) {
    return error === LEFT ? 'left' : 'failed';
  }
}

/**
 * @param {readonly Fate[]} fates
 * @param {number} leaving callers that were told to leave; one that had its answer by then is answered
 */
function count(fates, leaving) {
  const of = (/** @type {Fate} */ fate) => fates.filter((each) => each === fate).length;
  return { answered: of('answered'), left: of('left'), failed: of('failed'), leaving };
}
