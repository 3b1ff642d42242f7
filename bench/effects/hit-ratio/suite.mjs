/**
 * Suite `hit-ratio`: every policy on every trace, at three sizes, on one shard and on 32, through the public cache;
 * beside them the optimum. No time is measured, so there is nothing to compare with itself.
 */
import { loadSherd } from '../../lib/subjects/sherd.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { loadTrace, tracesFolder, tracesFor } from '../traces/load.mjs';
import { syntheticTrace } from '../traces/synthetic.mjs';
import { FIXED, measureTrace, policiesToMeasure } from './cells.mjs';
import { bestFixed, gapToBest, roomyCells, shardingLoss } from './gaps.mjs';
import { judgeHitRatios } from './verdicts.mjs';

const SYNTHETIC_ACCESSES = 50_000;

/** @typedef {import('../../lib/suite.mjs').SuiteContext} SuiteContext */
/** @typedef {import('./cells.mjs').Cell} Cell */

/** @type {import('../../lib/suite.mjs').Suite} */
export const suite = {
  name: 'hit-ratio',
  title: 'hit ratio of every policy beside the optimum',
  minutes: { full: 2, quick: 1 },
  async run(context) {
    const { policies, absent } = await policiesToMeasure(context.wanted.subjects);
    for (const policy of absent) context.print(`${policy} is left out: this build has no such policy`);
    /** @type {Cell[]} */
    const cells = [];
    for await (const named of tracesOf(context)) {
      const own = await measureTrace(named, policies, context);
      context.print(`\n${cellTable(own, policies)}`);
      cells.push(...own);
    }
    if (cells.length === 0) throw new Error(`no trace to measure on: none of them is in ${tracesFolder()}`);
    const real = cells.filter(({ group }) => group !== 'synthetic');
    if (real.length === 0) return { nulls: [], verdicts: [], data: { policies, absent, cells } };
    context.print(`\n${summaryTable(real, policies)}`);
    const verdicts = judgeHitRatios(real, await defaultPolicy());
    return { nulls: [], verdicts, data: { policies, absent, cells } };
  },
};

/** The traces of this run, one at a time, so that only one is in memory. */
async function* tracesOf(/** @type {SuiteContext} */ { scale, progress, print }) {
  if (scale === 'smoke') {
    const trace = syntheticTrace(SYNTHETIC_ACCESSES);
    yield { name: 'synthetic', group: /** @type {const} */ ('synthetic'), isLlm: false, trace };
    return;
  }
  for (const entry of tracesFor(scale)) {
    progress(`reading ${entry.file}`);
    const read = await loadTrace(entry);
    if ('missing' in read) print(`${entry.name} is left out: ${read.missing}`);
    else yield { name: entry.name, group: entry.group, isLlm: entry.isLlm, trace: read.trace };
  }
}

async function defaultPolicy() {
  const { createShardedCache } = await loadSherd();
  const cache = createShardedCache();
  const rows = /** @type {{ key: string, value: unknown }[]} */ (cache.explain());
  await cache.close();
  return String(rows.find(({ key }) => key === 'evictionPolicy')?.value);
}

/** @param {readonly Cell[]} cells @param {readonly string[]} policies */
function cellTable(cells, policies) {
  return textTable(
    ['trace', 'keys', 'capacity', 'shards', 'OPT', ...policies, 'best fixed'],
    cells.map((cell) => [
      cell.trace,
      `${cell.sizePercent} %`,
      String(cell.capacity),
      String(cell.shardCount),
      cell.opt.toFixed(2),
      ...policies.map((policy) => (cell.hitRatios[policy] ?? Number.NaN).toFixed(2)),
      FIXED.filter((policy) => cell.hitRatios[policy] === bestFixed(cell)).join(' '),
    ]),
  );
}

/** Of each policy: its gap to the best fixed one, by group of traces, and its loss by shards. */
function summaryTable(/** @type {readonly Cell[]} */ cells, /** @type {readonly string[]} */ policies) {
  const whole = cells.filter(({ shardCount }) => shardCount === 1);
  const chosen = whole.filter(({ group }) => group === 'chosen');
  const untouched = whole.filter(({ group }) => group === 'untouched');
  return textTable(
    [
      'policy',
      'mean gap, 1 shard',
      'worst, 1 shard',
      'where',
      'mean, chosen',
      'mean, untouched',
      'loss at 32 shards',
      'worst',
    ],
    policies.map((policy) => {
      const gap = gapToBest(whole, policy);
      const loss = shardingLoss(roomyCells(cells, 32), policy, 32);
      return [
        policy,
        points(gap?.mean),
        points(gap?.worst),
        gap?.where ?? '',
        points(gapToBest(chosen, policy)?.mean),
        points(gapToBest(untouched, policy)?.mean),
        points(loss?.mean),
        points(loss?.worst),
      ];
    }),
  );
}

/** @param {number | undefined} value */
function points(value) {
  return value === undefined ? 'n/a' : value.toFixed(2);
}
