/**
 * What the protections must reach under faults, all of them together, and what none may do. A stream that breaks once its
 * text has begun is told to its caller and never begun anew, so streams are held only to faults that come before.
 */
import { judge, least, most } from '../../lib/goal.mjs';
import { NAIVE } from './protections.mjs';

const ALL = 'fallback';
const BEFORE_THE_TEXT = ['none', 'throttled', 'errors', 'late'];

/** What the retry budget lets through as it comes: a share of the calls, and so many a second, ten seconds' worth at once. */
const RETRY_SHARE = 0.2;
const FREE_RETRIES_A_SECOND = 3;
const SAVED_SECONDS = 10;

/** @typedef {import('./suite.mjs').Cell} Cell */

/** @param {readonly Cell[]} cells @param {{ rps: number, durationMs: number, warmUpMs: number }} effort */
export function judgeFailures(cells, { rps, durationMs, warmUpMs }) {
  const of = (/** @type {string} */ wanted) => cells.filter(({ protection }) => protection === wanted);
  const naive = new Map(of(NAIVE).map((cell) => [cell.fault, cell]));
  const deadRetry = of('retry').find(({ fault }) => fault === 'dead');
  // What the warm-up has earned may be spent later.
  const seconds = (durationMs + warmUpMs) / 1000;
  const mostRetries = RETRY_SHARE * rps * seconds + FREE_RETRIES_A_SECOND * (seconds + SAVED_SECONDS);
  const mostAttempts = Math.round(1000 * (1 + (1000 * mostRetries) / (rps * durationMs))) / 1000;
  const wrongOf = (/** @type {readonly Cell[]} */ some) => some.reduce((sum, { wrong }) => sum + wrong, 0);
  return [
    ...of(ALL).flatMap((cell) => [
      judgeShare(cell, 'wholeShare', 'whole', naive),
      ...(BEFORE_THE_TEXT.includes(cell.fault) ? [judgeShare(cell, 'streamShare', 'streams', naive)] : []),
    ]),
    judge(
      most('faults: answers that are not whole, any protection', 0, ''),
      wrongOf(cells.filter(({ protection }) => protection !== NAIVE)),
      { note: `${NAIVE}: ${wrongOf(of(NAIVE))}` },
    ),
    judge(most('faults, dead: upstream calls a call, with retries', mostAttempts, 'x'), deadRetry?.attemptsACall, {
      note: 'what the retry budget allows',
    }),
  ];
}

/**
 * @param {Cell} cell
 * @param {'wholeShare' | 'streamShare'} share
 * @param {string} what
 * @param {Map<string, Cell>} naive
 */
function judgeShare(cell, share, what, naive) {
  const base = naive.get(cell.fault);
  return judge(least(`faults, ${cell.fault}: ${what} answered, all protections`, 99.9, '%'), 100 * cell[share], {
    note: base === undefined ? '' : `${NAIVE}: ${(100 * base[share]).toFixed(1)} %`,
  });
}
