/** What the tuning suite prints: scenarios side by side, decisions with their evidence, latencies with and without. */
import { textTable } from '../../lib/text-table.mjs';
import { phaseMedian, phaseNames } from './goals.mjs';

const UNIT_MS = { minute: 60_000, second: 1_000 };
const SHOWN = ['applied', 'kept', 'undone'];

/** @param {readonly import('./suite.mjs').Simulated[]} simulated */
export function simulatedTable(simulated) {
  return textTable(
    ['simulated scenario', 'hit ratio off', 'on', 'difference', 'entries off', 'on', 'moves', 'undone'],
    simulated.map(({ scenario, off, on }) => [
      scenario.name,
      `${off.hitRatio.toFixed(2)} %`,
      `${on.hitRatio.toFixed(2)} %`,
      signed(on.hitRatio - off.hitRatio),
      off.meanEntries.toFixed(0),
      on.meanEntries.toFixed(0),
      String(on.moves),
      String(on.decisions.filter(({ action }) => action === 'undone').length),
    ]),
  );
}

/**
 * The decisions that changed or settled something; what it only thought of is in the result file.
 * @param {string} name
 * @param {readonly any[]} decisions
 * @param {'minute' | 'second'} unit
 */
export function decisionTable(name, decisions, unit) {
  const startMs = decisions[0]?.atMs ?? 0;
  return textTable(
    [name, unit, 'reason', 'shards', 'cleanup', 'hit ratio', 'p99 of reads'],
    decisions
      .filter(({ action }) => SHOWN.includes(action))
      .map(({ action, atMs, reason, before, after, figures, figuresBefore = figures }) => [
        action,
        `+${((atMs - startMs) / UNIT_MS[unit]).toFixed(unit === 'minute' ? 0 : 1)}`,
        reason,
        change(String(before.shardCount), String(after.shardCount)),
        change(`${before.cleanupIntervalMs / 60_000} min`, `${after.cleanupIntervalMs / 60_000} min`),
        change(percent(figuresBefore.hitRate), percent(figures.hitRate)),
        change(microseconds(figuresBefore.p99GetLatency), microseconds(figures.p99GetLatency)),
      ]),
  );
}

/** @param {import('./suite.mjs').Live} live */
export function liveTable({ plan, runs }) {
  const figures = /** @type {const} */ (['p50Ms', 'typicalP99Ms', 'p99Ms', 'longestTurnMs']);
  return textTable(
    [plan, 'tuner', 'shards', 'hit ratio', 'p50 ms', 'typical p99', 'p99 ms', 'longest pause ms', 'moving ms'],
    phaseNames(runs).flatMap((name, i) =>
      Object.keys(runs).map((contender) => [
        name,
        contender,
        phaseMedian(runs, contender, i, 'shardCount').toFixed(0),
        `${phaseMedian(runs, contender, i, 'hitRatio').toFixed(2)} %`,
        ...figures.map((figure) => phaseMedian(runs, contender, i, figure).toFixed(3)),
        phaseMedian(runs, contender, i, 'movingMs').toFixed(0),
      ]),
    ),
  );
}

/** @param {string} before @param {string} after */
function change(before, after) {
  return before === after ? after : `${before} -> ${after}`;
}

/** @param {number} fraction */
function percent(fraction) {
  return `${(100 * fraction).toFixed(1)} %`;
}

/** @param {number} ms */
function microseconds(ms) {
  return `${(1000 * ms).toFixed(1)} us`;
}

/** @param {number} points */
function signed(points) {
  return `${points < 0 ? '' : '+'}${points.toFixed(2)}`;
}
