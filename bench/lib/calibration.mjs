/**
 * A fixed piece of work that every measured process also does: half arithmetic, half dependent loads from a table larger
 * than the second-level cache. A subject's time divided by this loop's time, in the same process and moment, takes the
 * machine's mood out of the figure.
 */
import { CpuStopwatch } from './cpu-time.mjs';

const TABLE_LENGTH = 2 ** 20;
const ARITHMETIC_STEPS = 1_000_000;
const LOADS = 20_000;

const table = new Uint32Array(TABLE_LENGTH);
let sink = 1;

/** Fills the table and lets the loop reach its final code. */
export function prepareCalibration() {
  for (let i = 0; i < TABLE_LENGTH; i++) table[i] = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  for (let i = 0; i < 5; i++) work();
}

/** CPU nanoseconds the loop took now. */
export function calibrate() {
  const stopwatch = new CpuStopwatch();
  work();
  return stopwatch.elapsedNs();
}

function work() {
  let state = sink | 1;
  for (let i = 0; i < ARITHMETIC_STEPS; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  let position = state & (TABLE_LENGTH - 1);
  for (let i = 0; i < LOADS; i++) position = (/** @type {number} */ (table[position]) ^ i) & (TABLE_LENGTH - 1);
  sink = state ^ position;
}
