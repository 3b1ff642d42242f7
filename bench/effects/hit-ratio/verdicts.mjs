/** The goals of the hit ratio, judged: the policy that chooses, the LLM trace, and what shards cost. */
import { judge } from '../../lib/goal.mjs';
import { gapToBest, roomyCells, shardingLoss } from './gaps.mjs';

const CHOOSER = 'adaptive';
const SHARDS = 32;

/** @typedef {import('./cells.mjs').Cell} Cell */

/**
 * @param {readonly Cell[]} cells
 * @param {string} defaultPolicy
 * @returns {import('../../lib/goal.mjs').Verdict[]}
 */
export function judgeHitRatios(cells, defaultPolicy) {
  return [...judgeChooser(cells), ...judgeLlm(cells), ...judgeSharding(cells, defaultPolicy)];
}

/** @param {readonly Cell[]} cells */
function judgeChooser(cells) {
  const groups = /** @type {const} */ ([
    ['all traces', () => true],
    ['traces its parameters were chosen on', ({ group }) => group === 'chosen'],
    ['untouched traces', ({ group }) => group === 'untouched'],
  ]);
  return groups.flatMap(([name, belongs]) => {
    const gap = gapToBest(
      cells.filter((/** @type {Cell} */ cell) => belongs(cell)),
      CHOOSER,
    );
    const note = gap === undefined ? '' : `${gap.cells} cells, on 1 and ${SHARDS} shards`;
    return [
      judge(atMost(`${CHOOSER}, mean gap to the best fixed policy, ${name}`, 0.5), gap?.mean, { note }),
      judge(atMost(`${CHOOSER}, worst gap, ${name}`, 3), gap?.worst, { note: gap?.where ?? '' }),
    ];
  });
}

/** @param {readonly Cell[]} cells */
function judgeLlm(cells) {
  const behind = cells.flatMap(({ isLlm, hitRatios: { lru, [CHOOSER]: own } }) =>
    isLlm && lru !== undefined && own !== undefined ? [lru - own] : [],
  );
  const worst = behind.length === 0 ? undefined : Math.max(...behind);
  return [judge(atMost(`${CHOOSER} under LRU on the LLM trace, worst`, 1), worst)];
}

/** @param {readonly Cell[]} cells @param {string} defaultPolicy */
function judgeSharding(cells, defaultPolicy) {
  return [...new Set([defaultPolicy, CHOOSER])].flatMap((policy) => {
    const roomy = shardingLoss(roomyCells(cells, SHARDS), policy, SHARDS);
    const all = shardingLoss(cells, policy, SHARDS);
    return [
      judge(atMost(`${policy}, loss by ${SHARDS} shards of 64 entries or more, mean`, 0.2), roomy?.mean, told(roomy)),
      judge(atMost(`${policy}, loss by ${SHARDS} shards of any size, mean`, 0.2), all?.mean, told(all)),
    ];
  });
}

/** @param {import('./gaps.mjs').Gap | undefined} gap */
function told(gap) {
  return gap === undefined ? {} : { note: `${gap.cells} cells; worst ${gap.worst.toFixed(2)}, ${gap.where}` };
}

/** @param {string} area @param {number} bound @returns {import('../../lib/goal.mjs').Goal} */
function atMost(area, bound) {
  return { area, text: `<= ${bound} points`, bound, sense: 'most', unit: 'points' };
}
