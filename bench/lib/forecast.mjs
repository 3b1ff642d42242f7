/** How long a run takes, by what its suites say they take: told before it begins, and corrected as suites end. */

/** @typedef {{ name: string, minutes: { full: number, quick: number } }} Timed */

export class Forecast {
  /**
   * @param {readonly Timed[]} suites in the order they run
   * @param {import('./suite.mjs').Scale} scale
   */
  constructor(suites, scale) {
    this.expectedMs = suites.map(({ minutes }) => (scale === 'smoke' ? 0 : minutes[scale] * 60_000));
    this.names = suites.map(({ name }) => name);
    this.startsMs = /** @type {number[]} */ ([]);
  }

  /** One line: the whole, and each suite's share. */
  describe() {
    const each = this.names.map((name, index) => `${name} ${inMinutes(this.expectedMs[index] ?? 0)}`);
    return `about ${inMinutes(this.leftMs(0))} min on two idle cores: ${each.join(', ')}`;
  }

  /**
   * The next suite begins.
   * @param {number} nowMs
   */
  begin(nowMs) {
    this.startsMs.push(nowMs);
  }

  /**
   * Milliseconds left. A suite that takes longer than expected is taken to be nearly done; those to come are expected to
   * be as much slower or faster as those that are over.
   * @param {number} nowMs
   */
  leftMs(nowMs) {
    const current = this.startsMs.length - 1;
    if (current < 0) return sum(this.expectedMs);
    const [first, started] = [this.startsMs[0] ?? nowMs, this.startsMs[current] ?? nowMs];
    const expectedMs = sum(this.expectedMs.slice(0, current));
    const pace = expectedMs > 0 ? (started - first) / expectedMs : 1;
    const ownMs = Math.max(0, (this.expectedMs[current] ?? 0) * pace - (nowMs - started));
    return ownMs + sum(this.expectedMs.slice(current + 1)) * pace;
  }

  /**
   * What stands before a line of progress.
   * @param {number} nowMs
   */
  label(nowMs) {
    const leftMs = this.leftMs(nowMs);
    return leftMs > 0 ? `[${inMinutes(leftMs)} min left] ` : '';
  }
}

/** @param {number} ms */
function inMinutes(ms) {
  const minutes = ms / 60_000;
  return minutes < 3 ? minutes.toFixed(1) : minutes.toFixed(0);
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
