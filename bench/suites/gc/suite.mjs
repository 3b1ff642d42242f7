/**
 * Suite `gc`: how long a forced full collection takes with a million entries cached. On the heap it is the entries that
 * cost, so this suite decides no goal: it shows what shared storage is for.
 */
import { gateForRun } from '../../lib/gated-subjects.mjs';
import { formatFigure } from '../../lib/goal.mjs';
import { MeasuredProcess } from '../../lib/measured-process.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { summarize } from '../../lib/statistics.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const NODE_FLAGS = ['--expose-gc', '--max-old-space-size=8192'];
const RIVAL = 'lru-cache';
const TWIN = twinOf(RIVAL);
const SUBJECTS = ['map', RIVAL, TWIN, 'lru-cache+ttl', 'sieve-cache', 'sherd'];
const SIZES = { full: 1_000_000, quick: 1_000_000, smoke: 2_000 };
const ROUNDS = { full: 15, quick: 7, smoke: 2 };
const VALUE_BYTES = 1_024;

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'gc',
  title: 'a forced full collection with a million values of 1 KB cached',
  async run(context) {
    const { scale, wanted } = context;
    const size = wanted.sizes?.[0] ?? SIZES[scale];
    const rounds = wanted.rounds ?? ROUNDS[scale];
    const subjects = await gateForRun([...new Set([RIVAL, TWIN, ...(wanted.subjects ?? SUBJECTS)])], context);
    const rows = [];
    for (const subject of ['nothing', ...subjects]) {
      context.progress(`gc: ${subject}`);
      rows.push({ subject, pauseMs: summarize(await measurePauses(subject, size, rounds, context.signal)) });
    }
    const medianOf = (/** @type {string} */ name) => rows.find((row) => row.subject === name)?.pauseMs.median ?? Number.NaN;
    const shown = rows.filter((row) => row.subject !== TWIN);
    context.print(`\n${size} entries of ${VALUE_BYTES} B, ${rounds} collections\n${tableOf(shown)}`);
    return {
      nulls: [judgeNull(RIVAL, `forced collection, ${size} entries`, medianOf(TWIN) / medianOf(RIVAL))],
      verdicts: [],
      data: { size, valueBytes: VALUE_BYTES, rounds, rows: shown },
    };
  },
};

/**
 * One process at a time: each holds more than a gigabyte.
 * @param {string} subject
 * @param {number} size
 * @param {number} rounds
 * @param {AbortSignal} signal
 */
async function measurePauses(subject, size, rounds, signal) {
  const options = { subject, size, valueBytes: VALUE_BYTES };
  const measured = await MeasuredProcess.start({ module: JOB, options, nodeFlags: NODE_FLAGS });
  try {
    const pauses = [];
    for (let round = 0; round < rounds; round++) {
      signal.throwIfAborted();
      pauses.push((await measured.round(round)).pauseMs);
    }
    return pauses;
  } finally {
    await measured.end();
  }
}

/** @param {readonly { subject: string, pauseMs: import('../../lib/statistics.mjs').Summary }[]} rows */
function tableOf(rows) {
  return textTable(
    ['subject', 'median ms', 'quartiles'],
    rows.map(({ subject, pauseMs: { median, low, high } }) => [
      subject,
      formatFigure(median),
      `${formatFigure(low)}-${formatFigure(high)}`,
    ]),
  );
}
