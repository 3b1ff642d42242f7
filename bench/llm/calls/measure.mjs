/** CPU time a call or a chunk, as a multiple of undici.request in the same run. Interleaved rounds, one subject a process. */
import { formatFigure, judge } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { isVoidRun } from '../../lib/outcome.mjs';
import { speedRatio } from '../../lib/ratio.mjs';
import { measureUntil } from '../../lib/rounds.mjs';
import { median, summarize } from '../../lib/statistics.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { CALL_GOALS, WHOLE_CLIENT } from '../goals.mjs';
import { EFFORT, launchesOf, STRETCH_SHARE, subjectsOf, WIDTH } from '../plan.mjs';
import { BASE, PARSING_BASE } from '../subjects/subjects.mjs';

const JOB = new URL('./job.mjs', import.meta.url);

/** @typedef {import('../../lib/rounds.mjs').Sample} Sample */
/** @typedef {import('../../lib/statistics.mjs').Summary} Summary */
/** @typedef {Map<string, Sample[]>} Samples */

/**
 * @typedef {object} CallRow
 * @property {string} subject
 * @property {Summary} microseconds CPU time a call, or a chunk of a streamed one; of this machine and moment
 * @property {Summary} overBase as a multiple of undici.request
 * @property {Summary} overParsing as a multiple of undici.request with the events parsed; without samples for whole answers
 */

/**
 * @param {import('../plan.mjs').Cell} cell
 * @param {string} origin of the stub
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
export async function measureCell({ name, format, way }, origin, context) {
  const { scale, wanted, signal, progress, print } = context;
  const { rounds, isWarm, ...effort } = EFFORT[scale];
  const stretchMs = effort.stretchMs * STRETCH_SHARE[way];
  const contenders = subjectsOf({ format, way }, context).map((subject) => {
    const options = { subject, format, way, origin, width: WIDTH, stretchMs, isWarm };
    return { name: subject, module: JOB, options, launches: launchesOf(subject, format, context) };
  });
  const plan = {
    launches: launchesOf(BASE, format, context),
    rounds: wanted.rounds ?? rounds,
    signal,
    onRound: (/** @type {number} */ done, /** @type {number} */ of) => progress(`llm: ${name}: round ${done} of ${of}`),
  };
  const nullOf = (/** @type {Samples} */ samples) =>
    judgeNull(BASE, `CPU, ${name}`, costRatio(samples, twinOf(BASE)).median);
  const hasStrayed = (/** @type {Samples} */ samples) => scale !== 'smoke' && nullOf(samples).isVoid;
  const samples = await measureUntil(contenders, plan, hasStrayed);
  const nulls = [nullOf(samples)];
  const rows = [...samples.keys()]
    .filter((subject) => !subject.includes('#'))
    .map((subject) => describe(subject, samples));
  const pieces = median((samples.get(BASE) ?? []).map((sample) => sample['pieces']));
  print(`\n${titleOf(way, format, pieces)}\n${tableOf(rows, way)}`);
  const isVoid = isVoidRun(scale, nulls);
  return { nulls, verdicts: [verdictOf(name, rows, isVoid)], data: { name, format, way, isVoid, pieces, rows } };
}

/**
 * What a subject costs as a multiple of another.
 * @param {Samples} samples
 * @param {string} subject
 * @param {string} [yardstick]
 */
function costRatio(samples, subject, yardstick = BASE) {
  return speedRatio(samples.get(yardstick) ?? [], samples.get(subject) ?? []);
}

/**
 * @param {string} subject
 * @param {Samples} samples
 * @returns {CallRow}
 */
function describe(subject, samples) {
  return {
    subject,
    microseconds: summarize(
      (samples.get(subject) ?? []).map((sample) => sample['cpuNs'] / sample['operations'] / 1000),
    ),
    overBase: costRatio(samples, subject),
    overParsing: costRatio(samples, subject, PARSING_BASE),
  };
}

/**
 * @param {string} name
 * @param {readonly CallRow[]} rows
 * @param {boolean} isVoid
 */
function verdictOf(name, rows, isVoid) {
  const goal = /** @type {import('../../lib/goal.mjs').Goal} */ (CALL_GOALS[name]);
  const own = rows.find(({ subject }) => subject === WHOLE_CLIENT)?.overBase;
  const best = rows
    .filter(({ subject }) => !/^(?:sherd|undici)/.test(subject))
    .sort((a, b) => a.overBase.median - b.overBase.median)[0];
  return judge(goal, own?.median, {
    rivals: best === undefined ? '' : `${best.subject} ${formatFigure(best.overBase.median)}x`,
    ...(own === undefined
      ? {}
      : {
          note: `${WHOLE_CLIENT}; quartiles ${formatFigure(own.low)}-${formatFigure(own.high)}, ${own.samples} rounds`,
        }),
    isVoid,
  });
}

/**
 * @param {string} way
 * @param {string} format
 * @param {number} pieces
 */
function titleOf(way, format, pieces) {
  const title = `${way}, ${format} format, ${WIDTH} calls at once`;
  return way === 'unary' ? title : `${title}; ${BASE} read ${formatFigure(pieces)} pieces an answer`;
}

/**
 * @param {readonly CallRow[]} rows
 * @param {string} way
 */
function tableOf(rows, way) {
  const ratio = (/** @type {Summary} */ { median: value, low, high, samples }) =>
    samples === 0 ? '-' : `${formatFigure(value)} [${formatFigure(low)}-${formatFigure(high)}]`;
  return textTable(
    ['subject', way === 'unary' ? 'us a call' : 'us a chunk', `x ${BASE}`, `x ${PARSING_BASE}`],
    rows.map(({ subject, microseconds, overBase, overParsing }) => [
      subject,
      formatFigure(microseconds.median),
      ratio(overBase),
      ratio(overParsing),
    ]),
  );
}
