/** What the cells say: how far a policy is from the best fixed one, and what shards cost. In points of hit ratio. */
import { FIXED } from './cells.mjs';

/** Below this many entries a shard sees too little to choose well; the library recommends no such split. */
const ENTRIES_A_SHARD = 64;

/** @typedef {import('./cells.mjs').Cell} Cell */
/** @typedef {{ cells: number, mean: number, worst: number, where: string }} Gap */

/**
 * The gap of a policy to the best fixed one: above 0 is behind. Undefined without cells that have both.
 * @param {readonly Cell[]} cells
 * @param {string} policy
 */
export function gapToBest(cells, policy) {
  return summarizeGaps(
    cells.flatMap((cell) => {
      const own = cell.hitRatios[policy];
      const best = bestFixed(cell);
      return own === undefined || best === undefined ? [] : [{ cell, points: best - own }];
    }),
  );
}

/** @param {Cell} cell */
export function bestFixed({ hitRatios }) {
  const known = FIXED.flatMap((policy) => hitRatios[policy] ?? []);
  return known.length === 0 ? undefined : Math.max(...known);
}

/**
 * What `shardCount` shards lose against one.
 * @param {readonly Cell[]} cells
 * @param {string} policy
 * @param {number} shardCount
 */
export function shardingLoss(cells, policy, shardCount) {
  return summarizeGaps(
    cells.flatMap((cell) => {
      if (cell.shardCount !== shardCount) return [];
      const whole = cells.find((other) => other.shardCount === 1 && isSameCell(other, cell))?.hitRatios[policy];
      const own = cell.hitRatios[policy];
      return whole === undefined || own === undefined ? [] : [{ cell, points: whole - own }];
    }),
  );
}

/**
 * Cells whose shards would hold enough entries if there were `shardCount` of them.
 * @param {readonly Cell[]} cells
 * @param {number} shardCount
 */
export function roomyCells(cells, shardCount) {
  return cells.filter(({ capacity }) => capacity / shardCount >= ENTRIES_A_SHARD);
}

/**
 * @param {readonly { cell: Cell, points: number }[]} gaps
 * @returns {Gap | undefined}
 */
function summarizeGaps(gaps) {
  const [first] = gaps;
  if (first === undefined) return undefined;
  const worst = gaps.reduce((most, gap) => (gap.points > most.points ? gap : most), first);
  const { trace, sizePercent, shardCount } = worst.cell;
  return {
    cells: gaps.length,
    mean: gaps.reduce((sum, { points }) => sum + points, 0) / gaps.length,
    worst: worst.points,
    where: `${trace} ${sizePercent} %, ${shardCount} shard(s)`,
  };
}

/** @param {Cell} a @param {Cell} b */
function isSameCell(a, b) {
  return a.trace === b.trace && a.sizePercent === b.sizePercent;
}
