/** Suite `speed`: CPU time of the cache's verbs beside its rivals. Ratios of paired rounds; see lib/rounds.mjs. */

import { gateForRun } from '../../lib/gated-subjects.mjs';
import { formatCount, formatFigure, judge } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { isVoidRun } from '../../lib/outcome.mjs';
import { normalizedCosts, speedRatio } from '../../lib/ratio.mjs';
import { measureUntil } from '../../lib/rounds.mjs';
import { summarize } from '../../lib/statistics.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { GOALS } from './goals.mjs';
import { CROWDED, HOME_SHAPE, HOME_SIZE, planCells } from './plan.mjs';

const JOB = new URL('./job.mjs', import.meta.url);

/** @typedef {import('../../lib/rounds.mjs').Sample} Sample */

/**
 * @typedef {object} Measured one subject in one cell
 * @property {string} subject
 * @property {import('../../lib/statistics.mjs').Summary} cost calibration loops a million operations
 * @property {import('../../lib/statistics.mjs').Summary} nanoseconds CPU time an operation, of this machine and moment
 * @property {import('../../lib/statistics.mjs').Summary} overMap times as fast as a raw Map
 * @property {import('../../lib/statistics.mjs').Summary} overLruCache times as fast as lru-cache
 * @property {number} foundShare
 */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'speed',
  title: 'CPU time of get, set and update beside the rivals',
  minutes: { full: 14, quick: 3 },
  async run(context) {
    const cells = planCells(context);
    const names = [...new Set(cells.flatMap((cell) => cell.subjects.map(({ name }) => plainName(name))))];
    const gated = await gateForRun(names, context);
    const nulls = [];
    const results = [];
    for (const cell of cells) {
      const subjects = cell.subjects.filter(({ name }) => gated.includes(plainName(name)));
      const samples = await measureCell(cell, subjects, context);
      const on = `${cell.workload}, ${formatCount(cell.size)} entries, ${cell.shape} keys`;
      const twins = judgeTwins(samples, on);
      nulls.push(...twins);
      const isVoid = isVoidRun(context.scale, twins);
      const measured = [...samples.keys()].filter((name) => !name.includes('#')).map((name) => describe(name, samples));
      const { workload, size, shape } = cell;
      results.push({ workload, size, shape, isVoid, measured, goals: measureGoals(cell, samples) });
      context.print(`\n${on}\n${tableOf(measured)}`);
    }
    return { nulls, data: { cells: results }, verdicts: verdictsOf(results) };
  },
};

/**
 * @param {import('./plan.mjs').Cell} cell
 * @param {import('./plan.mjs').Cell['subjects']} subjects
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
function measureCell({ workload, size, shape, operations, warmups, launches, rounds }, subjects, context) {
  const contenders = subjects.map(({ name, launches: own }) => {
    const [subject, isCrowded] = [plainName(name), name.startsWith(CROWDED)];
    const options = { subject, workload, size, shape, operations, warmups, isCrowded };
    return { name, module: JOB, options, launches: own };
  });
  const plan = {
    launches,
    rounds,
    signal: context.signal,
    onRound: (/** @type {number} */ done, /** @type {number} */ of) =>
      context.progress(`speed: ${workload}, ${size} ${shape}: round ${done} of ${of}`),
  };
  const hasStrayed = (/** @type {Map<string, Sample[]>} */ samples) =>
    judgeTwins(samples, '').some((each) => each.isVoid);
  return measureUntil(contenders, plan, context.scale === 'smoke' ? () => false : hasStrayed);
}

/** @param {string} name */
function plainName(name) {
  return name.replace(CROWDED, '');
}

/**
 * @param {Map<string, Sample[]>} samples
 * @param {string} on
 */
function judgeTwins(samples, on) {
  return [...samples].flatMap(([name, own]) => {
    const twin = samples.get(twinOf(name));
    return twin === undefined ? [] : [judgeNull(name, on, speedRatio(twin, own).median)];
  });
}

/**
 * @param {string} subject
 * @param {Map<string, Sample[]>} samples
 * @returns {Measured}
 */
function describe(subject, samples) {
  const own = samples.get(subject) ?? [];
  const over = (/** @type {string} */ yardstick) => speedRatio(own, samples.get(yardstick) ?? []);
  return {
    subject,
    cost: summarize(normalizedCosts(own).map((cost) => cost * 1e6)),
    nanoseconds: summarize(own.map((sample) => sample['cpuNs'] / sample['operations'])),
    overMap: over('map'),
    overLruCache: over('lru-cache'),
    foundShare: own.at(-1)?.['foundShare'] ?? 0,
  };
}

/** @param {readonly Measured[]} measured */
function tableOf(measured) {
  const ratio = (/** @type {import('../../lib/statistics.mjs').Summary} */ { median, low, high, samples }) =>
    samples === 0 ? '-' : `${formatFigure(median)} [${formatFigure(low)}-${formatFigure(high)}]`;
  return textTable(
    ['subject', 'ns', 'x map', 'x lru-cache', 'found'],
    measured.map(({ subject, nanoseconds, overMap, overLruCache, foundShare }) => [
      subject,
      formatFigure(nanoseconds.median),
      ratio(overMap),
      ratio(overLruCache),
      `${formatFigure(100 * foundShare)} %`,
    ]),
  );
}

/**
 * @param {import('./plan.mjs').Cell} cell
 * @param {Map<string, Sample[]>} samples
 */
function measureGoals({ workload, size, shape }, samples) {
  if (shape !== HOME_SHAPE || size !== HOME_SIZE) return [];
  return GOALS.filter((each) => each.workload === workload).map(({ subject, yardstick, goal }) => {
    const ratio = speedRatio(samples.get(subject) ?? [], samples.get(yardstick) ?? []);
    return { subject, goal, ratio, rivals: rivalsOf(yardstick, samples) };
  });
}

/**
 * How the fastest of the others stands to the yardstick.
 * @param {string} yardstick
 * @param {Map<string, Sample[]>} samples
 */
function rivalsOf(yardstick, samples) {
  if (yardstick.startsWith('sherd')) return '';
  const others = [...samples.keys()].filter((name) => !/sherd|#/.test(name) && name !== 'map' && name !== yardstick);
  const ranked = others
    .map((name) => ({ name, speed: speedRatio(samples.get(name) ?? [], samples.get(yardstick) ?? []).median }))
    .sort((a, b) => b.speed - a.speed);
  const best = ranked[0];
  return best === undefined ? '' : `${best.name} ${formatFigure(best.speed)}x`;
}

/** @param {readonly { isVoid: boolean, goals: ReturnType<typeof measureGoals> }[]} cells */
function verdictsOf(cells) {
  return cells
    .flatMap(({ goals, isVoid }) => goals.map((each) => ({ ...each, isVoid })))
    .map(({ subject, goal, ratio, rivals, isVoid }) => {
      const note = `${subject}; quartiles ${formatFigure(ratio.low)}-${formatFigure(ratio.high)}, ${ratio.samples} rounds`;
      return judge(goal, ratio.median, { rivals, note, isVoid });
    });
}
