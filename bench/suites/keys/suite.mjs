/**
 * Suite `keys`: natural and crafted key shapes against random keys of the same length and width, by the p99 of an
 * operation; and hits beside a model. The same, since a longer or wider key costs more to hash and to compare, whatever
 * is in it.
 */
import { gateForRun } from '../../lib/gated-subjects.mjs';
import { formatFigure } from '../../lib/goal.mjs';
import { CRAFTED_SHAPES } from '../../lib/keys/crafted.mjs';
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { KEY_SHAPES, LONG_SHAPES, randomLike } from '../../lib/keys/shapes.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { isVoidRun } from '../../lib/outcome.mjs';
import { measureInterleaved } from '../../lib/rounds.mjs';
import { median } from '../../lib/statistics.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { judgeModels, measureModels, modelTable } from './models.mjs';
import { judgeRows, VERBS } from './verdicts.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const NODE_FLAGS = ['--expose-gc', '--max-old-space-size=8192'];
const NATURAL = Object.keys(KEY_SHAPES).filter((shape) => shape !== 'random');
const SHAPES = {
  full: [...NATURAL, ...Object.keys(LONG_SHAPES), ...Object.keys(CRAFTED_SHAPES)],
  quick: ['user', 'url', 'digits', 'unread', 'taught', 'high-bit', 'any-seed'],
  smoke: ['user', 'any-seed'],
};
const RIVAL = 'lru-cache';
/** V8 gives all strings beyond 16,383 characters that are equally long one hash, so a Map of them is a list. */
const MOST_FOR_RIVAL = 16_383;
/** Characters of all keys of a cache. */
const MOST_CHARACTERS = 1e8;

const EFFORT = {
  full: { size: 50_000, operations: 12_000, rounds: 4, modelSize: 20_000, requests: 200_000 },
  quick: { size: 50_000, operations: 8_000, rounds: 3, modelSize: 10_000, requests: 100_000 },
  smoke: { size: 600, operations: 600, rounds: 2, modelSize: 300, requests: 4_000 },
};

/** @typedef {import('./verdicts.mjs').KeyRow} KeyRow */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'keys',
  title: 'natural and crafted keys against random keys of the same length',
  minutes: { full: 2.2, quick: 1 },
  async run(context) {
    const { scale, wanted } = context;
    const names = wanted.subjects ?? (scale === 'full' ? ['sherd', RIVAL] : ['sherd']);
    const subjects = await gateForRun([...new Set(['sherd', ...names])], context);
    const shapes = wanted.shapes ?? SHAPES[scale];
    const nullRatios = [];
    /** @type {KeyRow[]} */
    const rows = [];
    for (const shape of shapes) {
      const measured = await measureShape(shape, subjects, context);
      rows.push(...measured.rows);
      if (measured.nullRatio !== undefined) nullRatios.push(measured.nullRatio);
    }
    context.print(`\np99 of an operation\n${tableOf(rows)}`);
    const models = await measureModels(
      ['random', ...shapes].map((shape) => modelPlan(shape, EFFORT[scale])),
      context,
    );
    context.print(`\nhits beside a plain LRU\n${modelTable(models)}`);
    const nulls = [judgeNull(RIVAL, `median get, random keys, ${nullRatios.length} lengths`, median(nullRatios))];
    const verdicts = [...judgeRows(rows, isVoidRun(scale, nulls)), ...judgeModels(models)];
    return { nulls, verdicts, data: { rows, models } };
  },
};

/**
 * One launch: an operation counts with its least time over the rounds, which needs no calibration, and the bound is far
 * from what a launch decides. The null comparison takes all shapes together: a single pair of processes is too few.
 * @param {string} shape
 * @param {readonly string[]} subjects
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
async function measureShape(shape, subjects, { scale, wanted, progress, signal }) {
  const { rounds, operations } = EFFORT[scale];
  const length = new KeyMaker(shape).typicalLength(EFFORT[scale].size);
  const size = Math.min(EFFORT[scale].size, Math.floor(MOST_CHARACTERS / length));
  const random = randomLike(shape, length);
  const contender = (/** @type {string} */ name, /** @type {string} */ subject, /** @type {string} */ keys) => {
    const options = { subject, shape: keys, size, operations: Math.min(operations, size), seed: 1 };
    return { name, module: JOB, options, nodeFlags: NODE_FLAGS };
  };
  const hasRival = length <= MOST_FOR_RIVAL;
  const measured = subjects.filter((subject) => hasRival || subject !== RIVAL);
  const contenders = [
    ...measured.flatMap((subject) => [
      contender(subject, subject, shape),
      contender(randomOf(subject), subject, random),
    ]),
    ...(measured.includes(RIVAL) || !hasRival ? [] : [contender(randomOf(RIVAL), RIVAL, random)]),
    ...(hasRival ? [contender(twinOf(randomOf(RIVAL)), RIVAL, random)] : []),
  ];
  const onRound = (/** @type {number} */ done, /** @type {number} */ of) =>
    progress(`keys: ${shape}: round ${done} of ${of}`);
  const plan = { launches: wanted.launches ?? 1, rounds: wanted.rounds ?? rounds, signal, onRound };
  const samples = await measureInterleaved(contenders, plan);
  const leastNs = (/** @type {string} */ name, /** @type {string} */ figure) =>
    Math.min(...(samples.get(name) ?? []).map((sample) => sample[figure]));
  const rows = measured.flatMap((subject) =>
    /** @type {(keyof typeof VERBS)[]} */ (Object.keys(VERBS)).map((verb) => {
      const p99Ns = leastNs(subject, `${verb}P99Ns`);
      const randomP99Ns = leastNs(randomOf(subject), `${verb}P99Ns`);
      return { subject, shape, length, verb, p99Ns, randomP99Ns, ratio: p99Ns / randomP99Ns };
    }),
  );
  const [own, twin] = [randomOf(RIVAL), twinOf(randomOf(RIVAL))].map((name) => leastNs(name, 'getP50Ns'));
  return { rows, nullRatio: hasRival ? Number(twin) / Number(own) : undefined };
}

/** @param {string} subject */
function randomOf(subject) {
  return `${subject}, random keys`;
}

/**
 * @param {string} shape
 * @param {{ modelSize: number, requests: number }} effort
 */
function modelPlan(shape, { modelSize, requests }) {
  // Of very long keys so few that hashing them does not take minutes.
  const share = shape in LONG_SHAPES ? 1 / 40 : 1;
  return { shape, size: Math.ceil(modelSize * share), requests: Math.ceil(requests * share) };
}

/** @param {readonly KeyRow[]} rows */
function tableOf(rows) {
  return textTable(
    ['subject', 'shape', 'length', 'verb', 'p99 ns', 'random ns', 'ratio'],
    rows.map(({ subject, shape, length, verb, p99Ns, randomP99Ns, ratio }) => [
      subject,
      shape,
      String(length),
      VERBS[verb],
      formatFigure(p99Ns),
      formatFigure(randomP99Ns),
      formatFigure(ratio),
    ]),
  );
}
