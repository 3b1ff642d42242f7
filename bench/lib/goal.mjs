/** A goal, what was measured against it, and the verdict: reached, or missed by how much. */

/**
 * @typedef {object} Goal
 * @property {string} area
 * @property {string} text as it is printed
 * @property {number} bound
 * @property {'least' | 'most'} sense whether the bound is the least or the most that will do
 * @property {string} unit e.g. 'x', 'ms', 'B'
 */

/**
 * @typedef {object} Verdict
 * @property {string} area
 * @property {string} goal
 * @property {string} rivals
 * @property {number | null} measured null: not measured
 * @property {string} unit
 * @property {boolean} isReached
 * @property {number | null} missedBy the factor between measured and bound, above 1; null when reached or not measured
 * @property {boolean} isVoid whether it rests on a comparison that the null comparison voided
 * @property {string} [note]
 */

/**
 * The goal of reaching a bound.
 * @param {string} area
 * @param {number} bound
 * @param {string} unit
 * @returns {Goal}
 */
export function least(area, bound, unit) {
  return { area, text: `>= ${bound} ${unit}`.trim(), bound, sense: 'least', unit };
}

/**
 * The goal of staying within a bound.
 * @param {string} area
 * @param {number} bound
 * @param {string} unit
 * @returns {Goal}
 */
export function most(area, bound, unit) {
  return { area, text: `<= ${bound} ${unit}`.trim(), bound, sense: 'most', unit };
}

/**
 * @param {Goal} goal
 * @param {number | undefined} measured
 * @param {{ rivals?: string, note?: string, isVoid?: boolean }} [context]
 * @returns {Verdict}
 */
export function judge(goal, measured, { rivals = '', note, isVoid = false } = {}) {
  const known = measured === undefined || Number.isNaN(measured) ? null : measured;
  const isReached = known !== null && (goal.sense === 'least' ? known >= goal.bound : known <= goal.bound);
  return {
    area: goal.area,
    goal: goal.text,
    rivals,
    measured: known,
    unit: goal.unit,
    isReached,
    missedBy: known === null || isReached ? null : missedBy(goal, known),
    isVoid,
    ...(note === undefined ? {} : { note }),
  };
}

/** @param {Verdict} verdict */
export function describeVerdict({ measured, isReached, missedBy, isVoid }) {
  if (measured === null) return 'not measured';
  // A near miss is not to look like none.
  const factor = missedBy === null ? '' : missedBy < 1.1 ? missedBy.toFixed(3) : formatFigure(missedBy);
  // Of a bound of nothing there is no multiple.
  const missed = missedBy === Infinity ? 'missed' : `missed by ${factor}x`;
  const verdict = isReached ? 'reached' : missed;
  return isVoid ? `void (${verdict})` : verdict;
}

/**
 * Three digits that matter.
 * @param {number} value
 */
export function formatFigure(value) {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

/**
 * 10k, 4M.
 * @param {number} count
 */
export function formatCount(count) {
  if (count >= 1e6) return `${count / 1e6}M`;
  return count >= 1_000 ? `${count / 1_000}k` : String(count);
}

/**
 * @param {Goal} goal
 * @param {number} measured
 */
function missedBy({ sense, bound }, measured) {
  return sense === 'least' ? bound / measured : measured / bound;
}
