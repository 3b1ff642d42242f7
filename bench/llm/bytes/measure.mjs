/** Bytes allocated a call, whole and streamed, of every client that speaks the OpenAI format. */
import { formatFigure } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { measureUntil } from '../../lib/rounds.mjs';
import { median, summarize } from '../../lib/statistics.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { EFFORT, subjectsOf } from '../plan.mjs';
import { BASE, PARSING_BASE } from '../subjects/subjects.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
/** Megabytes, of each half of the young generation from the start: a round of the greediest rival fits in. */
const NODE_FLAGS = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];
/** Who takes part in a streamed answer takes part in all. */
export const BYTES_CELL = /** @type {const} */ ({ format: 'openai', way: 'burst' });
const { format: FORMAT } = BYTES_CELL;
/**
 * By how an answer comes: the calls of a round; those before, since code that is not optimised yet allocates more; and whom
 * the null comparison compares with itself. What reads a stream as bytes allocates little, by how the pieces happen to fall.
 */
const PLANS = {
  unary: { calls: 32, warmUpCalls: 2_048, twin: BASE },
  burst: { calls: 8, warmUpCalls: 256, twin: PARSING_BASE },
};

const LAUNCHES = { full: 2, quick: 1, smoke: 1 };
const ROUNDS = { full: 8, quick: 8, smoke: 1 };
const WAYS = /** @type {const} */ ({ full: ['unary', 'burst'], quick: ['unary', 'burst'], smoke: ['unary'] });

/** @typedef {import('../../lib/rounds.mjs').Sample} Sample */
/** @typedef {'unary' | 'burst'} Way */

/**
 * @param {string} origin of the stub
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
export async function measureBytes(origin, context) {
  const nulls = [];
  const tables = [];
  for (const way of WAYS[context.scale]) {
    context.progress(`llm: bytes, ${way}`);
    const samples = await measureWay(way, origin, context);
    const rows = [...samples]
      .filter(([subject]) => !subject.includes('#'))
      .map(([subject, own]) => describe(subject, own));
    context.print(`\nbytes allocated a call, ${way}\n${tableOf(rows)}`);
    nulls.push(nullOf(way, samples));
    tables.push({ way, calls: PLANS[way].calls, rows });
  }
  return { nulls, data: { tables } };
}

/**
 * @param {Way} way
 * @param {string} origin
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
function measureWay(way, origin, context) {
  const { scale, wanted, signal } = context;
  const { calls, warmUpCalls, twin } = PLANS[way];
  const { isWarm } = EFFORT[scale];
  const alone = subjectsOf({ format: FORMAT, way }, context).filter((name) => !name.includes('#'));
  const contenders = [...new Set([...alone, twin]), twinOf(twin)].map((subject) => {
    const options = { subject, format: FORMAT, way, origin, width: 1, calls, warmUpCalls: isWarm ? warmUpCalls : 1 };
    return { name: subject, module: JOB, options, nodeFlags: NODE_FLAGS };
  });
  const plan = { launches: wanted.launches ?? LAUNCHES[scale], rounds: wanted.rounds ?? ROUNDS[scale], signal };
  return measureUntil(contenders, plan, (samples) => scale !== 'smoke' && nullOf(way, samples).isVoid);
}

/**
 * @param {Way} way
 * @param {Map<string, Sample[]>} samples
 */
function nullOf(way, samples) {
  const { twin } = PLANS[way];
  const heapOf = (/** @type {string} */ name) => describe(name, samples.get(name) ?? []).heap.median;
  return judgeNull(twin, `bytes, ${way}`, heapOf(twinOf(twin)) / heapOf(twin));
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
