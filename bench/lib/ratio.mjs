/** Ratios of paired samples: the same launch and round of two contenders, each against its own calibration loop. */
import { summarize } from './statistics.mjs';

/** @typedef {import('./rounds.mjs').Sample} Sample */

/**
 * Time per operation in units of the calibration loop.
 * @param {Sample} sample
 */
export function normalizedCost(sample) {
  return sample['cpuNs'] / sample['operations'] / sample.calibrationNs;
}

/**
 * How many times as fast `subject` is as `yardstick`: above 1 is faster.
 * @param {readonly Sample[]} subject
 * @param {readonly Sample[]} yardstick
 */
export function speedRatio(subject, yardstick) {
  return summarize(pairs(subject, yardstick).map(([ours, theirs]) => normalizedCost(theirs) / normalizedCost(ours)));
}

/**
 * @param {readonly Sample[]} left
 * @param {readonly Sample[]} right
 * @returns {(readonly [Sample, Sample])[]}
 */
function pairs(left, right) {
  const others = new Map(right.map((sample) => [`${sample.launch}/${sample.round}`, sample]));
  return left.flatMap((sample) => {
    const other = others.get(`${sample.launch}/${sample.round}`);
    return other === undefined ? [] : [/** @type {const} */ ([sample, other])];
  });
}
