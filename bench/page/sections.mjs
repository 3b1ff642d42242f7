/** The sections of the page, one a suite: what its figures say in words, tables and charts. */
import { EFFECT_SECTIONS } from '../effects/sections.mjs';
import { formatCount, formatFigure } from '../lib/goal.mjs';
import { llm } from '../llm/section.mjs';
import { LOAD_SECTIONS } from '../load/sections.mjs';
import { VERBS } from '../suites/keys/verdicts.mjs';
import { barChart } from './bar-chart.mjs';
import { image, markdownTable } from './markdown.mjs';

/**
 * @typedef {object} Section
 * @property {string} text Markdown
 * @property {{ file: string, svg: string }[]} images
 */

/** @typedef {(data: any) => Section} SectionWriter */

const WORKLOAD_TITLES = /** @type {Record<string, string>} */ ({
  'get-same': 'Get, hit, with the very string object that was stored',
  'get-fresh': 'Get, hit, with a fresh string, as from the network',
  'miss-fresh': 'Get, miss, fresh',
  'update-same': 'Set of a known key, same string object',
  'update-fresh': 'Set of a known key, fresh string',
  'set-evict': 'Set of a new key that evicts another',
  zipf: 'Zipf 90/10, fresh: 90 % gets, set on a miss, 10 % sets',
});

/** @type {Record<string, SectionWriter>} */
export const SECTIONS = {
  speed,
  keys,
  memory,
  growth,
  steps,
  gc,
  workloads,
  micro,
  llm,
  ...EFFECT_SECTIONS,
  ...LOAD_SECTIONS,
};

/** @type {SectionWriter} */
function speed({ cells }) {
  const home = cells.filter((/** @type {any} */ cell) => cell.size === 100_000 && cell.shape === 'random');
  const away = cells.filter((/** @type {any} */ cell) => !home.includes(cell));
  const images = home.map(speedChart);
  const text = [
    'Bars are speed as a multiple of lru-cache (of a raw `Map` where it has no rival to speak of): longer is faster. Lines are quartiles of the rounds. `sherd` is a cache as it comes: LRU, TTL of five minutes, metrics on.',
    ...home.flatMap((/** @type {any} */ cell, /** @type {number} */ index) => [
      `### ${WORKLOAD_TITLES[cell.workload]}${cell.isVoid ? ' (void)' : ''}`,
      image(images[index].file, `${cell.workload}: speed beside lru-cache`),
      speedTable(cell),
    ]),
    ...(away.length === 0 ? [] : ['### Other sizes and key shapes', awayTable(away)]),
  ].join('\n\n');
  return { text, images };
}

/** @param {any} cell */
function speedChart({ workload, measured }) {
  const bars = measured
    .map((/** @type {any} */ { subject, overLruCache: { median: value, low, high } }) => {
      return { label: subject, value, low, high, isOurs: isOurs(subject) };
    })
    .sort((/** @type {any} */ a, /** @type {any} */ b) => b.value - a.value);
  const svg = barChart({ title: `${WORKLOAD_TITLES[workload]}: x lru-cache`, unit: 'x', bars });
  return { file: `bench-speed-${workload}.svg`, svg };
}

/** @param {any} cell */
function speedTable({ measured }) {
  return markdownTable(
    ['subject', 'x lru-cache', 'quartiles', 'x Map', 'ns, this machine', 'found'],
    measured.map((/** @type {any} */ { subject, overLruCache, overMap, nanoseconds, foundShare }) => [
      subject,
      formatFigure(overLruCache.median),
      `${formatFigure(overLruCache.low)}-${formatFigure(overLruCache.high)}`,
      overMap.samples === 0 ? '-' : formatFigure(overMap.median),
      formatFigure(nanoseconds.median),
      `${formatFigure(100 * foundShare)} %`,
    ]),
  );
}

/** @param {readonly any[]} cells */
function awayTable(cells) {
  return markdownTable(
    ['workload', 'entries', 'keys', 'sherd x lru-cache', 'sherd x Map', 'best rival x lru-cache'],
    cells.map(({ workload, size, shape, measured, isVoid }) => {
      const own = measured.find((/** @type {any} */ each) => each.subject === 'sherd');
      const rivals = measured.filter((/** @type {any} */ each) => !isOurs(each.subject) && each.subject !== 'map');
      const best = rivals.sort(
        (/** @type {any} */ a, /** @type {any} */ b) => b.overLruCache.median - a.overLruCache.median,
      )[0];
      return [
        `${workload}${isVoid ? ' (void)' : ''}`,
        formatCount(size),
        shape,
        formatFigure(own.overLruCache.median),
        own.overMap.samples === 0 ? '-' : formatFigure(own.overMap.median),
        best === undefined ? '-' : `${best.subject} ${formatFigure(best.overLruCache.median)}`,
      ];
    }),
  );
}

