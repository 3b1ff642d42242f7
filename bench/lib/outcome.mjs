/** What a run comes to: whether its figures are evidence, and the exit code that says so. */

/** @typedef {import('./null-comparison.mjs').NullComparison} NullComparison */

export const EXIT = /** @type {const} */ ({ measured: 0, error: 1, void: 2, interrupted: 130 });

/**
 * Whether a rival strayed from itself. A smoke run shows that the commands work; it is too short to say more.
 * @param {import('./suite.mjs').Scale} scale
 * @param {readonly NullComparison[]} nulls none for a suite that times nothing
 */
export function isVoidRun(scale, nulls) {
  return scale !== 'smoke' && nulls.some((each) => each.isVoid);
}

/**
 * A goal that is missed is a finding, not a failure, unless the run is a strict one.
 * @param {readonly { isVoid: boolean, verdicts?: readonly import('./goal.mjs').Verdict[] }[]} suites
 */
export function exitCodeOf(suites, isStrict = false) {
  if (suites.some((suite) => suite.isVoid)) return EXIT.void;
  const isMissed = suites.some(({ verdicts = [] }) => verdicts.some(({ missedBy }) => missedBy !== null));
  return isStrict && isMissed ? EXIT.error : EXIT.measured;
}
