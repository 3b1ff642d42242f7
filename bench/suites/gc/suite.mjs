/**
 * Suite `gc`: how long a forced full collection takes with a million entries cached. On the heap it is the entries that
 * cost, so this suite decides no goal: it shows what shared storage is for.
 */
import { gateForRun } from '../../lib/gated-subjects.mjs';
import { formatFigure } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { speedRatio } from '../../lib/ratio.mjs';
import { measureInterleaved } from '../../lib/rounds.mjs';
import { summarize } from '../../lib/statistics.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const NODE_FLAGS = ['--expose-gc', '--max-old-space-size=8192'];
const RIVAL = 'lru-cache';
const TWIN = twinOf(RIVAL);
/** All of them live side by side, at more than a gigabyte each. */
const SUBJECTS = ['map', RIVAL, TWIN, 'sherd'];
const SIZES = { full: 1_000_000, quick: 1_000_000, smoke: 2_000 };
/** Several launches: where a process happens to have its pages decides more than the round. */
const LAUNCHES = { full: 3, quick: 1, smoke: 1 };
const ROUNDS = { full: 4, quick: 7, smoke: 2 };
const VALUE_BYTES = 1_024;

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'gc',
  title: 'a forced full collection with a million values of 1 KB cached',
  minutes: { full: 1.2, quick: 0.5 },
  async run(context) {
    const { scale, wanted, signal } = context;
    const size = wanted.sizes?.[0] ?? SIZES[scale];
    const rounds = wanted.rounds ?? ROUNDS[scale];
    const subjects = await gateForRun([...new Set([RIVAL, TWIN, ...(wanted.subjects ?? SUBJECTS)])], context);
    const contenders = ['nothing', ...subjects].map((subject) => {
      const options = { subject, size, valueBytes: VALUE_BYTES };
      return { name: subject, module: JOB, options, nodeFlags: NODE_FLAGS };
    });
    const onRound = (/** @type {number} */ done, /** @type {number} */ of) =>
      context.progress(`gc: round ${done} of ${of}`);
    context.progress(`gc: filling ${contenders.length} caches`);
    const samples = await measureInterleaved(contenders, {
      launches: wanted.launches ?? LAUNCHES[scale],
      rounds,
      signal,
      onRound,
    });
    const rows = subjects.filter((name) => name !== TWIN).map((subject) => describe(subject, samples));
    context.print(`\n${size} entries of ${VALUE_BYTES} B, ${rounds} collections\n${tableOf(rows)}`);
    const ratio = speedRatio(samples.get(TWIN) ?? [], samples.get(RIVAL) ?? []).median;
    return {
      nulls: [judgeNull(RIVAL, `CPU time of a forced collection, ${size} entries`, ratio)],
      verdicts: [],
      data: { size, valueBytes: VALUE_BYTES, rounds, rows: [describe('nothing', samples), ...rows] },
    };
  },
};

/**
 * @param {string} subject
 * @param {Map<string, import('../../lib/rounds.mjs').Sample[]>} samples
 */
function describe(subject, samples) {
  const own = samples.get(subject) ?? [];
  return {
    subject,
    pauseMs: summarize(own.map((sample) => sample['pauseMs'])),
    cpuMs: summarize(own.map((sample) => sample['cpuNs'] / 1e6)),
  };
}

/** @param {readonly ReturnType<typeof describe>[]} rows */
function tableOf(rows) {
  return textTable(
    ['subject', 'pause ms', 'quartiles', 'CPU ms'],
    rows.map(({ subject, pauseMs: { median, low, high }, cpuMs }) => [
      subject,
      formatFigure(median),
      `${formatFigure(low)}-${formatFigure(high)}`,
      formatFigure(cpuMs.median),
    ]),
  );
}
