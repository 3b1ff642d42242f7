/** The goals of the keys suite, judged shape by shape: how a slow operation compares with one on random keys. */
import { formatFigure, judge } from '../../lib/goal.mjs';
import { CRAFTED_SHAPES } from '../../lib/keys/crafted.mjs';

/** @typedef {'grow' | 'set' | 'get'} Verb */

/**
 * @typedef {object} KeyRow
 * @property {string} subject
 * @property {string} shape
 * @property {number} length characters, of the random keys beside it as well
 * @property {Verb} verb
 * @property {number} p99Ns
 * @property {number} randomP99Ns
 * @property {number} ratio
 */

/** @type {Record<Verb, string>} */
export const VERBS = { get: 'get', set: 'set + evict', grow: 'set while growing' };

/** What is judged as one: a cache that is full, and one that grows. @type {readonly (readonly [string, readonly Verb[]])[]} */
const STATES = [
  ['get and set', ['get', 'set']],
  ['set while growing', ['grow']],
];

/**
 * @param {readonly KeyRow[]} rows
 * @param {boolean} isVoid
 * @returns {import('../../lib/goal.mjs').Verdict[]}
 */
export function judgeRows(rows, isVoid) {
  const shapes = [...new Set(rows.map(({ shape }) => shape))];
  return STATES.flatMap(([state, verbs]) =>
    shapes.map((shape) => {
      const own = worstOf(rows, 'sherd', shape, verbs);
      const rival = worstOf(rows, 'lru-cache', shape, verbs);
      const kind = shape in CRAFTED_SHAPES ? 'crafted' : 'natural';
      const area = `${kind} ${shape} keys over random keys, p99 of ${state}`;
      return judge({ area, text: '<= 2x', bound: 2, sense: 'most', unit: 'x' }, own?.ratio, {
        rivals: rival === undefined ? '' : `lru-cache ${formatFigure(rival.ratio)}x, ${formatFigure(rival.p99Ns)} ns`,
        note: own === undefined ? '' : describe(own),
        isVoid,
      });
    }),
  );
}

/** @param {KeyRow} row */
function describe({ verb, length, p99Ns, randomP99Ns }) {
  return `${VERBS[verb]}: ${formatFigure(p99Ns)} ns; random keys of ${length} characters: ${formatFigure(randomP99Ns)} ns`;
}

/**
 * @param {readonly KeyRow[]} rows
 * @param {string} subject
 * @param {string} shape
 * @param {readonly Verb[]} verbs
 */
function worstOf(rows, subject, shape, verbs) {
  return rows
    .filter((row) => row.subject === subject && row.shape === shape && verbs.includes(row.verb))
    .sort((a, b) => b.ratio - a.ratio)[0];
}