/** @type {SectionWriter} */
function keys({ rows, models }) {
  const bars = rows
    .filter((/** @type {any} */ row) => row.subject === 'sherd')
    .map((/** @type {any} */ { shape, verb, ratio }) => {
      return { label: `${shape}, ${VERBS[verb]}`, value: ratio, isOurs: true };
    });
  const goal = { value: 2, label: 'goal: at most 2x' };
  const svg = barChart({ title: 'p99 of an operation over random keys of the same length', unit: 'x', bars, goal });
  const text = [
    'Each operation counts with its least time over identical rounds; p99 is over operations. The yardstick is random keys of the same length, and of two-byte characters where the shape has such, in the same cache, since a longer key costs more to hash and to compare, whatever is in it. *Crafted* keys are made by someone who knows how this cache hashes, but not its seed: `one-place` and `unread` differ where a hash of learnt places does not look, `shifting` and `taught` first teach one set of places and then differ elsewhere, `sparse` hides few such keys among natural ones, `high-bit` differ in the highest bit of each character alone, which a sum of products keeps together, `fnv-1a` have one hash under a guessed seed, `any-seed` under every seed. Of `document` keys, texts of 64 KB, lru-cache is not measured: V8 gives strings beyond 16,383 characters of one length one hash.',
    image('bench-keys.svg', 'p99 of an operation by key shape'),
    markdownTable(
      ['subject', 'shape', 'characters', 'verb', 'p99 ns', 'random keys', 'ratio'],
      rows.map((/** @type {any} */ { subject, shape, length, verb, p99Ns, randomP99Ns, ratio }) => [
        subject,
        shape,
        String(length),
        VERBS[verb],
        formatFigure(p99Ns),
        formatFigure(randomP99Ns),
        formatFigure(ratio),
      ]),
    ),
    'Hits of the same requests beside a plain LRU of a few lines. With one shard they are the same; with 32, chance decides which keys share a shard, so hits are held against random keys under several seeds, in standard errors of their difference.',
    markdownTable(
      ['keys', 'entries', 'plain LRU', '1 shard', '32 shards', 'behind random keys, errors'],
      models.map((/** @type {any} */ { shape, size, requests, modelHits, oneShardHits, manyShardHits, behind }) => [
        shape,
        String(size),
        ...[modelHits, oneShardHits, manyShardHits].map((hits) => `${((100 * hits) / requests).toFixed(2)} %`),
        formatFigure(behind),
      ]),
    ),
  ].join('\n\n');
  return { text, images: [{ file: 'bench-keys.svg', svg }] };
}

/** @type {SectionWriter} */
function memory({ size, rows }) {
  const bars = rows
    .map((/** @type {any} */ { subject, churned }) => ({ label: subject, value: churned, isOurs: isOurs(subject) }))
    .sort((/** @type {any} */ a, /** @type {any} */ b) => a.value - b.value);
  const title = `Bytes an entry beyond key and value, ${formatCount(size)} entries, half replaced`;
  const svg = barChart({ title, unit: 'B', bars, goal: { value: 50, label: 'goal: at most 50 B' } });
  const text = [
    image('bench-memory.svg', title),
    markdownTable(
      ['subject', 'full', 'after 50 % churn', 'entries held'],
      rows.map((/** @type {any} */ { subject, full, churned, entries }) => [
        subject,
        `${formatFigure(full)} B`,
        `${formatFigure(churned)} B`,
        String(entries),
      ]),
    ),
  ].join('\n\n');
  return { text, images: [{ file: 'bench-memory.svg', svg }] };
}

/** @type {SectionWriter} */
function growth({ rows }) {
  const sizes = /** @type {number[]} */ ([...new Set(rows.map((/** @type {any} */ row) => row.size))]);
  const images = sizes.map((size) => {
    const bars = rows
      .filter((/** @type {any} */ row) => row.size === size && !row.subject.includes('#'))
      .map((/** @type {any} */ { subject, worstMs }) => ({ label: subject, value: worstMs, isOurs: isOurs(subject) }));
    const title = `Worst single set while growing to ${formatCount(size)} entries (logarithmic)`;
    const goal = { value: 10, label: 'goal: at most 10 ms' };
    return {
      file: `bench-growth-${formatCount(size)}.svg`,
      svg: barChart({ title, unit: 'ms', bars, goal, isLogarithmic: true }),
      title,
    };
  });
  const text = [
    'For each set its least time over five identical runs, then the worst of them. Sets that overlapped a garbage collection do not count, and are counted; `#2` is the same again, in another process.',
    ...images.map(({ file, title }) => image(file, title)),
    markdownTable(
      ['subject', 'to', 'worst', 'at set', 'with collections', 'overlapped one'],
      rows.map((/** @type {any} */ { subject, size, worstMs, worstIndex, worstRawMs, excluded }) => [
        subject,
        formatCount(size),
        `${formatFigure(worstMs)} ms`,
        String(worstIndex),
        `${formatFigure(worstRawMs)} ms`,
        String(excluded),
      ]),
    ),
  ].join('\n\n');
  return { text, images };
}

