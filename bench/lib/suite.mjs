/** What a suite is. Types only. */

/**
 * @typedef {'full' | 'quick' | 'smoke'} Scale
 * full: figures for the docs. quick: the same questions to fewer subjects, a minute or two. smoke: does it run at all.
 */

/**
 * @typedef {object} SuiteContext
 * @property {Scale} scale
 * @property {(text: string) => void} progress one line that replaces the last
 * @property {(text: string) => void} print for good
 * @property {AbortSignal} signal
 * @property {{ sizes?: number[], shapes?: string[], subjects?: string[], workloads?: string[], rounds?: number, launches?: number, minutes?: number }} wanted
 */

/**
 * @typedef {object} SuiteOutcome
 * @property {import('./null-comparison.mjs').NullComparison[]} nulls
 * @property {import('./goal.mjs').Verdict[]} verdicts
 * @property {any} data the suite's own, for its page
 */

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {string} title
 * @property {{ full: number, quick: number }} minutes a whole run takes on two idle cores, about
 * @property {(context: SuiteContext) => Promise<SuiteOutcome>} run
 */

export {};
