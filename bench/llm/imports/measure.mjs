/**
 * What an import adds to the life of a cold process: wall time from its start to its end, less that of one which imports
 * nothing, paired by rounds in random order.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { formatFigure, judge } from '../../lib/goal.mjs';
import { judgeNull } from '../../lib/null-comparison.mjs';
import { isVoidRun } from '../../lib/outcome.mjs';
import { Random } from '../../lib/random.mjs';
import { median, summarize } from '../../lib/statistics.mjs';
import { distOf } from '../../lib/subjects/sherd.mjs';
import { twinOf } from '../../lib/subjects/subject.mjs';
import { textTable } from '../../lib/text-table.mjs';
import { IMPORT_GOALS } from '../goals.mjs';

const PROBE = fileURLToPath(new URL('./probe.mjs', import.meta.url));
const ROUNDS = { full: 21, quick: 9, smoke: 1 };
const NOTHING = 'nothing';
/** The null comparison's: it takes long enough for a difference of one in twenty to be no chance. */
const RIVAL = 'ai + @ai-sdk/openai';

/** @param {boolean} [isBase] */
function ownEntry(/** @type {string} */ path, isBase = false) {
  return pathToFileURL(`${distOf(isBase)}/${path}`).href;
}

/** By name what is imported. @returns {Record<string, readonly string[]>} */
function entries() {
  return {
    [NOTHING]: [],
    sherd: [ownEntry('index.js')],
    'sherd/llm': [ownEntry('llm/index.js')],
    'sherd/cache': [ownEntry('cache/index.js')],
    ...(process.env['SHERD_BASE'] === undefined
      ? {}
      : { 'sherd-base': [ownEntry('index.js', true)], 'sherd-base/cache': [ownEntry('cache/index.js', true)] }),
    undici: ['undici'],
    openai: ['openai'],
    [RIVAL]: ['ai', '@ai-sdk/openai'],
    [twinOf(RIVAL)]: ['ai', '@ai-sdk/openai'],
    '@langchain/openai': ['@langchain/openai'],
    '@anthropic-ai/sdk': ['@anthropic-ai/sdk'],
    'lru-cache': ['lru-cache'],
    '@cacheable/memory': ['@cacheable/memory'],
  };
}

/** @param {import('../../lib/suite.mjs').SuiteContext} context */
export function measureImports(context) {
  const { scale, print } = context;
  const rounds = context.wanted.rounds ?? ROUNDS[scale];
  const times = runRounds(rounds, context);
  if (scale !== 'smoke' && nullOf(times).isVoid) {
    const more = runRounds(rounds, context);
    for (const [name, own] of times) own.push(...(more.get(name) ?? []));
  }
  const nulls = [nullOf(times)];
  const isVoid = isVoidRun(scale, nulls);
  const rows = [...times.keys()]
    .filter((name) => !name.includes('#') && name !== NOTHING)
    .map((name) => ({ name, ms: summarize(addedMs(times, name)) }));
  print(`\nimport in a cold process\n${tableOf(rows)}`);
  const verdicts = IMPORT_GOALS.map(({ entry, rivals, goal }) => {
    const of = (/** @type {string} */ name) => rows.find((row) => row.name === name)?.ms;
    const own = of(entry);
    return judge(goal, own?.median, {
      rivals: rivals.map((name) => `${name} ${formatFigure(of(name)?.median ?? Number.NaN)} ms`).join(', '),
      ...(own === undefined ? {} : { note: `quartiles ${formatFigure(own.low)}-${formatFigure(own.high)} ms` }),
      isVoid,
    });
  });
  return { nulls, verdicts, data: { nothingMs: median(times.get(NOTHING) ?? []), isVoid, rows } };
}

/**
 * Milliseconds of each process, by name, in the order of the rounds.
 * @param {number} rounds
 * @param {import('../../lib/suite.mjs').SuiteContext} context
 */
function runRounds(rounds, { signal, progress }) {
  const imported = entries();
  const random = new Random(1);
  const times = new Map(Object.keys(imported).map((name) => [name, /** @type {number[]} */ ([])]));
  for (let round = 0; round < rounds; round++) {
    progress(`llm: imports, round ${round + 1} of ${rounds}`);
    for (const [name, specifiers] of random.shuffled(Object.entries(imported))) {
      signal.throwIfAborted();
      times.get(name)?.push(timeProcess(specifiers));
    }
  }
  return times;
}

/** @param {readonly string[]} specifiers */
function timeProcess(specifiers) {
  const startMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [PROBE, ...specifiers], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${specifiers.join(', ')} cannot be imported: ${stderr}`);
  return performance.now() - startMs;
}

/**
 * @param {ReturnType<typeof runRounds>} times
 * @param {string} name
 */
function addedMs(times, name) {
  const nothing = times.get(NOTHING) ?? [];
  return (times.get(name) ?? []).map((ms, round) => ms - (nothing[round] ?? Number.NaN));
}

/** @param {ReturnType<typeof runRounds>} times */
function nullOf(times) {
  return judgeNull(RIVAL, 'import', median(addedMs(times, twinOf(RIVAL))) / median(addedMs(times, RIVAL)));
}

/** @param {readonly { name: string, ms: import('../../lib/statistics.mjs').Summary }[]} rows */
function tableOf(rows) {
  return textTable(
    ['import', 'ms', 'quartiles'],
    rows.map(({ name, ms: { median: value, low, high } }) => [
      name,
      formatFigure(value),
      `${formatFigure(low)}-${formatFigure(high)}`,
    ]),
  );
}
