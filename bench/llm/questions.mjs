/** Questions: text of a stated length, of which a number at the start differs. */

const FILLER =
  'Consider the following notes, compare them with what you know, and answer in a few plain sentences without a list. ';

/** Of the calls whose cost is measured. */
export const QUESTION_CHARACTERS = 900;

/**
 * A fresh string each time, as it would come from the network.
 * @param {number} id
 * @param {number} [characters]
 */
export function makeQuestion(id, characters = QUESTION_CHARACTERS) {
  const buffer = Buffer.alloc(characters, FILLER, 'latin1');
  buffer.write(`Question ${id}: `, 'latin1');
  return buffer.toString('latin1');
}
