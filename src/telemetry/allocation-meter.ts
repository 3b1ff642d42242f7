/**
 * Bytes allocated, as far as they show from outside: the growth of what is in use from one look to the next, summed. What
 * a garbage collection took away between two looks is not seen, so the sum is a lower bound, close where looks are many.
 */
export class AllocationMeter {
  readonly #bytesInUse: () => number;
  #before: number;
  #allocated = 0;

  constructor(bytesInUse: () => number) {
    this.#bytesInUse = bytesInUse;
    this.#before = bytesInUse();
  }

  /** Since the start. */
  get allocatedBytes(): number {
    return this.#allocated;
  }

  look(): void {
    const now = this.#bytesInUse();
    this.#allocated += Math.max(0, now - this.#before);
    this.#before = now;
  }
}
