/** CPU time of an answer from the client's cache, as a multiple of JSON.stringify and SHA-256 of the same request. */
import { formatFigure, judge } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { isVoidRun } from '../../lib/outcome.mjs';
import { speedRatio } from '../../lib/ratio.mjs';
import { measureUntil } from '../../lib/rounds.mjs';
import { summarize } from '../../lib/statistics.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { HIT_GOALS } from '../goals.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const YARDSTICK = 'sha-256';

const EFFORT = {
  full: { launches: 3, rounds: 5, stretchMs: 100, warmUpMs: 300 },
  quick: { launches: 2, rounds: 4, stretchMs: 80, warmUpMs: 300 },
  smoke: { launches: 1, rounds: 1, stretchMs: 1, warmUpMs: 1 },
};

/** @typedef {Map<string, import('../../lib/rounds.mjs').Sample[]>} Samples */

/**
 * @param {string} origin of the stub
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
export async function measureHits(origin, context) {
  const nulls = [];
  const verdicts = [];
  const tables = [];
  for (const { characters, goal } of HIT_GOALS) {
    context.progress(`llm: hits, ${characters} characters`);
    const samples = await measureSize(characters, origin, context);
    const own = [nullOf(samples, characters)];
    const isVoid = isVoidRun(context.scale, own);
    const rows = [...samples.keys()].filter((name) => !name.includes('#')).map((name) => describe(name, samples));
    const ours = rows.find(({ subject }) => subject === 'sherd')?.ratio;
    const note = ours && `quartiles ${formatFigure(ours.low)}-${formatFigure(ours.high)}, ${ours.samples} rounds`;
    verdicts.push(judge(goal, ours?.median, { ...(note === undefined ? {} : { note }), isVoid }));
    context.print(`\nan answer from the cache, question of ${characters / 1024} KB\n${tableOf(rows)}`);
    nulls.push(...own);
    tables.push({ characters, isVoid, rows });
  }
  return { nulls, verdicts, data: { tables } };
}

/**
 * @param {number} characters
 * @param {string} origin
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
function measureSize(characters, origin, { scale, wanted, signal }) {
  const { stretchMs, warmUpMs, ...effort } = EFFORT[scale];
  const base = process.env['SHERD_BASE'] === undefined ? [] : ['sherd-base'];
  const contenders = [YARDSTICK, twinOf(YARDSTICK), 'sha-256, one call', 'sherd', ...base].map((subject) => {
    return { name: subject, module: JOB, options: { subject, characters, origin, stretchMs, warmUpMs } };
  });
  const plan = { launches: wanted.launches ?? effort.launches, rounds: wanted.rounds ?? effort.rounds, signal };
  const hasStrayed = (/** @type {Samples} */ samples) => scale !== 'smoke' && nullOf(samples, characters).isVoid;
  return measureUntil(contenders, plan, hasStrayed);
}

/**
 * @param {Samples} samples
 * @param {number} characters
 */
function nullOf(samples, characters) {
  return judgeNull(YARDSTICK, `question of ${characters} characters`, costRatio(samples, twinOf(YARDSTICK)).median);
}

/**
 * @param {Samples} samples
 * @param {string} subject
 */
function costRatio(samples, subject) {
  return speedRatio(samples.get(YARDSTICK) ?? [], samples.get(subject) ?? []);
}

/**
 * @param {string} subject
 * @param {Samples} samples
 */
function describe(subject, samples) {
  const own = samples.get(subject) ?? [];
  return {
    subject,
    microseconds: summarize(own.map((sample) => sample['cpuNs'] / sample['operations'] / 1000)),
    ratio: costRatio(samples, subject),
  };
}

/** @param {readonly ReturnType<typeof describe>[]} rows */
function tableOf(rows) {
  return textTable(
    ['subject', 'us', `x ${YARDSTICK}`],
    rows.map(({ subject, microseconds, ratio }) => [
      subject,
      formatFigure(microseconds.median),
      `${formatFigure(ratio.median)} [${formatFigure(ratio.low)}-${formatFigure(ratio.high)}]`,
    ]),
  );
}
