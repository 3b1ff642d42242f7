/** Suite `memory`: bytes an entry costs beyond its key and value strings, full and after 50 % churn. */
import { gateForRun } from '../../lib/gated-subjects.mjs';
import { formatCount, formatFigure, judge } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { isVoidRun } from '../../lib/outcome.mjs';
import { measureInterleaved } from '../../lib/rounds.mjs';
import { median } from '../../lib/statistics.mjs';
import { POLICIES } from '../../lib/subjects/sherd.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const NODE_FLAGS = ['--expose-gc', '--max-old-space-size=8192'];
const TWIN = twinOf('lru-cache');

const NEAREST = ['map', 'lru-cache', TWIN, 'lru-cache+ttl', 'sieve-cache', 'sherd', 'sherd+no-ttl'];
const EVERYONE = [
  ...NEAREST,
  'mnemonist',
  'quick-lru',
  'tiny-lru',
  'transitory',
  'transitory+ttl',
  'cacheable-memory',
  ...POLICIES.map((policy) => `sherd+${policy}`),
];
const SUBJECTS = { full: EVERYONE, quick: NEAREST, smoke: ['lru-cache', TWIN, 'sherd'] };
const SIZES = { full: 1_000_000, quick: 1_000_000, smoke: 2_000 };

/** @type {import('../../lib/goal.mjs').Goal} */
const GOAL = {
  area: 'bytes an entry beyond key and value, TTL + policy, after 50 % churn',
  text: '<= 50 B',
  bound: 50,
  sense: 'most',
  unit: 'B',
};

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'memory',
  title: 'bytes an entry beyond its key and value',
  minutes: { full: 1.3, quick: 0.5 },
  async run(context) {
    const { scale, wanted } = context;
    const subjects = await gateForRun(wanted.subjects ?? SUBJECTS[scale], context);
    const size = wanted.sizes?.[0] ?? SIZES[scale];
    const rows = [];
    // One at a time: a million entries of each at once would ask for more memory than most machines have.
    for (const name of new Set(['lru-cache', TWIN, ...subjects])) {
      context.progress(`memory: ${name}`);
      const contender = { name, module: JOB, options: { subject: name, size, shape: 'random' }, nodeFlags: NODE_FLAGS };
      const plan = { launches: wanted.launches ?? 1, rounds: 1, signal: context.signal };
      const samples = (await measureInterleaved([contender], plan)).get(name) ?? [];
      rows.push({
        subject: name,
        full: median(samples.map((each) => each['full'])),
        churned: median(samples.map((each) => each['churned'])),
        entries: samples[0]?.['entries'] ?? 0,
      });
    }
    const find = (/** @type {string} */ name) => rows.find((row) => row.subject === name);
    const nullRatio = (find(TWIN)?.churned ?? Number.NaN) / (find('lru-cache')?.churned ?? Number.NaN);
    const nulls = [judgeNull('lru-cache', `bytes an entry, ${formatCount(size)} entries`, nullRatio)];
    const shown = rows.filter((row) => row.subject !== TWIN);
    context.print(`\n${formatCount(size)} entries, random keys\n${tableOf(shown)}`);
    const rival = find('lru-cache+ttl') ?? find('lru-cache');
    const rivals = rival === undefined ? '' : `${rival.subject} ${formatFigure(rival.churned)} B`;
    const verdict = judge(GOAL, find('sherd')?.churned, { rivals, isVoid: isVoidRun(scale, nulls) });
    return { nulls, verdicts: [verdict], data: { size, rows: shown } };
  },
};

/** @param {readonly { subject: string, full: number, churned: number, entries: number }[]} rows */
function tableOf(rows) {
  return textTable(
    ['subject', 'full B', 'churned B', 'entries'],
    rows.map(({ subject, full, churned, entries }) => [
      subject,
      formatFigure(full),
      formatFigure(churned),
      String(entries),
    ]),
  );
}
