/** Where a client stops keeping up, over steps of growing load. Pure. */

/** A step is below the knee while so much of what is offered is answered, and answers take so many times the calmest p99. */
const LEAST_ANSWERED = 0.95;
const MOST_SLOWER = 2;

/**
 * @typedef {object} Step
 * @property {number} load offered, as a share of the capacity
 * @property {number} offeredRps
 * @property {number} answeredShare of the calls
 * @property {number} p99Ms
 */

/**
 * The heaviest step that is kept up with; undefined when none is. What disturbs a lighter one does not decide.
 * @template {Step} T
 * @param {readonly T[]} steps by growing load
 * @returns {T | undefined}
 */
export function findKnee(steps) {
  const mostMs = MOST_SLOWER * calmestP99(steps);
  return steps.findLast(({ answeredShare, p99Ms }) => answeredShare >= LEAST_ANSWERED && p99Ms <= mostMs);
}

/**
 * The p99 of a client that is not pressed: the least of any step that answers all.
 * @param {readonly Step[]} steps
 */
export function calmestP99(steps) {
  return Math.min(...steps.flatMap(({ answeredShare, p99Ms }) => (answeredShare >= LEAST_ANSWERED ? [p99Ms] : [])));
}
