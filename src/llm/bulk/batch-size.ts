/**
 * How many requests make a batch, by what batches take: one more after a full batch that was fast, a quarter less after a
 * slow one (additive increase, multiplicative decrease: Chiu and Jain, 1989). Source 000, "Adaptive Batching".
 */

export interface BatchSizeOptions {
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  /** What an answer may take on average. Undefined: twice the fastest of the last 32 batches. */
  readonly targetMs: number | undefined;
}

const WINDOW = 32;
const SLOWER_BY = 2;
const DECREASE = 0.75;

export class BatchSize {
  readonly #options: BatchSizeOptions;
  readonly #recentMs: number[] = [];
  #size: number;

  constructor(options: BatchSizeOptions) {
    this.#options = options;
    this.#size = Math.min(Math.max(options.initial, options.min), options.max);
  }

  get current(): number {
    return this.#size;
  }

  /** A batch has ended whose answers took `averageMs`, from the moment it was sent. O(1). */
  note(averageMs: number, isFull: boolean): void {
    const { targetMs = SLOWER_BY * Math.min(averageMs, ...this.#recentMs), max } = this.#options;
    this.#recentMs.push(averageMs);
    if (this.#recentMs.length > WINDOW) this.#recentMs.shift();
    if (averageMs > targetMs) this.shrink();
    else if (isFull) this.#size = Math.min(max, this.#size + 1);
  }

  /** For a batch of which a request was refused for want of capacity, too. */
  shrink(): void {
    this.#size = Math.max(this.#options.min, Math.floor(this.#size * DECREASE));
  }
}
