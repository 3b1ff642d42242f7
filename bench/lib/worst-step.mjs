/**
 * The worst of many steps, such as sets or slices, over several identical runs. A step's time is its least over the runs:
 * what the machine did besides differs from run to run, what the step costs does not. A step that overlapped a garbage
 * collection does not count in that run; one that did so in every run counts with what remains without the collection.
 */

/** @typedef {import('./gc-watch.mjs').Pause} Pause */

/**
 * @typedef {object} WorstStep
 * @property {number} worstMs of the least times, the largest
 * @property {number} worstIndex of which step
 * @property {number} steps
 * @property {number} excluded steps left out of some run because a collection overlapped them, summed over the runs
 * @property {number} alwaysExcluded steps that a collection overlapped in every run
 * @property {number} worstRawMs the largest of all times of all runs, collections and neighbours included
 */

export class StepTimes {
  /** @param {number} capacity the most steps a run may have */
  constructor(capacity) {
    this.leastMs = new Float64Array(capacity).fill(Number.POSITIVE_INFINITY);
    this.leastNetMs = new Float64Array(capacity).fill(Number.POSITIVE_INFINITY);
    this.steps = 0;
    this.excluded = 0;
    this.worstRawMs = 0;
  }

  /**
   * Takes in one run: `marks[i]` and `marks[i + 1]` are the times at which step i began and ended.
   * @param {Float64Array} marks one more than steps
   * @param {readonly Pause[]} pauses in order of time
   */
  addRun(marks, pauses) {
    this.addSpans(marks.subarray(0, -1), marks.subarray(1), pauses);
  }

  /**
   * The same with a begin and an end for each step, for steps that do not follow each other closely.
   * @param {Float64Array} starts in order of time
   * @param {Float64Array} ends
   * @param {readonly Pause[]} pauses in order of time
   */
  addSpans(starts, ends, pauses) {
    let next = 0;
    this.steps = Math.max(this.steps, starts.length);
    for (let i = 0; i < starts.length; i++) {
      const [start, end] = [/** @type {number} */ (starts[i]), /** @type {number} */ (ends[i])];
      while (next < pauses.length && /** @type {Pause} */ (pauses[next]).endMs <= start) next++;
      let pausedMs = 0;
      for (let at = next; at < pauses.length; at++) {
        const pause = /** @type {Pause} */ (pauses[at]);
        if (pause.startMs >= end) break;
        pausedMs += Math.min(end, pause.endMs) - Math.max(start, pause.startMs);
      }
      const ms = end - start;
      this.worstRawMs = Math.max(this.worstRawMs, ms);
      this.leastNetMs[i] = Math.min(/** @type {number} */ (this.leastNetMs[i]), ms - pausedMs);
      if (pausedMs > 0) this.excluded++;
      else this.leastMs[i] = Math.min(/** @type {number} */ (this.leastMs[i]), ms);
    }
  }

  /** @returns {WorstStep} */
  worst() {
    let worstMs = 0;
    let worstIndex = -1;
    let alwaysExcluded = 0;
    for (let i = 0; i < this.steps; i++) {
      const least = /** @type {number} */ (this.leastMs[i]);
      if (least === Number.POSITIVE_INFINITY) alwaysExcluded++;
      const ms = least === Number.POSITIVE_INFINITY ? /** @type {number} */ (this.leastNetMs[i]) : least;
      if (ms > worstMs) [worstMs, worstIndex] = [ms, i];
    }
    const { steps, excluded, worstRawMs } = this;
    return { worstMs, worstIndex, steps, excluded, alwaysExcluded, worstRawMs };
  }
}
