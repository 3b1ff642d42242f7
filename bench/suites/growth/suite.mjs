/** Suite `growth`: the worst single set while a cache grows from nothing to its capacity. See lib/worst-step.mjs. */
import { gateForRun } from '../../lib/gated-subjects.mjs';
import { formatCount, formatFigure, judge } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { isVoidRun } from '../../lib/outcome.mjs';
import { speedRatio } from '../../lib/ratio.mjs';
import { measureInterleaved } from '../../lib/rounds.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const NODE_FLAGS = ['--expose-gc', '--max-old-space-size=12288'];
const RIVAL = 'map';
const TWIN = twinOf(RIVAL);
const NEAREST = [RIVAL, TWIN, 'sherd'];
const EVERYONE = [RIVAL, TWIN, 'lru-cache', 'lru-cache+ttl', 'sherd'];
/** Who joins at the first size: they grow much like the others of their kind. */
const FURTHER = ['sieve-cache', 'sherd+no-ttl', 'sherd+s3-fifo', 'sherd+w-tinylfu', 'sherd+adaptive'];
const SIZES = { full: [1_000_000, 4_000_000], quick: [1_000_000], smoke: [3_000] };
const RUNS = { full: 5, quick: 5, smoke: 2 };

/**
 * @typedef {import('../../lib/worst-step.mjs').WorstStep & { subject: string, size: number, runs: number }} GrowthRow
 * @typedef {import('../../lib/rounds.mjs').Sample} Sample
 */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'growth',
  title: 'the worst single set while growing',
  minutes: { full: 3.8, quick: 0.4 },
  async run(context) {
    const { scale, wanted } = context;
    const sizes = wanted.sizes ?? SIZES[scale];
    const names = wanted.subjects ?? (scale === 'full' ? [...EVERYONE, ...FURTHER] : NEAREST);
    const subjects = await gateForRun([...new Set([RIVAL, TWIN, ...names])], context);
    const runs = wanted.rounds ?? RUNS[scale];
    /** @type {GrowthRow[]} */
    const rows = [];
    const nulls = [];
    for (const size of sizes) {
      const isFurther = (/** @type {string} */ name) => wanted.subjects === undefined && FURTHER.includes(name);
      const those = subjects.filter((name) => size === sizes[0] || !isFurther(name));
      const samples = await measureGrowth(those, size, runs, context);
      rows.push(...those.map((subject) => ({ ...worstOf(samples.get(subject)?.at(-1)), subject, size, runs })));
      nulls.push(judgeTwins(samples, size));
      context.print(`\nto ${size} entries, ${runs} runs\n${tableOf(rows.filter((row) => row.size === size))}`);
    }
    const isVoid = isVoidRun(scale, nulls);
    return { nulls, verdicts: sizes.map((size) => verdictOf(rows, size, isVoid)), data: { rows } };
  },
};

/**
 * @param {readonly string[]} subjects
 * @param {number} size
 * @param {number} runs
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
function measureGrowth(subjects, size, runs, { signal, progress }) {
  const contenders = subjects.map((subject) => {
    return { name: subject, module: JOB, options: { subject, size }, nodeFlags: NODE_FLAGS };
  });
  const onRound = (/** @type {number} */ done, /** @type {number} */ of) =>
    progress(`growth: to ${formatCount(size)}: run ${done} of ${of}`);
  return measureInterleaved(contenders, { launches: 1, rounds: runs, signal, onRound });
}

/**
 * @param {Sample | undefined} sample
 * @returns {import('../../lib/worst-step.mjs').WorstStep}
 */
function worstOf(sample) {
  const { worstMs, worstIndex, steps, excluded, alwaysExcluded, worstRawMs } = /** @type {any} */ (sample);
  return { worstMs, worstIndex, steps, excluded, alwaysExcluded, worstRawMs };
}

/**
 * The rival against itself. A worst step is the work of one moment and has no spread to compare; the CPU time of the
 * whole growth has, and tells whether the machine was the same for both. The twin's worst step stands in the table.
 * @param {Map<string, Sample[]>} samples
 * @param {number} size
 */
function judgeTwins(samples, size) {
  const ratio = speedRatio(samples.get(TWIN) ?? [], samples.get(RIVAL) ?? []).median;
  return judgeNull(RIVAL, `CPU time of growing to ${formatCount(size)}`, ratio);
}

/**
 * @param {readonly GrowthRow[]} rows
 * @param {string} subject
 * @param {number} size
 */
function findRow(rows, subject, size) {
  return rows.find((row) => row.subject === subject && row.size === size);
}

/**
 * @param {readonly GrowthRow[]} rows
 * @param {number} size
 * @param {boolean} isVoid
 */
function verdictOf(rows, size, isVoid) {
  const goal = /** @type {const} */ ({
    area: `worst set while growing to ${formatCount(size)}`,
    text: '<= 10 ms',
    bound: 10,
    sense: 'most',
    unit: 'ms',
  });
  const own = findRow(rows, 'sherd', size);
  const rivals = ['map', 'lru-cache'].flatMap((name) => {
    const row = findRow(rows, name, size);
    return row === undefined ? [] : [`${name} ${formatFigure(row.worstMs)} ms`];
  });
  const note =
    own === undefined
      ? ''
      : `${own.excluded} sets overlapped a collection; with those ${formatFigure(own.worstRawMs)} ms`;
  return judge(goal, own?.worstMs, { rivals: rivals.join(', '), note, isVoid });
}

/** @param {readonly GrowthRow[]} rows */
function tableOf(rows) {
  return textTable(
    ['subject', 'worst ms', 'at set', 'with GC ms', 'overlapped GC', 'in all runs'],
    rows.map((row) => [
      row.subject,
      formatFigure(row.worstMs),
      String(row.worstIndex),
      formatFigure(row.worstRawMs),
      String(row.excluded),
      String(row.alwaysExcluded),
    ]),
  );
}
