/** The goals of the hit ratio, judged: the policy that chooses, the LLM trace, and what shards cost. */
import { judge, most } from '../../lib/goal.mjs';
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
      judge(most(`${CHOOSER}, mean gap to the best fixed policy, ${name}`, 0.5, 'points'), gap?.mean, { note }),
      judge(most(`${CHOOSER}, worst gap, ${name}`, 3, 'points'), gap?.worst, { note: gap?.where ?? '' }),
    ];
  });
}

/** @param {readonly Cell[]} cells */
function judgeLlm(cells) {
  const behind = cells.flatMap(({ isLlm, hitRatios: { lru, [CHOOSER]: own } }) =>
    isLlm && lru !== undefined && own !== undefined ? [lru - own] : [],
  );
  const worst = behind.length === 0 ? undefined : Math.max(...behind);
  return [judge(most(`${CHOOSER} under LRU on the LLM trace, worst`, 1, 'points'), worst)];
}

/** @param {readonly Cell[]} cells @param {string} defaultPolicy */
function judgeSharding(cells, defaultPolicy) {
  return [...new Set([defaultPolicy, CHOOSER])].flatMap((policy) => {
    const roomy = shardingLoss(roomyCells(cells, SHARDS), policy, SHARDS);
    const all = shardingLoss(cells, policy, SHARDS);
    return [
      judge(
        most(`${policy}, loss by ${SHARDS} shards of 64 entries or more, mean`, 0.2, 'points'),
        roomy?.mean,
        told(roomy),
      ),
      judge(most(`${policy}, loss by ${SHARDS} shards of any size, mean`, 0.2, 'points'), all?.mean, told(all)),
    ];
  });
}

/** @param {import('./gaps.mjs').Gap | undefined} gap */
function told(gap) {
  return gap === undefined ? {} : { note: `${gap.cells} cells; worst ${gap.worst.toFixed(2)}, ${gap.where}` };
}
