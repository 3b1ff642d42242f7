/**
 * The null comparison: a rival against itself, measured like everything else in the same run. What it shows apart from 1
 * is what the run cannot tell. Beyond the limit the run is void: its figures are shown, and are no evidence.
 */

/** A run is void when a rival differs from itself by more than this share. */
export const NULL_LIMIT = 0.05;

/**
 * @typedef {object} NullComparison
 * @property {string} subject
 * @property {string} on what was measured
 * @property {number} ratio median of the paired ratios of the rival against itself
 * @property {boolean} isVoid
 */

/**
 * @param {string} subject
 * @param {string} on
 * @param {number} ratio
 * @returns {NullComparison}
 */
export function judgeNull(subject, on, ratio) {
  const strays = Math.max(ratio, 1 / ratio) - 1;
  // A ratio that is no number is no evidence either.
  return { subject, on, ratio, isVoid: !(strays <= NULL_LIMIT) };
}

/** @param {readonly NullComparison[]} comparisons */
export function isVoidRun(comparisons) {
  return comparisons.length === 0 || comparisons.some((each) => each.isVoid);
}