/** @type {SectionWriter} */
function steps({ size, rows }) {
  const bars = rows.map((/** @type {any} */ { operation, worstMs, isOurs: own }) => ({
    label: shorten(operation),
    value: worstMs,
    isOurs: own,
  }));
  const title = `Longest stop of the event loop, ${formatCount(size)} entries (logarithmic)`;
  const goal = { value: 10, label: 'goal: at most 10 ms' };
  const svg = barChart({ title, unit: 'ms', bars, goal, isLogarithmic: true });
  const text = [
    'A step is what lies between two turns of the event loop. The same law as for growth; "calmest run" is the worst step of the best run, without that law.',
    image('bench-steps.svg', title),
    markdownTable(
      ['operation', 'worst step', 'steps', 'calmest run', 'with collections', 'in all'],
      rows.map((/** @type {any} */ { operation, worstMs, steps: count, leastWorstMs, worstRawMs, totalMs }) => [
        operation,
        `${formatFigure(worstMs)} ms`,
        String(count),
        `${formatFigure(leastWorstMs)} ms`,
        `${formatFigure(worstRawMs)} ms`,
        `${formatFigure(totalMs)} ms`,
      ]),
    ),
  ].join('\n\n');
  return { text, images: [{ file: 'bench-steps.svg', svg }] };
}

/** @type {SectionWriter} */
function gc({ size, valueBytes, rows }) {
  const bars = rows.map((/** @type {any} */ { subject, pauseMs: { median: value, low, high } }) => {
    return { label: subject, value, low, high, isOurs: isOurs(subject) };
  });
  const title = `Forced full collection, ${formatCount(size)} values of ${valueBytes} B`;
  const text = [
    'What is on the heap is looked at by the collector, whoever holds it: this is what shared storage is for.',
    image('bench-gc.svg', title),
    markdownTable(
      ['subject', 'pause', 'quartiles', 'CPU time'],
      rows.map((/** @type {any} */ { subject, pauseMs, cpuMs }) => [
        subject,
        `${formatFigure(pauseMs.median)} ms`,
        `${formatFigure(pauseMs.low)}-${formatFigure(pauseMs.high)}`,
        `${formatFigure(cpuMs.median)} ms`,
      ]),
    ),
  ].join('\n\n');
  return { text, images: [{ file: 'bench-gc.svg', svg: barChart({ title, unit: 'ms', bars }) }] };
}

/** @type {SectionWriter} */
function workloads({ cells }) {
  const rows = cells.flatMap((/** @type {any} */ cell) =>
    cell.rows.map((/** @type {any} */ { subject, nanoseconds, overRival, hitRatio, entries }) => [
      cell.traffic,
      subject,
      formatFigure(overRival.median),
      formatFigure(nanoseconds.median),
      `${formatFigure(100 * hitRatio)} %`,
      String(entries),
    ]),
  );
  const text = [
    "Each profile as `withPerformanceProfile(profile), withWorkloadType(traffic)` makes it, beside a cache as it comes. `set-then-get` is the guide's own benchmark: random keys, each set and then read. Values are texts of 1.5 KB, which `memory-efficient` compresses.",
    markdownTable(['traffic', 'profile or subject', 'x lru-cache+ttl', 'ns', 'hits', 'entries'], rows),
  ].join('\n\n');
  return { text, images: [] };
}

/** @type {SectionWriter} */
function micro({ rows }) {
  const text = [
    'By tinybench, all verbs in one process, for orientation. The clock around each call is in the figures.',
    markdownTable(
      ['verb', 'mean', 'p50', 'p99'],
      rows.map((/** @type {any} */ { name, meanNs, p50Ns, p99Ns }) => [
        name,
        ...[meanNs, p50Ns, p99Ns].map((value) => `${formatFigure(value)} ns`),
      ]),
    ),
  ].join('\n\n');
  return { text, images: [] };
}

/** @param {string} subject */
function isOurs(subject) {
  return subject.includes('sherd');
}

/** @param {string} operation */
function shorten(operation) {
  return operation.length <= 44 ? operation : `${operation.slice(0, 43)}…`;
}
