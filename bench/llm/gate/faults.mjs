/** The gate before the stopwatch: whoever does not bring the whole text and the usage is not measured. */
import { CHUNKS, EXPECTED, WIRES } from '../stub/wire.mjs';

/** @typedef {import('../subjects/subjects.mjs').Answer} Answer */

/**
 * What is wrong with an answer, in a sentence; undefined when nothing is.
 * @param {Answer} answer
 * @param {import('../stub/wire.mjs').Format} format
 */
export function findFault(answer, format) {
  if (answer.bytes !== undefined) {
    const { streamBytes } = WIRES[format];
    return answer.bytes === streamBytes ? undefined : `${answer.bytes} of ${streamBytes} bytes`;
  }
  for (const [name, expected] of Object.entries(EXPECTED)) {
    const read = answer[/** @type {keyof typeof EXPECTED} */ (name)];
    if (read !== expected) return `${name} is ${JSON.stringify(read)}, not ${JSON.stringify(expected)}`;
  }
  return undefined;
}

/**
 * The same while the stopwatch runs: a look at the last that an answer brings.
 * @param {Answer} answer
 * @param {import('../stub/wire.mjs').Format} format
 */
export function isWhole({ outputTokens, bytes }, format) {
  return bytes === undefined ? outputTokens === CHUNKS : bytes === WIRES[format].streamBytes;
}
