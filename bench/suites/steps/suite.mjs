/** Suite `steps`: the longest time the event loop stays away during the long operations. See lib/worst-step.mjs. */
import { gateForRun } from '../../lib/gated-subjects.mjs';
import { formatFigure, judge } from '../../lib/goal.mjs';
import { measureOnce } from '../../lib/measured-process.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { OPERATIONS } from './operations.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const NODE_FLAGS = ['--expose-gc', '--max-old-space-size=8192'];
const SIZES = { full: 1_000_000, quick: 1_000_000, smoke: 3_000 };
const RUNS = { full: 5, quick: 3, smoke: 2 };
/** What the null comparison does twice; by CPU time, since a worst step is one moment and has no spread to compare. */
const NULL_OPERATION = 'lru-cache: purgeStale() after all expired at one moment';

/** @typedef {import('../../lib/worst-step.mjs').WorstStep & { operation: string, isOurs: boolean, totalMs: number, leastWorstMs: number, cost: number }} StepRow */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'steps',
  title: 'the longest stop of the event loop in cleanup, resize, invalidation and clear',
  async run(context) {
    await gateForRun(['sherd', 'lru-cache'], context);
    const size = context.wanted.sizes?.[0] ?? SIZES[context.scale];
    const runs = context.wanted.rounds ?? RUNS[context.scale];
    /** @type {StepRow[]} */
    const rows = [];
    for (const { name: operation, isOurs } of OPERATIONS) {
      context.signal.throwIfAborted();
      context.progress(`steps: ${operation}`);
      const measured = await measureStep(operation, size, runs);
      rows.push({ ...measured, operation, isOurs });
    }
    context.print(`\n${size} entries, ${runs} runs\n${tableOf(rows)}`);
    const first = rows.find(({ operation }) => operation === NULL_OPERATION)?.cost ?? Number.NaN;
    const second = (await measureStep(NULL_OPERATION, size, runs)).cost;
    return {
      nulls: [judgeNull('lru-cache', `CPU time of purgeStale() of ${size} entries`, second / first)],
      verdicts: rows.filter((row) => row.isOurs).map((row) => verdictOf(row, rows)),
      data: { size, runs, rows },
    };
  },
};

/**
 * @param {string} operation
 * @param {number} size
 * @param {number} runs
 */
async function measureStep(operation, size, runs) {
  const { calibrationNs, cpuNs, operations, ...measured } = await measureOnce({
    module: JOB,
    options: { operation, size, runs },
    nodeFlags: NODE_FLAGS,
  });
  return { ...measured, cost: cpuNs / operations / calibrationNs };
}

/**
 * @param {StepRow} row
 * @param {readonly StepRow[]} rows
 */
function verdictOf(row, rows) {
  const { operation, worstMs, steps, excluded, worstRawMs } = row;
  const verb = /^\w+/.exec(operation)?.[0] ?? '';
  const rival = rows.find((each) => !each.isOurs && each.operation.includes(verb === 'cleanup' ? 'purgeStale' : verb));
  const goal = /** @type {const} */ ({
    area: `worst step at 1M: ${operation}`,
    text: '<= 10 ms',
    bound: 10,
    sense: 'most',
    unit: 'ms',
  });
  const note = `${steps} steps; ${excluded} overlapped a collection, with those ${formatFigure(worstRawMs)} ms`;
  const rivals = rival === undefined ? '' : `${rival.operation.split(' ', 2).join(' ')} ${formatFigure(rival.worstMs)} ms`;
  return judge(goal, worstMs, { note, rivals });
}

/** @param {readonly StepRow[]} rows */
function tableOf(rows) {
  return textTable(
    ['operation', 'worst ms', 'step', 'of', 'calmest run ms', 'with GC ms', 'overlapped GC', 'total ms'],
    rows.map((row) => [
      row.operation,
      formatFigure(row.worstMs),
      String(row.worstIndex),
      String(row.steps),
      formatFigure(row.leastWorstMs),
      formatFigure(row.worstRawMs),
      String(row.excluded),
      formatFigure(row.totalMs),
    ]),
  );
}
