/** The sections of the page for the suites of this folder: what their figures say in words, tables and charts. */
import { formatFigure } from '../lib/goal.mjs';
import { barChart } from '../page/bar-chart.mjs';
import { image, markdownTable } from '../page/markdown.mjs';
import { featureOf } from './costs/features.mjs';
import { gapToBest, roomyCells, shardingLoss } from './hit-ratio/gaps.mjs';
import { effects } from './llm/section.mjs';
import { TRACES } from './traces/catalogue.mjs';
import { phaseMedian, phaseNames } from './tuning/goals.mjs';

const HOME_BYTES = 4_096;
const SHARDS = 32;

/** @type {Record<string, import('../page/sections.mjs').SectionWriter>} */
export const EFFECT_SECTIONS = { costs, gates, tuning, effects, 'hit-ratio': hitRatio };

/** @type {import('../page/sections.mjs').SectionWriter} */
function costs({ rows }) {
  const sizes = /** @type {number[]} */ ([...new Set(rows.map((/** @type {any} */ row) => row.valueBytes))]);
  const bars = rows
    .filter((/** @type {any} */ row) => row.valueBytes === HOME_BYTES)
    .map((/** @type {any} */ { feature, set }) => ({ label: feature, value: set.median, isOurs: true }));
  const title = `A set of ${HOME_BYTES} B beside a bare cache (logarithmic)`;
  const svg = barChart({ title, unit: 'x', bars, isLogarithmic: true });
  const features = /** @type {string[]} */ ([...new Set(rows.map((/** @type {any} */ row) => row.feature))]);
  const text = [
    'Each feature alone on top of a bare cache (no TTL, no metrics), as a multiple of what the bare cache takes for the same call. Values are objects with that many characters of documentation in them.',
    image('bench-costs.svg', title),
    ...sizes.flatMap((size) => [
      `### Values of ${size} B`,
      markdownTable(
        ['feature', 'get', 'us, this machine', 'set', 'us, this machine', 'compression', 'bytes an entry'],
        rows
          .filter((/** @type {any} */ row) => row.valueBytes === size)
          .map((/** @type {any} */ { feature, get, set, getUs, setUs, compressionRatio, bytesPerEntry }) => [
            feature,
            `${formatFigure(get.median)}x`,
            formatFigure(getUs),
            `${formatFigure(set.median)}x`,
            formatFigure(setUs),
            compressionRatio === 1 ? '' : `${formatFigure(compressionRatio)}x`,
            bytesPerEntry.toFixed(0),
          ]),
      ),
    ]),
    '### Where the work is done',
    markdownTable(
      ['feature', 'in the call', 'off the hot path'],
      features.map((name) => [name, featureOf(name).onPath, featureOf(name).offPath]),
    ),
  ].join('\n\n');
  return { text, images: [{ file: 'bench-costs.svg', svg }] };
}

/** @type {import('../page/sections.mjs').SectionWriter} */
function gates() {
  const text =
    "The guide's recipes as `withWorkloadType()` and `withPerformanceProfile()` make them, each under the traffic it is meant for: Zipf's law over twice the recipe's capacity, 95 % reads; half writes and a tenth invalidations; an open loop at a base rate, at ten times that, and back; an HTTP server on loopback with answers of 4 KB, and a cache whose 100 MiB bind. What the guide expects is in the table of goals.";
  return { text, images: [] };
}

/** @type {import('../page/sections.mjs').SectionWriter} */
function tuning({ simulated, live }) {
  const text = [
    'The tuner may help or do nothing, and takes back what hurts. Simulated runs are the same each time; live ones are shown beside a second run without the tuner, since two equal runs differ, too. Their times are CPU time of the process, medians over the rounds; goals compare the least.',
    markdownTable(
      ['simulated', 'what happens', 'hit ratio without', 'with', 'moves', 'undone'],
      simulated.map((/** @type {any} */ { scenario, off, on }) => [
        scenario.name,
        scenario.about,
        `${formatFigure(off.hitRatio)} %`,
        `${formatFigure(on.hitRatio)} %`,
        String(on.moves),
        String(on.decisions.filter((/** @type {any} */ { action }) => action === 'undone').length),
      ]),
    ),
    ...simulated.flatMap((/** @type {any} */ { scenario, on }) => [
      `### Decisions: ${scenario.name}`,
      decisions(on.decisions),
    ]),
    ...live.flatMap((/** @type {any} */ { plan, about, runs }) => [
      `### Live: ${plan}`,
      `${about[0].toUpperCase()}${about.slice(1)}.`,
      livePhases(runs),
    ]),
  ].join('\n\n');
  return { text, images: [] };
}

/** @param {readonly any[]} all */
function decisions(all) {
  const shown = all.filter(({ action }) => ['applied', 'kept', 'undone'].includes(action));
  const startMs = all[0]?.atMs ?? 0;
  return markdownTable(
    ['minute', 'decision', 'reason', 'shards', 'cleanup, minutes', 'hit ratio'],
    shown.map(({ action, atMs, reason, before, after, figures, figuresBefore = figures }) => [
      ((atMs - startMs) / 60_000).toFixed(0),
      action,
      reason,
      change(before.shardCount, after.shardCount),
      change(before.cleanupIntervalMs / 60_000, after.cleanupIntervalMs / 60_000),
      change(formatFigure(100 * figuresBefore.hitRate), formatFigure(100 * figures.hitRate)),
    ]),
  );
}

