/** Suite `micro`: the small public verbs by tinybench, and Map.get as it says the same thing twice. */
import { gateForRun } from '../../lib/gated-subjects.mjs';
import { formatFigure } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { measureInterleaved } from '../../lib/rounds.mjs';
import { median } from '../../lib/statistics.mjs';
import { textTable } from '../../lib/text-table.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const EFFORT = {
  full: { launches: 3, milliseconds: 250 },
  quick: { launches: 1, milliseconds: 100 },
  smoke: { launches: 1, milliseconds: 5 },
};

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'micro',
  title: 'the small public verbs, by tinybench, in one process',
  minutes: { full: 0.6, quick: 0.1 },
  async run(context) {
    const { scale, wanted, progress, print, signal } = context;
    await gateForRun(['sherd'], context);
    const { milliseconds } = EFFORT[scale];
    progress('micro: tinybench');
    const plan = { launches: wanted.launches ?? EFFORT[scale].launches, rounds: wanted.rounds ?? 1, signal };
    const samples = (await measureInterleaved([{ name: 'micro', module: JOB, options: { milliseconds } }], plan)).get(
      'micro',
    );
    /** @type {any[]} */
    const tasks = (samples ?? []).flatMap((sample) => sample['tasks']);
    const rows = [...new Set(tasks.map(({ name }) => name))].map((name) => {
      const own = tasks.filter((task) => task.name === name);
      const of = (/** @type {string} */ figure) => median(own.map((task) => task[figure]));
      return { name, meanNs: of('meanNs'), p50Ns: of('p50Ns'), p99Ns: of('p99Ns') };
    });
    print(`\n${tableOf(rows)}`);
    const medianOf = (/** @type {string} */ name) => rows.find((row) => row.name === name)?.p50Ns ?? Number.NaN;
    return {
      nulls: [judgeNull('map', 'get, by tinybench', medianOf('Map.get, again') / medianOf('Map.get'))],
      verdicts: [],
      data: { rows },
    };
  },
};

/** @param {readonly { name: string, meanNs: number, p50Ns: number, p99Ns: number }[]} rows */
function tableOf(rows) {
  return textTable(
    ['verb', 'mean ns', 'p50 ns', 'p99 ns'],
    rows.map(({ name, meanNs, p50Ns, p99Ns }) => [name, ...[meanNs, p50Ns, p99Ns].map(formatFigure)]),
  );
}
