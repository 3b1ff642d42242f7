/** Suite `keys`: natural and crafted key shapes against random keys of the same length, by p99; and hit ratios by a model. */
import { gateForRun } from '../../lib/gated-subjects.mjs';
import { formatFigure, judge } from '../../lib/goal.mjs';
import { CRAFTED_SHAPES } from '../../lib/keys/crafted.mjs';
import { KeyMaker } from '../../lib/keys/key-maker.mjs';
import { KEY_SHAPES } from '../../lib/keys/shapes.mjs';
import { measureOnce } from '../../lib/measured-process.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { isVoidRun } from '../../lib/outcome.mjs';
import { speedRatio } from '../../lib/ratio.mjs';
import { measureUntil } from '../../lib/rounds.mjs';
import { median } from '../../lib/statistics.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const MODEL_JOB = new URL('./model-job.mjs', import.meta.url);
const YARDSTICK = 'random keys';
const SHAPES = [...Object.keys(KEY_SHAPES).filter((shape) => shape !== 'random'), ...Object.keys(CRAFTED_SHAPES)];
const SOME_SHAPES = {
  full: SHAPES,
  quick: ['user', 'url', 'digits', 'one-place', 'shifting', 'fnv-1a'],
  smoke: ['user', 'fnv-1a'],
};

const EFFORT = {
  full: {
    size: 50_000,
    operations: 40_000,
    warmups: 2,
    launches: 2,
    rounds: 9,
    requests: 400_000,
    modelSize: 20_000,
  },
  quick: { size: 50_000, operations: 16_000, warmups: 2, launches: 1, rounds: 7, requests: 200_000, modelSize: 20_000 },
  smoke: { size: 600, operations: 640, warmups: 1, launches: 1, rounds: 2, requests: 4_000, modelSize: 300 },
};
const FIGURES = /** @type {const} */ ([
  ['get', 'getP99Ns'],
  ['set + evict', 'setP99Ns'],
]);

/** @typedef {import('../../lib/rounds.mjs').Sample} Sample */
/** @typedef {{ subject: string, shape: string, length: number, verb: string, p99Ns: number, randomP99Ns: number, ratio: number }} KeyRow */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'keys',
  title: 'natural and crafted keys against random keys of the same length',
  async run(context) {
    const { scale, wanted } = context;
    const names = wanted.subjects ?? (scale === 'full' ? ['sherd', 'lru-cache'] : ['sherd']);
    const subjects = await gateForRun([...new Set(['sherd', ...names])], context);
    const shapes = wanted.shapes ?? SOME_SHAPES[scale];
    const nulls = [];
    /** @type {KeyRow[]} */
    const rows = [];
    for (const shape of shapes) {
      const measured = await measureShape(shape, subjects, context);
      rows.push(...measured.rows);
      nulls.push(measured.null);
    }
    context.print(`\np99 of an operation, by blocks\n${tableOf(rows)}`);
    const models = await measureModels(['random', ...shapes], context);
    context.print(`\nhits beside a plain LRU\n${modelTable(models)}`);
    const verdicts = [...verdictsOf(rows, isVoidRun(scale, nulls)), modelVerdict(models)];
    return { nulls, verdicts, data: { rows, models } };
  },
};

