/** Suite `workloads`: the four performance profiles in the guide's four kinds of traffic, and its own benchmark. */
import { gateForRun } from '../../lib/gated-subjects.mjs';
import { formatFigure } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { speedRatio } from '../../lib/ratio.mjs';
import { measureUntil } from '../../lib/rounds.mjs';
import { summarize } from '../../lib/statistics.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { TRAFFIC_NAMES } from './traffic.mjs';

const JOB = new URL('./job.mjs', import.meta.url);
const PROFILES = ['low-latency', 'high-throughput', 'balanced', 'memory-efficient'];
const RIVAL = 'lru-cache+ttl';
const TWIN = twinOf(RIVAL);
const EFFORT = {
  full: { operations: 65_536, warmups: 2, launches: 3, rounds: 4 },
  quick: { operations: 32_768, warmups: 2, launches: 2, rounds: 4 },
  smoke: { operations: 4_096, warmups: 1, launches: 1, rounds: 2 },
};

/** @typedef {import('../../lib/rounds.mjs').Sample} Sample */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'workloads',
  title: 'the performance profiles in four kinds of traffic',
  minutes: { full: 2, quick: 0.6 },
  async run(context) {
    const { scale, wanted } = context;
    await gateForRun(['sherd', RIVAL], context);
    const effort = EFFORT[scale];
    const nulls = [];
    const cells = [];
    for (const traffic of wanted.workloads ?? (scale === 'smoke' ? ['bursty', 'set-then-get'] : TRAFFIC_NAMES)) {
      const job = { traffic, operations: effort.operations, warmups: effort.warmups };
      const contenders = [
        ...[RIVAL, TWIN, 'sherd'].map((subject) => ({ name: subject, module: JOB, options: { ...job, subject } })),
        ...PROFILES.map((profile) => ({ name: profile, module: JOB, options: { ...job, profile } })),
      ];
      const nullOf = (/** @type {Map<string, Sample[]>} */ samples) =>
        judgeNull(RIVAL, traffic, speedRatio(samples.get(TWIN) ?? [], samples.get(RIVAL) ?? []).median);
      const plan = {
        launches: wanted.launches ?? effort.launches,
        rounds: wanted.rounds ?? effort.rounds,
        signal: context.signal,
        onRound: (/** @type {number} */ done, /** @type {number} */ of) =>
          context.progress(`workloads: ${traffic}: round ${done} of ${of}`),
      };
      const samples = await measureUntil(contenders, plan, (some) => scale === 'full' && nullOf(some).isVoid);
      nulls.push(nullOf(samples));
      const rows = [...samples.keys()].filter((name) => name !== TWIN).map((name) => describe(name, samples));
      cells.push({ traffic, rows });
      context.print(`\n${traffic}\n${tableOf(rows)}`);
    }
    return { nulls, verdicts: [], data: { cells } };
  },
};

/**
 * @param {string} subject
 * @param {Map<string, Sample[]>} samples
 */
function describe(subject, samples) {
  const own = samples.get(subject) ?? [];
  return {
    subject,
    nanoseconds: summarize(own.map((sample) => sample['cpuNs'] / sample['operations'])),
    overRival: speedRatio(own, samples.get(RIVAL) ?? []),
    hitRatio: own.at(-1)?.['hitRatio'] ?? 0,
    entries: own.at(-1)?.['entries'] ?? 0,
  };
}

/** @param {readonly ReturnType<typeof describe>[]} rows */
function tableOf(rows) {
  return textTable(
    ['subject or profile', 'ns', `x ${RIVAL}`, 'hits', 'entries'],
    rows.map(({ subject, nanoseconds, overRival, hitRatio, entries }) => [
      subject,
      formatFigure(nanoseconds.median),
      formatFigure(overRival.median),
      `${formatFigure(100 * hitRatio)} %`,
      String(entries),
    ]),
  );
}
