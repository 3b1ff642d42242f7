/**
 * Ratios of paired rounds: the same launch and round of two contenders, each against the calibration loop of its own
 * process. The loop's median over the process is taken: its moods within a process would only add to the spread, since
 * rounds that stand side by side already share the moment.
 */
import { median, summarize } from './statistics.mjs';

/** @typedef {import('./rounds.mjs').Sample} Sample */

/**
 * Calibration loops an operation, a figure a sample, in their order.
 * @param {readonly Sample[]} samples of one contender
 */
export function normalizedCosts(samples) {
  const launches = new Set(samples.map(({ launch }) => launch));
  const loopNs = new Map([...launches].map((launch) => [launch, median(loopsOf(samples, launch))]));
  return samples.map((each) => each['cpuNs'] / each['operations'] / (loopNs.get(each.launch) ?? Number.NaN));
}

/**
 * How many times as fast `subject` is as `yardstick`: above 1 is faster.
 * @param {readonly Sample[]} subject
 * @param {readonly Sample[]} yardstick
 */
export function speedRatio(subject, yardstick) {
  const theirs = new Map(normalizedCosts(yardstick).map((cost, index) => [placeOf(yardstick[index]), cost]));
  const ratios = normalizedCosts(subject).map((cost, index) => (theirs.get(placeOf(subject[index])) ?? Number.NaN) / cost);
  return summarize(ratios.filter((ratio) => !Number.isNaN(ratio)));
}

/**
 * @param {readonly Sample[]} samples
 * @param {number} wanted
 */
function loopsOf(samples, wanted) {
  return samples.filter(({ launch }) => launch === wanted).map(({ calibrationNs }) => calibrationNs);
}

/** @param {Sample | undefined} sample */
function placeOf(sample) {
  return `${sample?.launch}/${sample?.round}`;
}
