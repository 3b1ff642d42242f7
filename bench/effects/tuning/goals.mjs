/** What is asked of the tuner: it helps or does nothing, and a decision that hurts is undone. */
import { judge, least, most } from '../../lib/goal.mjs';
import { median } from '../../lib/statistics.mjs';

/** Points of hit ratio that a try which is then undone may cost over a whole scenario. */
const COST_OF_TRYING = 5;
const HARMLESS = 1;
/** Minutes at the end of a scenario in which what was tried has been undone. */
const LAST_MINUTES = 20;
/** Below these, in milliseconds, nobody is harmed; the pause is the design's bound on any single step. */
const HARMLESS_P99_MS = 1;
const HARMLESS_PAUSE_MS = 10;

/** @typedef {import('./suite.mjs').Simulated} Simulated */
/** @typedef {import('./suite.mjs').Live} Live */

/**
 * @param {readonly Simulated[]} simulated
 * @returns {import('../../lib/goal.mjs').Verdict[]}
 */
export function judgeSimulated(simulated) {
  return simulated.flatMap(({ scenario: { name, expected }, off, on }) => {
    const lost = judge(
      most(`${name}: hit ratio lost by tuning`, expected === 'undone' ? COST_OF_TRYING : HARMLESS, 'points'),
      off.hitRatio - on.hitRatio,
      { note: `${off.hitRatio.toFixed(1)} -> ${on.hitRatio.toFixed(1)} %` },
    );
    if (expected === 'neutral') return [lost];
    if (expected === 'helps') {
      return [judge(least(`${name}: hit ratio gained by tuning`, 3, 'points'), on.hitRatio - off.hitRatio)];
    }
    const undone = on.decisions.filter(({ action }) => action === 'undone');
    return [
      lost,
      judge(least(`${name}: decisions undone`, 1, ''), undone.length),
      judge(most(`${name}: hit ratio lost in the end`, HARMLESS, 'points'), lostInTheEnd(off, on)),
    ];
  });
}

/** The median of the last minutes: one try more or less is not the state it is in. */
function lostInTheEnd(/** @type {Simulated['off']} */ off, /** @type {Simulated['on']} */ on) {
  const [before, after] = [off, on].map(({ hitRatioByMinute }) => median(hitRatioByMinute.slice(-LAST_MINUTES)));
  return Number(before) - Number(after);
}

/**
 * The least over the rounds is compared, phase by phase, with the worse of two equal runs without the tuner: collections
 * and other processes only add to a latency, so the least of several runs tells what the cache itself takes.
 * @param {readonly Live[]} live
 * @returns {import('../../lib/goal.mjs').Verdict[]}
 */
export function judgeLive(live) {
  return live.flatMap(({ plan, runs }) => [
    judgeFactor(`${plan}: typical p99 with tuning, worst phase`, runs, ['typicalP99Ms', HARMLESS_P99_MS]),
    judgeFactor(`${plan}: longest pause with tuning, worst phase`, runs, ['longestTurnMs', HARMLESS_PAUSE_MS]),
    judge(most(`${plan}: hit ratio lost by tuning, worst phase`, HARMLESS, 'points'), worstLoss(runs)),
  ]);
}

/** @param {string} area @param {Live['runs']} runs @param {[figure: string, harmless: number]} figure */
function judgeFactor(area, runs, [figure, harmless]) {
  const phases = phaseNames(runs).map((name, i) => {
    const [off, again, on] = ['off', 'off again', 'on'].map((contender) => phaseLeast(runs, contender, i, figure));
    return { name, off: Number(off), again: Number(again), on: Number(on) };
  });
  const factorOf = (/** @type {(typeof phases)[0]} */ { off, again, on }) => on / Math.max(off, again, harmless);
  const worst = phases.reduce((most, phase) => (factorOf(phase) > factorOf(most) ? phase : most));
  const goal = { ...most(area, 1.2, 'x'), text: `<= 1.2 x, or ${harmless} ms` };
  return judge(goal, factorOf(worst), {
    note: `${worst.name}: ${worst.off.toFixed(2)} and ${worst.again.toFixed(2)} ms without, ${worst.on.toFixed(2)} ms with`,
  });
}

/** @param {Live['runs']} runs */
function worstLoss(runs) {
  const losses = phaseNames(runs).map((_, i) => {
    return phaseMedian(runs, 'off', i, 'hitRatio') - phaseMedian(runs, 'on', i, 'hitRatio');
  });
  return Math.max(...losses);
}

/** @param {Live['runs']} runs @returns {string[]} */
export function phaseNames(runs) {
  return (runs['off']?.[0]?.phases ?? []).map((/** @type {{ name: string }} */ { name }) => name);
}

/**
 * @param {Live['runs']} runs
 * @param {string} contender
 * @param {number} phase
 * @param {string} figure
 */
function phaseLeast(runs, contender, phase, figure) {
  return Math.min(...(runs[contender] ?? []).map(({ phases }) => phases[phase][figure]));
}

/**
 * The median over the rounds of one figure of one phase.
 * @param {Live['runs']} runs
 * @param {string} contender
 * @param {number} phase
 * @param {string} figure
 */
export function phaseMedian(runs, contender, phase, figure) {
  return median((runs[contender] ?? []).map(({ phases }) => phases[phase][figure]));
}
