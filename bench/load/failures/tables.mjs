/** What a run of `failures` shows: who the clients are, then a table for each fault with a row for each client. */
import { formatFigure } from '../../lib/goal.mjs';
import { FAULTS } from '../upstream/faults.mjs';
import { NAIVE, PROTECTIONS } from './protections.mjs';

/**
 * @param {readonly import('./suite.mjs').Cell[]} cells
 * @returns {import('../lib/tables.mjs').Table[]}
 */
export function failureTables(cells) {
  const faults = [...new Set(cells.map(({ fault }) => fault))];
  const byFault = faults.map((fault) => ({
    title: `${fault}: ${FAULTS[fault]?.what}`,
    head: [
      'client',
      'whole answered',
      'streams answered',
      'wrong',
      'p50 ms',
      'p99 ms',
      'failures p50 ms',
      'upstream calls a call',
      'failures',
    ],
    rows: cells.filter((cell) => cell.fault === fault).map(rowOf),
  }));
  return [clientTable(cells), ...byFault];
}

/** @param {readonly import('./suite.mjs').Cell[]} cells */
function clientTable(cells) {
  const names = [...new Set(cells.map(({ protection }) => protection))];
  const title = 'the clients: each has what stands before it, too';
  const rows = names.map((name) => [labelOf(name), PROTECTIONS[name]?.what ?? 'one request, one timeout']);
  return { title, head: ['client', 'has'], rows };
}

/** @param {string} protection */
function labelOf(protection) {
  return protection === NAIVE ? NAIVE : `+ ${protection}`;
}

/** @param {import('./suite.mjs').Cell} cell */
function rowOf(cell) {
  const { protection, sent, answered, wholeShare, streamShare, wrong, p50Ms, p99Ms, failureP50Ms, codes } = cell;
  return [
    labelOf(protection),
    `${(100 * wholeShare).toFixed(2)} %`,
    `${(100 * streamShare).toFixed(2)} %`,
    String(wrong),
    formatFigure(p50Ms),
    formatFigure(p99Ms),
    answered === sent ? '-' : formatFigure(failureP50Ms),
    cell.attemptsACall.toFixed(3),
    Object.entries(codes)
      .map(([code, count]) => `${code} ${count}`)
      .join(', '),
  ];
}
