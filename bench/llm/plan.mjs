/** What the suite measures at each scale. */
import { twinOf } from '../lib/subjects/subject.mjs';
import { BASE, LLM_SUBJECTS, llmSubjectOf, PARSING_BASE } from './subjects/subjects.mjs';

/** @typedef {import('../lib/suite.mjs').SuiteContext} SuiteContext */

/**
 * @typedef {object} Cell
 * @property {string} name
 * @property {import('./stub/wire.mjs').Format} format
 * @property {import('./calls/traffic.mjs').Way} way
 */

/** @type {Cell[]} */
const CELLS = /** @type {const} */ (['openai', 'anthropic']).flatMap((format) =>
  /** @type {const} */ (['unary', 'burst', 'paced']).map((way) => {
    return { name: format === 'openai' ? way : `${way}-${format}`, format, way };
  }),
);

/** The further questions of the suite. */
const PARTS = /** @type {const} */ (['bytes', 'hit', 'import', 'identical']);

const OURS = ['sherd', 'sherd+cache'];
const NEAREST = [BASE, PARSING_BASE, ...OURS, 'openai', 'anthropic-sdk'];

const CELLS_AT = {
  full: CELLS.map(({ name }) => name),
  quick: ['unary', 'burst', 'paced', 'unary-anthropic'],
  smoke: ['unary', 'burst'],
};
const SUBJECTS_AT = { full: Object.keys(LLM_SUBJECTS), quick: NEAREST, smoke: [BASE, 'sherd+cache', 'openai'] };

/** Calls at once. */
export const WIDTH = 32;

/** Many launches of few rounds, as in the suite of speed. */
export const EFFORT = {
  full: { launches: 3, rounds: 4, stretchMs: 150, warmUpMs: 600 },
  quick: { launches: 2, rounds: 4, stretchMs: 150, warmUpMs: 600 },
  smoke: { launches: 1, rounds: 1, stretchMs: 1, warmUpMs: 1 },
};

/** @param {SuiteContext} context */
export function planCells({ scale, wanted }) {
  const names = wanted.workloads ?? CELLS_AT[scale];
  return CELLS.filter(({ name }) => names.includes(name));
}

/**
 * Which of the parts are asked for.
 * @param {SuiteContext} context
 */
export function planParts({ wanted }) {
  const unknown = wanted.workloads?.find((name) => !isKnown(name));
  if (unknown !== undefined) {
    const known = [...CELLS.map(({ name }) => name), ...PARTS];
    throw new Error(`workload '${unknown}' is unknown; known: ${known.join(', ')}`);
  }
  return PARTS.filter((part) => wanted.workloads?.includes(part) ?? true);
}

/** @param {string} name */
function isKnown(name) {
  return CELLS.some((cell) => cell.name === name) || PARTS.some((part) => part === name);
}

/**
 * Who takes part in a cell: the yardstick and its twin, those that were asked for, and another build of ours if one is named.
 * @param {Pick<Cell, 'format' | 'way'>} cell
 * @param {SuiteContext} context
 */
export function subjectsOf({ format, way }, { scale, wanted }) {
  const base = process.env['SHERD_BASE'] === undefined ? [] : ['sherd-base', 'sherd-base+cache'];
  const chosen = wanted.subjects ?? [
    ...SUBJECTS_AT[scale].filter((name) => !name.startsWith('sherd-base')),
    ...(scale === 'smoke' ? [] : base),
  ];
  const joining = [BASE, twinOf(BASE), ...chosen].filter((name) => llmSubjectOf(name).formats.includes(format));
  // Of a whole answer the yardstick parses everything anyway.
  return [...new Set(joining)].filter((name) => way !== 'unary' || name !== PARSING_BASE);
}
