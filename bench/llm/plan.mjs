/** What the suite measures at each scale. */
import { twinOf } from '../lib/subjects/subject.mjs';
import { BASE, LLM_SUBJECTS, llmSubjectOf, PARSING_BASE } from './subjects/subjects.mjs';

/** @typedef {import('../lib/suite.mjs').SuiteContext} SuiteContext */

/** @typedef {import('./stub/wire.mjs').Format} Format */
/** @typedef {{ format: Format, way: import('./calls/traffic.mjs').Way }} Participants who takes part depends on it */
/** @typedef {Participants & { name: string }} Cell */

const FORMATS = /** @type {const} */ (['openai', 'anthropic']);

/** @type {Cell[]} */
const CELLS = FORMATS.flatMap((format) =>
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
  quick: ['unary', 'burst', 'paced'],
  smoke: ['unary', 'burst'],
};
const SUBJECTS_AT = { full: Object.keys(LLM_SUBJECTS), quick: NEAREST, smoke: [BASE, 'sherd+cache', 'openai'] };

/** Calls at once. */
export const WIDTH = 32;

/** Several launches of few rounds, as in the suite of speed: what differs between processes only launches average away. */
export const EFFORT = {
  full: { launches: 3, rounds: 4, stretchMs: 150, isWarm: true },
  quick: { launches: 2, rounds: 4, stretchMs: 150, isWarm: true },
  smoke: { launches: 1, rounds: 1, stretchMs: 1, isWarm: false },
};
/** Of CPU time, a share of the stretch: a paced stream waits most of the time, so that its rounds last long enough. */
export const STRETCH_SHARE = { unary: 1, burst: 1, paced: 0.5 };
/** Of those that are furthest off: they stand beside the others, and warm up for longest. */
const FEW_LAUNCHES = 1;
const FURTHER = ['ai', 'langchain'];
/** Of the second format, which runs much of the same code. */
const MOST_LAUNCHES = { openai: Number.POSITIVE_INFINITY, anthropic: 2 };

/**
 * The cells and the parts that are asked for.
 * @param {SuiteContext} context
 */
export function planParts({ scale, wanted }) {
  const known = [...CELLS.map(({ name }) => name), ...PARTS];
  const unknown = wanted.workloads?.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`workload '${unknown}' is unknown; known: ${known.join(', ')}`);
  const names = wanted.workloads ?? [...CELLS_AT[scale], ...PARTS];
  const [bytes, hit, imported, identical] = PARTS.map((part) => names.includes(part));
  return { cells: CELLS.filter(({ name }) => names.includes(name)), bytes, hit, import: imported, identical };
}

/**
 * Who takes part in a cell: the yardstick and its twin, those that were asked for, and another build of ours if one is named.
 * @param {Participants} cell
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

/**
 * Who has to answer rightly: all that take part; in a smoke run everybody, since that is all it shows of most.
 * @param {readonly Participants[]} cells
 * @param {SuiteContext} context
 * @returns {{ subject: string, format: Format }[]}
 */
export function subjectsToGate(cells, context) {
  const { scale, wanted } = context;
  const isEverybody = scale === 'smoke' && Object.keys(wanted).length === 0;
  const formats = isEverybody ? FORMATS : FORMATS.filter((format) => cells.some((cell) => cell.format === format));
  return formats.flatMap((format) => {
    const names = isEverybody
      ? subjectsOf({ format, way: 'burst' }, { ...context, scale: 'full' })
      : cells.filter((cell) => cell.format === format).flatMap((cell) => subjectsOf(cell, context));
    return [...new Set(names.filter((name) => !name.includes('#')))].map((subject) => ({ subject, format }));
  });
}

/**
 * In how many launches a subject takes part.
 * @param {string} subject
 * @param {Format} format
 * @param {SuiteContext} context
 */
export function launchesOf(subject, format, { scale, wanted }) {
  if (wanted.launches !== undefined) return wanted.launches;
  return FURTHER.includes(subject) ? FEW_LAUNCHES : Math.min(EFFORT[scale].launches, MOST_LAUNCHES[format]);
}
