/** What the guide and document 002 expect, and the verdicts. What only a real model could show is quoted, not measured. */
import { formatFigure, judge, least, most } from '../../lib/goal.mjs';

/** @typedef {import('../../lib/goal.mjs').Verdict} Verdict */
/** @typedef {import('./use-cases.mjs').UseCaseRow} UseCaseRow */

/**
 * @param {readonly import('./optimisations.mjs').OptimisationRow[]} rows
 * @returns {Verdict[]}
 */
export function judgeOptimisations(rows) {
  return rows.map(({ name, figure, guide: [from, to], before, after }) =>
    judge(least(`${name}: off the wait for ${figure}`, from, '%'), percentOff(before.waitMs, after.waitMs), {
      note: `guide: ${from} to ${to} %; ${seconds(before.waitMs)} -> ${seconds(after.waitMs)}`,
    }),
  );
}

/** @type {Record<string, (row: UseCaseRow) => Verdict[]>} */
const JUDGES = {
  chat: (row) => [
    judge(most('chat: first token, p50', 500, 'ms'), row.first.p50, { note: spread(row.first) }),
    judge(most('chat: whole answer, p50', 2, 's'), row.whole.p50 / 1000, { note: spread(row.whole) }),
    judge(most('chat: cost of a conversation', 5, 'cents'), cents(row), { note: 'guide: 1 to 5' }),
  ],
  codegen: (row) => [
    judge(most('codegen: answer, p50', 10, 's'), row.whole.p50 / 1000, {
      note: `guide: 5 to 10; ${spread(row.whole)}`,
    }),
    judge(most('codegen: cost of an answer', 30, 'cents'), cents(row), { note: 'guide: 10 to 30' }),
    quoted('codegen: code that compiles', 'least', 90, 'withResponseValidator counts it on yours'),
  ],
  'realtime-analysis': (row) => [
    judge(least('realtime: answers a minute', 100, ''), row.perMinute, {
      note: `${row.failed} of ${row.requests} failed`,
    }),
    judge(most('realtime: answer, p50', 2, 's'), row.whole.p50 / 1000),
    judge(most('realtime: answer, p99', 5, 's'), row.whole.p99 / 1000),
  ],
  docs: (row) => [
    judge(most('docs: document of 100,000 tokens, p50', 60, 's'), row.whole.p50 / 1000, {
      note: `guide: 30 to 60; ${spread(row.whole)}`,
    }),
    quoted('docs: exact extraction', 'least', 95, 'withResponseValidator counts it on yours'),
  ],
  'document 002': (row) => [
    judge(most('002: answer, p50', 2, 's'), row.whole.p50 / 1000),
    judge(most('002: answer, p95', 5, 's'), row.whole.p95 / 1000),
    judge(most('002: answer, p99', 10, 's'), row.whole.p99 / 1000),
    judge(least('002: hit ratio', 60, '%'), 100 * (row.hitRatio ?? Number.NaN)),
    judge(most('002: failed calls', 0.1, '%'), (100 * row.failed) / row.requests, { note: `${row.retries} retries` }),
  ],
};

/** @param {readonly UseCaseRow[]} rows @returns {Verdict[]} */
export function judgeUseCases(rows) {
  return rows.flatMap((row) => JUDGES[row.name]?.(row) ?? []);
}

/** @param {import('./tiered.mjs').TieredGroup} group @returns {Verdict[]} */
export function judgeTiered({ strong, strongCached, recipe }) {
  const repeats = `${formatFigure(100 * recipe.attainable)} % of the queries were asked before`;
  const paid = (/** @type {{ cost: number }} */ { cost }) => `$${formatFigure(strong.cost)} -> $${formatFigure(cost)}`;
  return [
    judge(least('tiers: off the cost of asking gpt-4 each time', 60, '%'), percentOff(strong.cost, recipe.cost), {
      note: `guide: 60 to 80 %; ${paid(recipe)}`,
    }),
    judge(least('tiers: hit ratio', 70, '%'), 100 * recipe.hitRatio, { note: repeats }),
    quoted('tiers: quality lost', 'most', 10, 'compare the answers to questions of your own'),
    judge(least('002: off the cost by caching alone', 80, '%'), percentOff(strong.cost, strongCached.cost), {
      note: `${paid(strongCached)}; ${repeats}`,
    }),
  ];
}

/**
 * @param {string} area
 * @param {'least' | 'most'} sense
 * @param {number} bound
 * @param {string} advice
 */
function quoted(area, sense, bound, advice) {
  const goal = sense === 'least' ? least(area, bound, '%') : most(area, bound, '%');
  return judge(goal, undefined, { note: `quoted, not measured: it takes a real model; ${advice}` });
}

/** @param {number} before @param {number} after */
export function percentOff(before, after) {
  return 100 * (1 - after / before);
}

/** @param {number} ms */
export function seconds(ms) {
  return `${formatFigure(ms / 1000)} s`;
}

/** Of what the cost is told by. @param {UseCaseRow} row */
export function cents({ cost, units }) {
  return (100 * cost) / units;
}

/** @param {import('./use-cases.mjs').Waits} waits */
function spread({ p95, p99 }) {
  return `p95 ${seconds(p95)}, p99 ${seconds(p99)}`;
}
