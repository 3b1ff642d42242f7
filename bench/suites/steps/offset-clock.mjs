/** A real clock that can be moved forward, so that a million entries expire at one moment without waiting for it. */

export class OffsetClock {
  constructor() {
    this.offsetMs = 0;
  }
  nowMs() {
    return performance.now() + this.offsetMs;
  }
  wallMs() {
    return Date.now() + this.offsetMs;
  }
  /**
   * @param {number} delayMs
   * @param {() => void} fn
   */
  setTimer(delayMs, fn) {
    const timer = setTimeout(fn, Math.min(delayMs, 2 ** 31 - 1)).unref();
    return () => clearTimeout(timer);
  }
  /** @param {number} ms */
  advance(ms) {
    this.offsetMs += ms;
  }
}
