/** Suite `steps`: the longest time the event loop stays away during the long operations. See lib/worst-step.mjs. */
import { gateForRun } from '../../lib/gated-subjects.mjs';
import { formatCount, formatFigure, judge } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { isVoidRun } from '../../lib/outcome.mjs';
import { speedRatio } from '../../lib/ratio.mjs';
import { measureInterleaved } from '../../lib/rounds.mjs';
import { median } from '../../lib/statistics.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { OPERATIONS } from './operations.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const NODE_FLAGS = ['--expose-gc', '--max-old-space-size=8192'];
const SIZES = { full: 1_000_000, quick: 1_000_000, smoke: 3_000 };
const RUNS = { full: 5, quick: 3, smoke: 2 };
/** What the null comparison does in two processes, and how many times as often, since a ratio needs more runs than a least. */
const NULL_OPERATION = 'lru-cache: purgeStale() after all expired at one moment';
const NULL_RUNS = 3;

/**
 * @typedef {import('../../lib/rounds.mjs').Sample} Sample
 * @typedef {import('../../lib/worst-step.mjs').WorstStep & OfOperation} StepRow
 * @typedef {{ operation: string, isOurs: boolean, totalMs: number, leastWorstMs: number }} OfOperation
 */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'steps',
  title: 'the longest stop of the event loop in cleanup, resize, invalidation and clear',
  minutes: { full: 2.5, quick: 1.5 },
  async run(context) {
    await gateForRun(['sherd', 'lru-cache'], context);
    const size = context.wanted.sizes?.[0] ?? SIZES[context.scale];
    const runs = context.wanted.rounds ?? RUNS[context.scale];
    /** @type {StepRow[]} */
    const rows = [];
    /** @type {import('../../lib/null-comparison.mjs').NullComparison[]} */
    const nulls = [];
    for (const { name: operation, isOurs } of OPERATIONS) {
      const hasTwin = operation === NULL_OPERATION;
      const names = hasTwin ? [operation, twinOf(operation)] : [operation];
      const samples = await measureSteps(names, size, hasTwin ? NULL_RUNS * runs : runs, context);
      rows.push({ ...summarizeSteps((samples.get(operation) ?? []).slice(0, runs)), operation, isOurs });
      if (hasTwin) nulls.push(judgeTwins(samples, size));
    }
    context.print(`\n${size} entries, ${runs} runs\n${tableOf(rows)}`);
    const isVoid = isVoidRun(context.scale, nulls);
    const verdicts = rows.filter((row) => row.isOurs).map((row) => verdictOf(row, rows, { size, isVoid }));
    return { nulls, verdicts, data: { size, runs, rows } };
  },
};

/**
 * @param {readonly string[]} names of operations, or of their twins
 * @param {number} size
 * @param {number} runs
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
function measureSteps(names, size, runs, { signal, progress }) {
  const contenders = names.map((name) => {
    return { name, module: JOB, options: { operation: name.replace(/#.*/, ''), size }, nodeFlags: NODE_FLAGS };
  });
  const onRound = (/** @type {number} */ done, /** @type {number} */ of) =>
    progress(`steps: ${names[0]}: run ${done} of ${of}`);
  return measureInterleaved(contenders, { launches: 1, rounds: runs, signal, onRound });
}

/** @param {readonly Sample[]} samples of which the last knows the worst of all */
function summarizeSteps(samples) {
  const { worstMs, worstIndex, steps, excluded, alwaysExcluded, worstRawMs, leastWorstMs } = /** @type {any} */ (
    samples.at(-1)
  );
  const totalMs = median(samples.map((sample) => sample['totalMs']));
  return { worstMs, worstIndex, steps, excluded, alwaysExcluded, worstRawMs, leastWorstMs, totalMs };
}

/**
 * By CPU time: a worst step is the work of one moment and has no spread to compare.
 * @param {Map<string, Sample[]>} samples
 * @param {number} size
 */
function judgeTwins(samples, size) {
  const ratio = speedRatio(samples.get(twinOf(NULL_OPERATION)) ?? [], samples.get(NULL_OPERATION) ?? []).median;
  return judgeNull('lru-cache', `CPU time of purgeStale() of ${formatCount(size)} entries`, ratio);
}

/**
 * @param {StepRow} row
 * @param {readonly StepRow[]} rows
 * @param {{ size: number, isVoid: boolean }} run
 */
function verdictOf(row, rows, { size, isVoid }) {
  const { operation, worstMs, steps, excluded, worstRawMs } = row;
  const verb = /^\w+/.exec(operation)?.[0] ?? '';
  const rival = rows.find((each) => !each.isOurs && each.operation.includes(verb === 'cleanup' ? 'purgeStale' : verb));
  const goal = /** @type {const} */ ({
    area: `worst step at ${formatCount(size)}: ${operation}`,
    text: '<= 10 ms',
    bound: 10,
    sense: 'most',
    unit: 'ms',
  });
  const note = `${steps} steps; ${excluded} overlapped a collection, with those ${formatFigure(worstRawMs)} ms`;
  const rivals =
    rival === undefined ? '' : `${rival.operation.split(' ', 2).join(' ')} ${formatFigure(rival.worstMs)} ms`;
  return judge(goal, worstMs, { note, rivals, isVoid });
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