/** @param {Record<string, any[]>} runs */
function livePhases(runs) {
  return markdownTable(
    ['phase', 'tuner', 'shards', 'hit ratio', 'p50 us', 'typical p99 ms', 'p99 ms', 'longest pause ms'],
    phaseNames(runs).flatMap((name, phase) =>
      Object.keys(runs).map((contender) => [
        name,
        contender,
        phaseMedian(runs, contender, phase, 'shardCount').toFixed(0),
        `${formatFigure(phaseMedian(runs, contender, phase, 'hitRatio'))} %`,
        formatFigure(1000 * phaseMedian(runs, contender, phase, 'p50Ms')),
        ...['typicalP99Ms', 'p99Ms', 'longestTurnMs'].map((figure) =>
          formatFigure(phaseMedian(runs, contender, phase, figure)),
        ),
      ]),
    ),
  );
}

/** @type {import('../page/sections.mjs').SectionWriter} */
function hitRatio({ policies, absent, cells }) {
  const whole = cells.filter((/** @type {any} */ { shardCount }) => shardCount === 1);
  const bars = policies.map((/** @type {string} */ policy) => ({
    label: policy,
    value: gapToBest(whole, policy)?.mean ?? 0,
    isOurs: true,
  }));
  const title = `Mean gap to the best fixed policy, points of hit ratio, ${whole.length} cells on one shard`;
  const names = /** @type {string[]} */ ([...new Set(cells.map((/** @type {any} */ { trace }) => trace))]);
  const text = [
    'A get, and a set on a miss, through the public cache; hit ratios in percent of all accesses. OPT knows the future: nothing can be better. Capacities are shares of the distinct keys. Parameters of `adaptive` were chosen on three traces; the others are untouched.',
    ...(absent.length === 0 ? [] : [`Not in this build: ${absent.join(', ')}.`]),
    image('bench-hit-ratio.svg', title),
    `A cell is a trace, a capacity and a shard count. The gaps below, means and worst, are over the ${whole.length} cells on one shard, *chosen* and *untouched* over those of them on the traces that \`adaptive\` was and was not fitted to; the loss is over the ${roomyCells(cells, SHARDS).filter(({ shardCount }) => shardCount === SHARDS).length} cells in which each of ${SHARDS} shards holds 64 entries or more. The goals above are judged over all ${cells.length} cells, on one shard and on ${SHARDS}; there, small capacities leave a shard so few entries that policies hardly differ.`,
    gapTable(cells, policies),
    ...names.flatMap((name) => [
      `### ${name}`,
      traceLine(name),
      cellTable(
        cells.filter((/** @type {any} */ { trace }) => trace === name),
        policies,
      ),
    ]),
  ].join('\n\n');
  return { text, images: [{ file: 'bench-hit-ratio.svg', svg: barChart({ title, unit: 'points', bars }) }] };
}

/** @param {readonly any[]} cells @param {readonly string[]} policies */
function gapTable(cells, policies) {
  const whole = cells.filter(({ shardCount }) => shardCount === 1);
  const groups = ['chosen', 'untouched'].map((group) => whole.filter((cell) => cell.group === group));
  return markdownTable(
    [
      'policy',
      'mean gap, one shard',
      'worst gap, one shard',
      'where',
      'mean, chosen',
      'mean, untouched',
      `mean loss by ${SHARDS} shards`,
    ],
    policies.map((policy) => {
      const gap = gapToBest(whole, policy);
      const loss = shardingLoss(roomyCells(cells, SHARDS), policy, SHARDS);
      const means = groups.map((group) => gapToBest(group, policy)?.mean);
      return [
        policy,
        points(gap?.mean),
        points(gap?.worst),
        gap?.where ?? '',
        ...means.map(points),
        points(loss?.mean),
      ];
    }),
  );
}

/** @param {readonly any[]} cells @param {readonly string[]} policies */
function cellTable(cells, policies) {
  return markdownTable(
    ['capacity', 'shards', 'OPT', ...policies],
    cells.map(({ sizePercent, capacity, shardCount, opt, hitRatios }) => [
      `${sizePercent} %: ${capacity}`,
      String(shardCount),
      opt.toFixed(2),
      ...policies.map((policy) => hitRatios[policy].toFixed(2)),
    ]),
  );
}

/** @param {string} name */
function traceLine(name) {
  const trace = TRACES.find((entry) => entry.name === name);
  return trace === undefined
    ? ''
    : `${trace.what[0]?.toUpperCase()}${trace.what.slice(1)}; ${trace.group}; from ${trace.source}.`;
}

/** @param {number | undefined} value */
function points(value) {
  return value === undefined ? '-' : value.toFixed(2);
}

/** @param {unknown} before @param {unknown} after */
function change(before, after) {
  return before === after ? String(after) : `${before} to ${after}`;
}