/**
 * @param {string} shape
 * @param {readonly string[]} subjects
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
async function measureShape(shape, subjects, { scale, wanted, progress, signal }) {
  const effort = { ...EFFORT[scale] };
  const { size, operations, warmups, launches } = effort;
  const rounds = wanted.rounds ?? effort.rounds;
  const length = new KeyMaker(shape).typicalLength(size);
  const contender = (/** @type {string} */ name, /** @type {string} */ subject, /** @type {string} */ keys) => ({
    name,
    module: JOB,
    options: { subject, shape: keys, size, operations, warmups },
  });
  const random = `random:${length}`;
  const contenders = subjects.flatMap((subject) => [
    contender(subject, subject, shape),
    contender(`${subject}, ${YARDSTICK}`, subject, random),
  ]);
  const rival = 'lru-cache, null';
  contenders.push(contender(rival, 'lru-cache', random), contender(twinOf(rival), 'lru-cache', random));
  const onRound = (/** @type {number} */ done, /** @type {number} */ of) =>
    progress(`keys: ${shape}: round ${done} of ${of}`);
  const nullOf = (/** @type {Map<string, Sample[]>} */ samples) => {
    const ratio = speedRatio(
      samples.get(twinOf(rival)) ?? [],
      samples.get(rival) ?? [],
      (each) => each['getP50Ns'],
    ).median;
    return judgeNull('lru-cache', `median get, random keys of ${length} characters`, ratio);
  };
  const plan = { launches: wanted.launches ?? launches, rounds, signal, onRound };
  const samples = await measureUntil(contenders, plan, (some) => scale === 'full' && nullOf(some).isVoid);
  const rows = subjects.flatMap((subject) =>
    FIGURES.map(([verb, figure]) => {
      const own = samples.get(subject) ?? [];
      const yardstick = samples.get(`${subject}, ${YARDSTICK}`) ?? [];
      return {
        subject,
        shape,
        length,
        verb,
        p99Ns: median(own.map((each) => each[figure])),
        randomP99Ns: median(yardstick.map((each) => each[figure])),
        ratio: 1 / speedRatio(own, yardstick, (each) => each[figure]).median,
      };
    }),
  );
  return { rows, null: nullOf(samples) };
}

/**
 * @param {readonly string[]} shapes
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
async function measureModels(shapes, { scale, progress, signal }) {
  const { modelSize: size, requests } = EFFORT[scale];
  const models = [];
  for (const shape of shapes) {
    signal.throwIfAborted();
    progress(`keys: hits of ${shape} keys beside the model`);
    const { modelHits, oneShardHits, manyShardHits } = await measureOnce({
      module: MODEL_JOB,
      options: { shape, size, requests },
    });
    models.push({ shape, size, requests, modelHits, oneShardHits, manyShardHits });
  }
  return models;
}

/**
 * @param {readonly KeyRow[]} rows
 * @param {boolean} isVoid
 * @returns {import('../../lib/goal.mjs').Verdict[]}
 */
function verdictsOf(rows, isVoid) {
  return FIGURES.map(([verb]) => {
    const own = rows.filter((row) => row.subject === 'sherd' && row.verb === verb).sort((a, b) => b.ratio - a.ratio)[0];
    const rival = rows
      .filter((row) => row.subject === 'lru-cache' && row.verb === verb)
      .sort((a, b) => b.ratio - a.ratio)[0];
    const area = `natural and crafted keys over random keys, p99 of ${verb}`;
    return judge({ area, text: '<= 2x', bound: 2, sense: 'most', unit: 'x' }, own?.ratio, {
      rivals: rival === undefined ? '' : `lru-cache ${formatFigure(rival.ratio)}x (${rival.shape})`,
      note: own === undefined ? '' : `worst shape: ${own.shape}`,
      isVoid,
    });
  });
}

/** @param {Awaited<ReturnType<typeof measureModels>>} models */
function modelVerdict(models) {
  const off = Math.max(...models.map(({ modelHits, oneShardHits }) => Math.abs(modelHits - oneShardHits)));
  const area = 'hits of every key shape, one shard, apart from the model';
  return judge({ area, text: '<= 0 hits', bound: 0, sense: 'most', unit: 'hits' }, off);
}

/** @param {readonly KeyRow[]} rows */
function tableOf(rows) {
  return textTable(
    ['subject', 'shape', 'length', 'verb', 'p99 ns', 'random ns', 'ratio'],
    rows.map(({ subject, shape, length, verb, p99Ns, randomP99Ns, ratio }) => [
      subject,
      shape,
      String(length),
      verb,
      formatFigure(p99Ns),
      formatFigure(randomP99Ns),
      formatFigure(ratio),
    ]),
  );
}

/** @param {Awaited<ReturnType<typeof measureModels>>} models */
function modelTable(models) {
  const percent = (/** @type {number} */ hits, /** @type {number} */ requests) =>
    `${((100 * hits) / requests).toFixed(3)} %`;
  return textTable(
    ['shape', 'model', '1 shard', '32 shards'],
    models.map(({ shape, requests, modelHits, oneShardHits, manyShardHits }) => [
      shape,
      percent(modelHits, requests),
      percent(oneShardHits, requests),
      percent(manyShardHits, requests),
    ]),
  );
}
