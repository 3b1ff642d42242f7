/**
 * Calls and failures of the last while: a ring of ten slices of time, each forgotten as a whole, so that a window holds
 * between nine tenths and all of its length. O(1) a call, whatever the traffic.
 */

const SLICES = 10;

export class OutcomeWindow {
  readonly #sliceMs: number;
  readonly #callsOf: Float64Array = new Float64Array(SLICES);
  readonly #failuresOf: Float64Array = new Float64Array(SLICES);
  #slice = Number.NEGATIVE_INFINITY;
  #calls = 0;
  #failures = 0;

  constructor(windowMs: number) {
    this.#sliceMs = windowMs / SLICES;
  }

  /** With a `nowMs` that never goes back. */
  note(successes: number, failures: number, nowMs: number): void {
    this.#turnTo(nowMs);
    const at = this.#slice % SLICES;
    this.#callsOf[at] = (this.#callsOf[at] ?? 0) + successes + failures;
    this.#failuresOf[at] = (this.#failuresOf[at] ?? 0) + failures;
    this.#calls += successes + failures;
    this.#failures += failures;
  }

  calls(nowMs: number): number {
    this.#turnTo(nowMs);
    return this.#calls;
  }

  failures(nowMs: number): number {
    this.#turnTo(nowMs);
    return this.#failures;
  }

  clear(): void {
    this.#callsOf.fill(0);
    this.#failuresOf.fill(0);
    this.#calls = 0;
    this.#failures = 0;
  }

  #turnTo(nowMs: number): void {
    const slice = Math.floor(nowMs / this.#sliceMs);
    if (slice <= this.#slice) return;
    for (let passed = Math.max(this.#slice + 1, slice - SLICES + 1); passed <= slice; passed++) {
      const at = passed % SLICES;
      this.#calls -= this.#callsOf[at] ?? 0;
      this.#failures -= this.#failuresOf[at] ?? 0;
      this.#callsOf[at] = 0;
      this.#failuresOf[at] = 0;
    }
    this.#slice = slice;
  }
}
