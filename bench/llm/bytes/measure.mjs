/** Bytes allocated a call, whole and streamed, of every client that speaks the OpenAI format. */
import { formatFigure } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { measureInterleaved } from '../../lib/rounds.mjs';
import { median, summarize } from '../../lib/statistics.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { subjectsOf } from '../plan.mjs';
import { BASE } from '../subjects/subjects.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
/** Megabytes, of each half of the young generation from the start: a round of the greediest rival fits in. */
const NODE_FLAGS = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];
/** Who takes part in a streamed answer takes part in all. */
export const BYTES_CELL = /** @type {const} */ ({ format: 'openai', way: 'burst' });
const { format: FORMAT } = BYTES_CELL;
const WIDTH = 8;
const CALLS = 32;

const EFFORT = {
  full: { launches: 2, rounds: 5, warmUpCalls: 400 },
  quick: { launches: 1, rounds: 3, warmUpCalls: 200 },
  smoke: { launches: 1, rounds: 1, warmUpCalls: WIDTH },
};
const WAYS = /** @type {const} */ ({ full: ['unary', 'burst'], quick: ['unary', 'burst'], smoke: ['unary'] });

/** @typedef {import('../../lib/rounds.mjs').Sample} Sample */

/**
 * @param {string} origin of the stub
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
export async function measureBytes(origin, context) {
  const { scale, wanted, signal, progress, print } = context;
  const { warmUpCalls, ...effort } = EFFORT[scale];
  const nulls = [];
  const tables = [];
  for (const way of WAYS[scale]) {
    progress(`llm: bytes, ${way}`);
    const contenders = subjectsOf({ format: FORMAT, way }, context).map((subject) => {
      const options = { subject, format: FORMAT, way, origin, width: WIDTH, calls: CALLS, warmUpCalls };
      return { name: subject, module: JOB, options, nodeFlags: NODE_FLAGS };
    });
    const plan = { launches: wanted.launches ?? effort.launches, rounds: wanted.rounds ?? effort.rounds, signal };
    const samples = await measureInterleaved(contenders, plan);
    const rows = [...samples].map(([subject, own]) => describe(subject, own));
    const heapOf = (/** @type {string} */ name) => rows.find((row) => row.subject === name)?.heap.median ?? Number.NaN;
    nulls.push(judgeNull(BASE, `bytes, ${way}`, heapOf(twinOf(BASE)) / heapOf(BASE)));
    const shown = rows.filter(({ subject }) => !subject.includes('#'));
    print(`\nbytes allocated a call, ${way}, ${WIDTH} calls at once\n${tableOf(shown)}`);
    tables.push({ way, rows: shown });
  }
  return { nulls, data: { width: WIDTH, calls: CALLS, tables } };
}

/**
 * @param {string} subject
 * @param {readonly Sample[]} samples
 */
function describe(subject, samples) {
  const counted = samples.filter((sample) => sample['collections'] === 0);
  return {
    subject,
    /** On the heap, and outside of it: buffers. */
    heap: summarize(counted.map((sample) => sample['heapBytes'])),
    outside: median(counted.map((sample) => sample['outsideBytes'])),
    notCounted: samples.length - counted.length,
  };
}

/** @param {readonly ReturnType<typeof describe>[]} rows */
function tableOf(rows) {
  return textTable(
    ['subject', 'KB on the heap', 'KB outside', 'rounds'],
    rows.map(({ subject, heap, outside, notCounted }) => [
      subject,
      formatFigure(heap.median / 1024),
      formatFigure(outside / 1024),
      `${heap.samples}${notCounted === 0 ? '' : `, ${notCounted} not counted`}`,
    ]),
  );
}
