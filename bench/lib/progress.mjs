/** Progress on standard error: one line that replaces the last on a terminal, a line now and then elsewhere. */

const QUIET_MS = 10_000;

export class Progress {
  constructor(stream = process.stderr) {
    this.stream = stream;
    this.lastMs = Number.NEGATIVE_INFINITY;
  }

  /** @param {string} text */
  show(text) {
    if (this.stream.isTTY) {
      this.stream.write(`\r\x1b[2K${text}`);
    } else if (performance.now() - this.lastMs >= QUIET_MS) {
      this.lastMs = performance.now();
      this.stream.write(`${text}\n`);
    }
  }

  /** Leaves a clean line for what is printed next. */
  clear() {
    if (this.stream.isTTY) this.stream.write('\r\x1b[2K');
  }
}
